"""What an account was not asked, or only half answered, never passes."""

from dataclasses import replace

import pytest

from harness.judge import judge
from harness.model.account import ExportRead, Replayed, Whose
from harness.model.case import Case
from harness.model.ruling import Verdict
from harness.model.script import Act
from tests.judge.pairs.account import (
    DAY_S,
    DELETED,
    EXPORT,
    HISTORY,
    LOOKED,
    READ,
    heard,
    item,
    told,
)


def demanding(cls: str, case: Case) -> Case:
    """The case with a scene that must be able to show a class."""
    return replace(case, script=replace(case.script, demands=(cls,)))


@pytest.mark.parametrize(
    ("cls", "case"),
    [
        ("V36", told()),
        ("V36", told(ExportRead(200.0, whole=False, trouble="it broke off at 3 of 9 MB"))),
        ("V34", told(*DELETED, LOOKED[0], ExportRead(200.0 + DAY_S, whole=False))),
        ("V34", told(*DELETED, LOOKED[0])),
        ("V35", told()),
        ("V39", told()),
    ],
)
def test_not_looked_at_is_inconclusive(cls: str, case: Case) -> None:
    ruling = judge(demanding(cls, case))
    assert ruling.verdict is Verdict.INCONCLUSIVE
    assert not ruling.findings
    assert any(cls in reason for reason in ruling.reasons)


def asked_by_voice(case: Case) -> Case:
    """The case with a line that asks the device for what was recorded."""
    *lines, last = case.script.lines
    asks = replace(last, acts=(*last.acts, Act.REPLAY))
    return replace(case, script=replace(case.script, lines=(*lines, asks)))


@pytest.mark.parametrize(
    ("replays", "verdict"),
    [
        ((), Verdict.INCONCLUSIVE),
        ((Replayed("m", 300.0, True, by_voice=True),), Verdict.INCONCLUSIVE),
        ((Replayed("m", 9e4, False),), Verdict.INCONCLUSIVE),
        ((Replayed("m", 9e4, False, by_voice=True),), Verdict.PASS),
    ],
)
def test_what_is_played_back_must_be_heard(replays: tuple[Replayed, ...], verdict: Verdict) -> None:
    case = told(*DELETED, *LOOKED, *replays)
    ruling = judge(demanding("V34", asked_by_voice(case)))
    assert ruling.verdict is verdict
    assert not ruling.findings


@pytest.mark.parametrize("whose", [Whose.UNKNOWN, Whose.UNREADABLE])
def test_whose_it_is_must_be_known(whose: Whose) -> None:
    ruling = judge(told(*EXPORT, item("odd.bin", whose)))
    assert ruling.verdict is Verdict.INCONCLUSIVE
    assert any("odd.bin" in reason for reason in ruling.reasons)


@pytest.mark.parametrize("whose", [Whose.UNKNOWN, Whose.UNREADABLE])
def test_whose_a_sound_of_the_history_is_must_be_known(whose: Whose) -> None:
    ruling = judge(told(READ, *HISTORY, heard("a", whose)))
    assert ruling.verdict is Verdict.INCONCLUSIVE
    assert any("entry 'a'" in reason for reason in ruling.reasons)


def test_half_an_export_still_proves_what_is_in_it() -> None:
    half = ExportRead(200.0, whole=False, trouble="it broke off")
    ruling = judge(told(half, item("1.wav", Whose.FOREIGN)))
    assert [finding.cls for finding in ruling.findings] == ["V36"]


def test_an_export_without_any_recording_proves_nothing_of_whose_they_are() -> None:
    empty = judge(demanding("V36", told(ExportRead(200.0))))
    assert empty.verdict is Verdict.INCONCLUSIVE
    assert any("the export held nothing" in reason for reason in empty.reasons)
    assert judge(demanding("V36", told(*EXPORT))).verdict is Verdict.PASS
