"""Listening while it plays finds what a search of the whole recording finds."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_rig import RATE_HZ
from harness.bench.drivers.simulated_sound import SimulatedSound
from harness.ears.listener import PromptListener
from harness.ears.prompts import PromptBook
from tests.stage.simulated_scene import paths, prompt, write_prompts

_KEYS = ("am_here", "ask_message", "read_back", "sent")


@cache
def book_on_file() -> PromptBook:
    with TemporaryDirectory() as folder:
        path = paths()["device", "listener"]
        return PromptBook.load(write_prompts(Path(folder), _KEYS), RATE_HZ, path)


def _room(clock: AgendaClock) -> SimulatedSound:
    known = paths()
    return SimulatedSound(clock, ("table",), lambda s, m: known.get((s, m)), lambda _: None)


@settings(max_examples=15)
@given(
    said=st.lists(st.tuples(st.floats(0.2, 2.0), st.sampled_from(_KEYS)), min_size=1, max_size=5),
    step_s=st.sampled_from((0.05, 0.1, 0.37, 1.1, 6.0)),
)
def test_however_often_it_is_asked_it_hears_the_same(
    said: list[tuple[float, str]], step_s: float
) -> None:
    clock = AgendaClock(1000.0)
    room = _room(clock)
    room.record(Path("nowhere"))
    book = book_on_file()
    listener = PromptListener(room, "listener", book)
    at = 0
    for pause_s, key in said:
        at += round(pause_s * room.rate_hz)
        room.device_says(prompt(key), at)
        at += len(prompt(key))
    end_s = at / room.rate_hz + 1.5
    heard: list[tuple[int, int]] = []
    while clock.now_s() < 1000.0 + end_s:
        clock.wait_s(step_s)
        # A little later: a better place for the same prompt is the same prompt.
        newest = listener.heard(after=heard[-1][1] + 160 if heard else 0)
        if newest is not None:
            heard.append(newest)
    whole = book.spot(room.read("listener", 0, room.heard_until()), room.rate_hz)
    assert len(whole) == len(said)
    if step_s <= 0.1:  # asked rarely, it tells the newest of several
        starts = np.array([start for start, _ in heard]) / room.rate_hz
        assert starts == pytest.approx([found.start_s for found in whole], abs=1e-3)
    assert heard[-1][1] / room.rate_hz == pytest.approx(whole[-1].end_s, abs=1e-3)
