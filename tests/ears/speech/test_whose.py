"""WhoseVoice voice it is, by delay and level at two microphones."""

import numpy as np
import pytest
import scipy.signal

from benchmarks.ears_rooms import paths_of
from harness.bench.ports.sound import Samples
from harness.ears.cancel import RATE_HZ, Cancelled
from harness.ears.speech import Finder, Found, Placement, WhoseVoice, find
from tests.ears.speech.sounds import cancelled, noise, pieces, put, said

LINES = [said("are-you-there"), said("thomas-reed"), said("send-it"), said("yes-please")]


def in_the_room(place: str, t60_s: float = 0.5, gain: float = 1.0) -> tuple[Samples, Samples]:
    """Lines said at a place of the kitchen, at the listener's and at the device's microphone."""
    dry = np.zeros(14 * RATE_HZ, dtype=np.float32)
    for number, line in enumerate(LINES):
        put(dry, line, 2.0 + 3.0 * number, gain)
    paths = paths_of(t60_s, RATE_HZ)
    heard = [
        scipy.signal.oaconvolve(dry, paths[place, microphone])[: len(dry)].astype(np.float32)
        + noise(14.0, seed, 3e-4)
        for seed, microphone in enumerate(("listener", "device"))
    ]
    return heard[0], heard[1]


def found(place: str, placement: Placement | None = None, t60_s: float = 0.5) -> Found:
    listener, beside = in_the_room(place, t60_s)
    return find(cancelled(listener), cancelled(beside), placement=placement)


@pytest.fixture(scope="module")
def placement() -> Placement:
    """Learnt from one answer, as from that to a control request."""
    speech = found("device").speech[0]
    assert speech.lead_s is not None and speech.louder_db is not None
    return Placement(speech.lead_s, speech.louder_db)


def test_the_device_is_nearer_to_its_own_microphone(placement: Placement) -> None:
    # 2.72 m to the listener, 5 cm to the microphone beside it.
    assert placement.lead_s == pytest.approx((2.72 - 0.05) / 343, abs=5e-4)
    assert placement.louder_db > 3


def test_the_device_is_known_by_where_it_is(placement: Placement) -> None:
    speech = found("device", placement).speech
    assert len(speech) == len(LINES) and {s.whose for s in speech} == {WhoseVoice.DEVICE}


@pytest.mark.parametrize("place", ["table", "counter", "window", "television"])
def test_people_are_somewhere_else(place: str, placement: Placement) -> None:
    speech = found(place, placement).speech
    assert len(speech) == len(LINES) and WhoseVoice.DEVICE not in {s.whose for s in speech}


def test_without_a_second_microphone_or_a_placement_nothing_is_attributed() -> None:
    listener, _ = in_the_room("device")
    alone = find(cancelled(listener)).speech[0]
    assert alone.whose is WhoseVoice.UNATTRIBUTED and alone.lead_s is None
    two = found("device").speech[0]
    assert two.whose is WhoseVoice.UNATTRIBUTED and two.lead_s is not None


def test_the_two_need_not_come_in_step(placement: Placement) -> None:
    listener, beside = (cancelled(sound) for sound in in_the_room("device"))
    finder, events = Finder(placement=placement), []
    nothing = Cancelled(0, listener.residual[:0], listener.residual[:0], ())
    events += finder.push(pieces(listener, [90_000])[0], nothing)
    events += finder.push(pieces(listener, [90_000])[1], beside)
    assert (*events, *finder.finish()) == find(listener, beside, placement=placement).events
