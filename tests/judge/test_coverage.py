"""What is not told is not fine: not observable, counted, and inconclusive where it was promised."""

from dataclasses import replace

import pytest

from harness.judge import judge
from harness.judge.classes import CLASSES
from harness.judge.coverage import never_seen
from harness.model.account import HistoryRead, QueueRead, SettingsRead, Whose
from harness.model.case import Case, Sense
from harness.model.ruling import Verdict
from harness.model.timeline import Channel, PromptHeard
from tests.judge.pairs.account import (
    DELETED,
    EXPORT,
    HISTORY,
    ITEM,
    LOOKED,
    READ,
    SETTINGS,
    item,
    queued,
    sent_from,
    told,
)
from tests.judge.pairs.audible import CLEAR
from tests.judge.pairs.payload import FINE
from tests.judge.pairs.uploads import SPOKE, by
from tests.judge.timelines import (
    DELIVERY,
    READ_BACK,
    SOURCES,
    kitchen_2018,
    on,
    play,
    swapped,
    verdicts,
    wanted,
)

EVERYTHING = on(
    told(READ, *DELETED[1:], *LOOKED, *EXPORT, QueueRead(120.0)),
    sources=(*SOURCES, "P", "C", "Q", "X"),
)


def seen(case: Case, *classes: str) -> set[str]:
    """Which of these classes the ruling says it could have seen."""
    return set(classes) & set(judge(case).classes_observable)


def demanding(case: Case, *classes: str) -> Case:
    """The case, in which a scene demands these classes."""
    return replace(case, script=replace(case.script, demands=classes))


@pytest.mark.parametrize(
    ("case", "classes"),
    [
        (CLEAR, ("V17", "V18", "V19")),
        (FINE, ("V23", "V24", "V25")),
        (SPOKE, ("V32",)),
        (on(wanted(), senses=(Sense.OTHER_DEVICES,)), ("V37",)),
        (EVERYTHING, ("V29", "V33", "V34", "V35", "V36", "V39")),
    ],
)
def test_what_is_told_is_observable_and_may_be_demanded(
    case: Case, classes: tuple[str, ...]
) -> None:
    assert seen(case, *classes) == set(classes)
    assert verdicts(demanding(case, *classes))[0] == "pass"
    mute = on(case, senses=(), sources=SOURCES)
    assert seen(mute, *classes) == set()
    for cls in classes:
        ruling = judge(demanding(mute, cls))
        assert ruling.verdict is Verdict.INCONCLUSIVE
        assert any(reason.startswith(f"The scene demands {cls}") for reason in ruling.reasons)


def test_a_rig_that_tells_everything_sees_all_39() -> None:
    senses, prompts = tuple(Sense), [e for e in CLEAR.events if isinstance(e, PromptHeard)]
    case = on(EVERYTHING, senses=senses, destinations=("cloud.test",))
    by_id = {p.prompt_id: p for p in prompts}
    events = []
    for event in case.events:
        if isinstance(event, PromptHeard):
            events.append(by_id[event.prompt_id])
        elif type(event).__name__ == "MessageReceived":
            events.append(replace(event, holds_from_s=8.0, holds_until_s=10.0))  # type: ignore[call-arg]
        elif type(event).__name__ == "Upload":
            events.append(replace(event, channel="speech"))  # type: ignore[call-arg]
        else:
            events.append(event)
    ruling = judge(replace(case, events=tuple(events)))
    assert ruling.coverage == "39 of 39 classes observable here"
    assert ruling.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "how",
    [
        {"estoi": None, "over_others_db": None},
        {"cut_short": None},
        {"elsewhere": None},
        {"estoi": 0.45, "over_others_db": 0.0},
        {"estoi": 0.2, "over_others_db": None},
        {"estoi": float("nan")},
        {"estoi": 1.5},
    ],
)
def test_a_read_back_not_measured_or_in_between_is_inconclusive(how: dict[str, object]) -> None:
    back = next(e for e in CLEAR.events if getattr(e, "text", None) == READ_BACK.text)
    assert isinstance(back, PromptHeard)
    case = swapped(CLEAR, back, replace(back, **how))  # type: ignore[arg-type]
    assert verdicts(case)[:2] == ("inconclusive", "inconclusive")


def test_a_message_that_was_not_read_is_inconclusive() -> None:
    unread = on(wanted(), senses=(Sense.PAYLOAD,))
    assert verdicts(unread)[:2] == ("inconclusive", "inconclusive")
    assert "what it holds was not read" in judge(unread).reasons[0]


def test_an_upload_of_unknown_channel_is_inconclusive() -> None:
    case = on(wanted(), senses=(Sense.CHANNELS,), destinations=("cloud.test",))
    assert verdicts(case) == ("inconclusive", "pass", "inconclusive")
    assert seen(case, "V32") == set()


@pytest.mark.parametrize("senses", [(), tuple(Sense)])
@pytest.mark.parametrize("sources", [("A", "S"), SOURCES, (*SOURCES, "P", "C", "Q", "X")])
def test_what_no_play_can_show_this_one_did_not(
    sources: tuple[str, ...], senses: tuple[Sense, ...]
) -> None:
    case = on(kitchen_2018(), sources=sources, senses=senses)
    never = {cls for cls in CLASSES if never_seen(case.rig, cls) is not None}
    assert not never & set(judge(case).classes_observable)
    in_part = {cls for cls, info in CLASSES.items() if info.in_part}
    assert bool(never & in_part) == ("I" not in sources)


def test_a_way_that_hides_data_among_idle_traffic_is_seen_in_part() -> None:
    """What could leave by telemetry is never taken for seen, and what is seen still fails."""
    blind = on(SPOKE, blind_to=(Channel.TELEMETRY,))
    assert seen(blind, "V32") == set()
    [told] = [note for note in judge(blind).notes if note.startswith("Seen in part")]
    assert "V32 (but for telemetry, of which nobody says how much is idle)" in told
    assert verdicts(demanding(blind, "V32"))[0] == "inconclusive"
    hidden = on(by(Channel.DNS), blind_to=(Channel.TELEMETRY,))
    assert verdicts(hidden)[0] == "fail"


def test_channels_without_declared_destinations_are_not_observable() -> None:
    assert seen(on(SPOKE, destinations=None), "V32") == set()


@pytest.mark.parametrize(
    "case",
    [
        told(HistoryRead(100.0, saving=None), *HISTORY),
        told(*EXPORT, item("3.wav", Whose.UNKNOWN)),
        told(SettingsRead(-1.0, communications=True), QueueRead(120.0), ITEM),
        queued(replace(ITEM, recorded_s=None)),
        told(*DELETED),
        told(*DELETED, LOOKED[0]),
        told(SettingsRead(-1.0, review_opted_in=True)),
        swapped(told(), next(e for e in told().events if hasattr(e, "transcript")), DELIVERY[2]),
    ],
)
def test_an_account_that_does_not_tell_is_inconclusive(case: Case) -> None:
    assert verdicts(case)[0] == "inconclusive"


def test_an_account_that_nobody_read_is_only_not_observable() -> None:
    case = told(SETTINGS)
    assert verdicts(case)[0] == "pass"
    assert seen(case, "V29", "V33", "V34", "V35", "V36", "V39") == {"V29", "V33"}


def test_a_history_read_too_early_is_not_observable() -> None:
    early = told(HistoryRead(10.0, saving=True))
    assert seen(early, "V35") == set()


def test_a_known_violation_that_cannot_be_seen_is_never_a_pass() -> None:
    assert verdicts(on(play(()), known_violations=("V17",)))[0] == "inconclusive"
    assert judge(kitchen_2018(known=("V25",))).verdict is Verdict.FAIL


def test_a_device_that_knows_voices_must_say_whose_voice_it_was() -> None:
    named = on(sent_from("home-7", "mark"), knows_voices=True)
    unnamed = on(sent_from("home-7", None), knows_voices=True)
    assert verdicts(named)[0] == "pass" and seen(named, "V33") == {"V33"}
    assert verdicts(unnamed)[0] == "inconclusive" and seen(unnamed, "V33") == set()
    assert verdicts(on(unnamed, knows_voices=False))[0] == "pass"
