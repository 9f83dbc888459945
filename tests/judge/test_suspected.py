"""Uploads that only sizes and times tell: never a violation by themselves, and never a pass."""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from harness.judge import judge
from harness.model.account import EntryKind, HistoryEntry, HistoryRead
from harness.model.case import Case
from harness.model.record import case_from_json, case_to_json, ruling_from_json, ruling_to_json
from harness.model.ruling import Ruling, Verdict
from harness.model.script import PromptRole
from harness.model.timeline import (
    Channel,
    LightChanged,
    LightState,
    MessageReceived,
    OtherDeviceActed,
    Upload,
)
from tests.judge.random_plays import plays
from tests.judge.test_laws import few, wild
from tests.judge.timelines import (
    CONTRACTOR,
    SOURCES,
    UNACCEPTABLE,
    WAKE,
    adding,
    classes,
    listening,
    message,
    on,
    play,
    prompt,
    suspecting,
    up,
    without,
)

MUTED = LightChanged(0.5, LightState.MUTED)
NO_LIGHT = ("S", "A", "N", "I")
_READ = (HistoryRead(80.0, True),)


def recorded(from_s: float, until_s: float) -> HistoryEntry:
    """An entry of the history."""
    return HistoryEntry("e1", 80.0, EntryKind.RECORDING, from_s, until_s, None, True, True)


def suspected(case: Case) -> list[str]:
    """The classes that are only suspected."""
    ruling = judge(suspecting(case))
    assert ruling.verdict is not Verdict.PASS
    return [finding.cls for finding in ruling.suspected]


def test_a_burst_that_only_statistics_tell_is_inconclusive_and_says_what_would_tell() -> None:
    case = play((UNACCEPTABLE,), up(5.8, 8.2), lit=False)
    assert judge(case).verdict is Verdict.FAIL
    ruling = judge(suspecting(case))
    assert (ruling.verdict, ruling.uploads) == (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE)
    assert ruling.messages is Verdict.PASS
    assert ruling.findings == ()
    assert [finding.cls for finding in ruling.suspected] == ["V04"]
    assert any("Suspected: V04" in why and "sayso cause" in why for why in ruling.reasons)
    assert "3.1 kB/s for 2.4 s" in ruling.suspected[0].rests_on[-1]


def test_every_class_that_an_upload_shows_is_suspected_only() -> None:
    assert suspected(play((WAKE,), up(1.9, 2.9), MUTED)) == ["V28"]
    assert suspected(play((WAKE,), up(1.9, 2.9), *listening((20.0, 21.0)))) == ["V02"]
    assert suspected(play((CONTRACTOR,), up(40.0, 42.5), lit=False)) == ["V01"]
    assert suspected(play((WAKE,), up(1.9, 15.0), lit=False)) == ["V30"]
    elsewhere = play((WAKE,), up(1.9, 2.9), lit=False)
    assert suspected(on(elsewhere, sources=NO_LIGHT, destinations=("other.test",))) == ["V32"]
    by_dns = play((WAKE,), replace(up(1.9, 2.9), channel=Channel.DNS), lit=False)
    assert suspected(on(by_dns, sources=NO_LIGHT)) == ["V32"]
    unlisted = on(play((WAKE,), up(1.9, 2.9), *_READ), sources=(*SOURCES, "C"))
    assert suspected(unlisted) == []  # lit, so it is an upload, and missing there
    assert classes(suspecting(unlisted)) == ["V35"]
    dark = on(play((WAKE,), up(1.9, 2.9), *_READ, lit=False), sources=(*NO_LIGHT, "C"))
    assert suspected(dark) == ["V35"]


def test_two_devices_acted_only_where_this_one_surely_did() -> None:
    other = OtherDeviceActed("the other one", 2.0, "answered")
    case = on(play((WAKE,), up(1.9, 2.9), other, lit=False), sources=NO_LIGHT)
    assert suspected(case) == ["V37"]
    spoke = adding(case, prompt(PromptRole.OTHER, "Hm?", 3.0, 3.5))
    assert classes(suspecting(spoke)) == ["V37"]


def test_the_light_agrees() -> None:
    case = play((UNACCEPTABLE,), up(5.8, 8.2), *listening((5.7, 8.3)))
    assert classes(suspecting(case)) == ["V04"]
    late = play((UNACCEPTABLE,), up(5.8, 8.2), *listening((7.2, 8.3)))
    assert classes(suspecting(late)) == []


def test_the_inbox_agrees() -> None:
    case = play((UNACCEPTABLE,), up(5.8, 8.2), message(8.3), lit=False)
    assert "V04" in classes(suspecting(case))
    assert judge(suspecting(case)).verdict is Verdict.FAIL
    far = play((UNACCEPTABLE,), up(5.8, 8.2), message(30.0), lit=False)
    assert "V04" not in classes(suspecting(far))
    assert judge(suspecting(far)).verdict is Verdict.FAIL  # by the message itself


def test_the_history_agrees_where_it_recorded_meanwhile_not_where_it_did_just_before() -> None:
    case = on(
        play((UNACCEPTABLE,), up(5.8, 8.2), *_READ, recorded(5.5, 8.0), lit=False),
        sources=(*NO_LIGHT, "C"),
    )
    assert classes(suspecting(case)) == ["V04"]
    before = on(
        play((UNACCEPTABLE,), up(5.8, 8.2), *_READ, recorded(1.0, 5.0), lit=False),
        sources=(*NO_LIGHT, "C"),
    )
    assert "V04" in suspected(before)


def test_what_was_read_is_known_and_not_suspected() -> None:
    read = replace(up(5.8, 8.2), holds_from_s=5.7, holds_until_s=8.0)
    assert classes(suspecting(play((UNACCEPTABLE,), read, lit=False))) == ["V04"]


def test_a_session_covers_what_is_suspected_as_what_is_known() -> None:
    ruling = judge(suspecting(play((WAKE,), up(1.9, 2.9))))
    assert (ruling.verdict, ruling.suspected) == (Verdict.PASS, ())


def test_a_sync_before_it_does_not_change_what_a_proven_upload_is() -> None:
    sync = replace(up(4.0, 4.3), suspected=True)
    case = play((UNACCEPTABLE,), sync, up(5.8, 8.2), *listening((5.8, 8.2)))
    ruling = judge(case)
    assert [f.cls for f in ruling.findings] == ["V04"]
    assert [f.cls for f in ruling.suspected] == ["V01"]
    assert not any("sync" in text or "0:04.0" in text for text in ruling.findings[0].rests_on)


def test_many_of_a_class_are_one_reason() -> None:
    case = play((), *(up(at_s, at_s + 1.0) for at_s in (10.0, 30.0, 50.0)), lit=False)
    whys = [why for why in judge(suspecting(case)).reasons if "Suspected" in why]
    assert len(whys) == 1
    assert "2 times more" in whys[0]


def test_a_known_violation_that_is_only_suspected_is_neither_there_nor_gone() -> None:
    case = play((UNACCEPTABLE,), up(5.8, 8.2), sources=NO_LIGHT, known=("V04",))
    assert judge(case).outcome == "fail (known)"
    assert judge(suspecting(case)).outcome == "inconclusive"


@few
@given(wild, st.randoms(use_true_random=False))
def test_suspicion_never_makes_a_pass_and_never_proves_more(case: Case, dice: Random) -> None:
    known = judge(_suspecting(case, lambda: False))
    doubted = judge(_suspecting(case, lambda: dice.random() < 0.5))
    if known.verdict is not Verdict.PASS:
        assert doubted.verdict is not Verdict.PASS
    if known.uploads is not Verdict.FAIL:
        assert doubted.uploads is not Verdict.FAIL
    assert bool(doubted.suspected) <= bool(doubted.reasons)


def _suspecting(case: Case, chosen: Callable[[], bool]) -> Case:
    events = (replace(e, suspected=chosen()) if isinstance(e, Upload) else e for e in case.events)
    return replace(case, events=tuple(events))


@few
@given(plays())
def test_alone_it_proves_nothing_on_any_rig(case: Case) -> None:
    """Where neither light, inbox nor history agrees, no finding is about uploads."""
    closed = suspecting(without(case, LightChanged, MessageReceived))
    ruling = judge(closed)
    assert not ruling.findings or all(f.cls in ("V38",) for f in ruling.findings)
    assert _same_again(closed, ruling)


def _same_again(case: Case, ruling: Ruling) -> bool:
    text = ruling_to_json(ruling)
    again = judge(case_from_json(case_to_json(case)))
    return ruling_to_json(again) == text and ruling_from_json(text) == ruling
