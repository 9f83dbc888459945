"""A watched inbox: when things came is bounded by the looks, and nothing is lost or hidden."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.drivers.inboxes.source import Found, Source, TimesText, as_wav, seconds_of
from harness.bench.drivers.inboxes.watched import WatchedInbox
from harness.clock import SimulatedClock
from harness.errors import RigError
from tests.bench.inboxes.sounds import sound

TIMES = TimesText(poll_s=60.0, delivery_s=2.0)


class Shelf(Source):
    """Messages that come at set times on a simulated clock; looking takes time too."""

    def __init__(self, clock: SimulatedClock, comes_s: dict[str, float]) -> None:
        self.clock, self.comes_s = clock, comes_s
        self.there_s, self.back_s, self.fails = 0.0, 0.0, False
        self.sound: bytes = b""
        self.mark: str | None = None

    def check(self, contacts: Sequence[str]) -> None:
        if "Nobody" in contacts:
            raise RigError("no such contact")

    def keys(self) -> Sequence[str]:
        self.clock.wait_s(self.there_s)
        if self.fails:
            raise RigError("out of reach")
        found = [key for key, at_s in self.comes_s.items() if at_s <= self.clock.now_s()]
        self.clock.wait_s(self.back_s)
        return found

    def fetch(self, key: str) -> Sequence[Found]:
        return [Found("Thomas Reed", key, self.sound, self.mark)]

    def send_canary(self, nonce: str) -> None:
        self.comes_s[nonce] = self.clock.now_s() + 1.0
        self.mark = nonce

    def close(self) -> None:
        pass


def watched(clock: SimulatedClock, comes_s: dict[str, float]) -> tuple[WatchedInbox, Shelf]:
    shelf = Shelf(clock, comes_s)
    return WatchedInbox(shelf, TIMES, clock), shelf


LOOK = st.tuples(st.floats(0.01, 20), st.floats(0, 3), st.floats(0, 3), st.booleans())


@given(
    comes=st.lists(st.floats(100.1, 200), max_size=6, unique=True),
    looks=st.lists(LOOK, max_size=12),
    on_its_way=st.floats(0, 2),
)
def test_when_it_was_sent_is_within_the_bounds(
    comes: list[float],
    looks: list[tuple[float, float, float, bool]],
    on_its_way: float,
) -> None:
    clock = SimulatedClock(100.0)
    inbox, shelf = watched(clock, {f"m{n}": at_s for n, at_s in enumerate(comes)})
    inbox.prepare(["Thomas Reed"])
    for pause_s, there_s, back_s, fails in looks:
        clock.wait_s(pause_s)
        shelf.there_s, shelf.back_s, shelf.fails = there_s, back_s, fails
        if fails:
            with pytest.raises(RigError, match="out of reach"):
                inbox.look()
        else:
            inbox.look()
    shelf.fails, shelf.there_s, shelf.back_s = False, 0.0, 0.0
    clock.wait_s(max(0.0, 201.0 - clock.now_s()))
    told = inbox.messages()
    inbox.close()
    assert sorted(m.message_id for m in told) == sorted(shelf.comes_s)
    for message in told:
        sent_s = shelf.comes_s[message.message_id] - on_its_way
        assert abs(sent_s - message.unix_s) <= message.uncertainty_s + 1e-9


def test_what_was_there_before_is_not_told_and_who_is_unknown_is_refused() -> None:
    clock = SimulatedClock(100.0)
    inbox, _shelf = watched(clock, {"old": 50.0, "new": 101.0})
    with pytest.raises(RigError, match="no such contact"):
        inbox.prepare(["Nobody"])
    inbox.prepare(["Thomas Reed"])
    clock.wait_s(5)
    assert [m.message_id for m in inbox.messages()] == ["new"]
    inbox.prepare(["Thomas Reed"])
    assert inbox.messages() == ()
    inbox.close()


def test_an_inbox_out_of_reach_is_no_empty_inbox() -> None:
    clock = SimulatedClock(100.0)
    inbox, shelf = watched(clock, {})
    inbox.prepare(["Thomas Reed"])
    shelf.fails = True
    with pytest.raises(RigError, match="out of reach"):
        inbox.messages()
    inbox.close()


def test_a_canary_is_waited_for_and_what_was_sent_before_it_has_its_time() -> None:
    clock = SimulatedClock(100.0)
    inbox, shelf = watched(clock, {})
    inbox.prepare(["Thomas Reed"])
    shelf.comes_s["late"] = 101.9
    inbox.send_canary("c0ffee")
    assert 101.0 <= clock.now_s() < 101.5
    told = {m.message_id: m for m in inbox.messages()}
    assert told["c0ffee"].canary == "c0ffee"
    assert clock.now_s() >= 102.0 and "late" in told
    inbox.close()


def test_a_canary_that_does_not_come_is_told() -> None:
    clock = SimulatedClock(100.0)
    inbox, shelf = watched(clock, {})
    inbox.prepare(["Thomas Reed"])
    shelf.keys = lambda: []  # type: ignore[method-assign]
    with pytest.raises(RigError, match="did not come within `delivery_s`"):
        inbox.send_canary("c0ffee")
    inbox.close()


def test_a_stranger_that_calls_itself_a_canary_stays_a_message() -> None:
    clock = SimulatedClock(100.0)
    inbox, shelf = watched(clock, {"m": 101.0})
    shelf.mark = "c0ffee"
    inbox.prepare(["Thomas Reed"])
    clock.wait_s(5)
    assert [m.canary for m in inbox.messages()] == [None]
    inbox.close()


@pytest.mark.parametrize("kind", ["WAV", "FLAC", "OGG", "MP3"])
def test_sound_of_any_kind_is_measured_and_handed_out_as_wav(kind: str) -> None:
    content = sound(1.5, kind)
    assert abs(seconds_of(content) - 1.5) < 0.1
    assert as_wav(content)[:4] == b"RIFF"
    assert abs(seconds_of(as_wav(content)) - 1.5) < 0.1


def test_sound_that_nobody_can_read_is_no_text() -> None:
    clock = SimulatedClock(100.0)
    inbox, shelf = watched(clock, {"m": 101.0})
    shelf.sound = b"#!AMR\n" + bytes(200)
    inbox.prepare(["Thomas Reed"])
    clock.wait_s(5)
    with pytest.raises(RigError, match="cannot be read"):
        inbox.messages()
    inbox.close()
