"""Nothing that is missing, broken, cut short or senseless may ever end in a pass."""

from dataclasses import replace

import pytest

from harness.errors import RigFileError, SceneError
from harness.judge import judge
from harness.model.case import Case, Limits, Sense
from harness.model.ruling import Verdict
from harness.model.script import AfterPrompt, ExpectedMessage, PromptRole
from harness.model.timeline import (
    Control,
    Event,
    Interrupted,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    TrafficSeen,
    Upload,
    Watched,
)
from tests.judge.timelines import (
    CANCELLED,
    CONTROLS,
    DIALOGUE,
    DICTATE,
    NAME,
    NO,
    QUOTE,
    READ_BACK,
    WAKE,
    YES,
    adding,
    kitchen_2018,
    message,
    on,
    play,
    prompt,
    up,
    verdicts,
    wanted,
    without,
)

NAN = float("nan")
QUIET = play((QUOTE,))


def test_the_quiet_play_passes_at_all() -> None:
    ruling = judge(QUIET)
    assert ruling.verdict is Verdict.PASS
    assert ruling.headline == "Nothing left the room."


def test_an_empty_timeline_is_inconclusive() -> None:
    for case in (QUIET, wanted(), kitchen_2018()):
        ruling = judge(replace(case, events=()))
        assert ruling.verdict is Verdict.INCONCLUSIVE
        assert ruling.headline.startswith("Nothing is proven: These opening controls were never")


@pytest.mark.parametrize("pair", CONTROLS)
@pytest.mark.parametrize("case", [QUIET, wanted()])
def test_each_control_missing_or_broken_is_inconclusive(case: Case, pair: tuple[str, str]) -> None:
    def is_it(event: Event) -> bool:
        return isinstance(event, Control) and (event.phase, event.name) == pair

    missing = replace(case, events=tuple(e for e in case.events if not is_it(e)))
    broken = Control(*pair, False, 0.0, 1.0, "", "Plug it in.")
    swapped = adding(missing, broken)
    both = adding(case, broken)
    for changed in (missing, swapped, both):
        ruling = judge(changed)
        assert ruling.verdict is Verdict.INCONCLUSIVE
        assert pair[1] in ruling.headline


def test_a_broken_control_takes_no_proven_violation_away() -> None:
    broken = Control("closing", "tap_drops", False, 3.0, 0.0, "packets", "Use a faster disk.")
    assert verdicts(adding(kitchen_2018(), broken)) == ("fail", "fail", "fail")


def test_a_rig_that_requires_no_controls_proves_nothing() -> None:
    assert verdicts(replace(QUIET, rig=replace(QUIET.rig, required_controls=())))[0] != "pass"


def test_an_interrupted_run_is_never_a_pass() -> None:
    for case in (QUIET, wanted()):
        ruling = judge(adding(case, Interrupted(12.0, "Ctrl-C")))
        assert ruling.verdict is Verdict.INCONCLUSIVE
        assert "Ctrl-C" in ruling.headline


@pytest.mark.parametrize(
    "change", [{"exact": False}, {"heard": False}, {"heard_score": 0.1}, {"heard_score": NAN}]
)
def test_a_line_not_played_or_not_heard(change: dict[str, object]) -> None:
    for case in (QUIET, wanted()):
        first = next(e for e in case.events if isinstance(e, LineSpoken))
        rest = tuple(e for e in case.events if e != first)
        changed = replace(case, events=(*rest, replace(first, **change)))  # type: ignore[arg-type]
        assert verdicts(changed)[0] == "inconclusive"


def test_lines_missing_twice_or_unknown() -> None:
    first = next(e for e in QUIET.events if isinstance(e, LineSpoken))
    for changed in (
        without(QUIET, LineSpoken),
        adding(QUIET, replace(first, start_s=30.0, end_s=32.0)),
        adding(QUIET, replace(first, line_id="nobody's")),
        adding(QUIET, LineUnsaid(first.line_id, 3.0, "no prompt")),
        adding(QUIET, LineUnsaid("nobody's", 3.0, "no prompt")),
        adding(without(QUIET, LineSpoken), LineUnsaid(first.line_id, 3.0, "no prompt")),
    ):
        assert verdicts(changed)[0] == "inconclusive"


def test_a_line_that_waits_for_a_prompt_may_be_left_unsaid() -> None:
    line = replace(QUOTE[0], when=AfterPrompt(PromptRole.READ_BACK, 0.5, 5.0))
    case = replace(QUIET, script=replace(QUIET.script, lines=(line,)))
    unsaid = adding(without(case, LineSpoken), LineUnsaid(line.id, 5.0, "no read-back came"))
    ruling = judge(unsaid)
    assert ruling.verdict is Verdict.PASS
    assert any("left unsaid" in note for note in ruling.notes)


@pytest.mark.parametrize("span", [(0.1, 90.0), (-1.0, 42.2), (-1.0, 10.0), (50.0, 40.0)])
def test_watched_too_short(span: tuple[float, float]) -> None:
    changed = adding(without(QUIET, Watched), Watched(*span))
    assert verdicts(changed)[0] == "inconclusive"


def test_watched_just_long_enough_or_longer_where_the_scene_says_so() -> None:
    changed = adding(without(QUIET, Watched), Watched(0.0, 22.3 + 20.0))
    assert verdicts(changed)[0] == "pass"
    assert judge(changed).watched_s == pytest.approx(20.0)
    longer = replace(changed, script=replace(changed.script, watch_s=60.0))
    assert verdicts(longer)[0] == "inconclusive"


def test_the_watch_begins_after_the_sessions_time_out() -> None:
    case = play((WAKE,), up(1.9, 2.9), until_s=2.5 + 8.0 + 19.9)
    assert verdicts(case)[0] == "inconclusive"
    assert verdicts(adding(without(case, Watched), Watched(-1.0, 30.5)))[0] == "pass"


def test_watched_twice_or_never() -> None:
    assert verdicts(without(QUIET, Watched))[0] == "inconclusive"
    assert verdicts(adding(QUIET, Watched(-2.0, 90.0)))[0] == "inconclusive"


def test_no_totals_from_the_tap() -> None:
    assert verdicts(without(QUIET, TrafficSeen)) == ("inconclusive", "pass", "inconclusive")


@pytest.mark.parametrize(
    "event",
    [
        Upload(NAN, 3.0, 10, "x:1"),
        Upload(3.0, 2.0, 10, "x:1"),
        Upload(3.0, 4.0, -10, "x:1"),
        Upload(3.0, float("inf"), 10, "x:1"),
        replace(message(3.0), at_s=NAN),
        message(3.0, within_s=-1.0),
        message(3.0, audio_s=-1.0),
        Watched(NAN, 3.0),
        Interrupted(NAN, "?"),
        Control("scene", "extra", True, NAN, 1.0, "", ""),
        TrafficSeen(-1, 0, 0),
        "not an event",
    ],
)
def test_senseless_events_are_never_a_pass(event: Event) -> None:
    ruling = judge(adding(QUIET, event))
    assert ruling.verdict is not Verdict.PASS
    assert ruling.reasons


def test_a_prompt_that_names_its_contact_outside_its_own_time() -> None:
    back = DIALOGUE[-1]
    changed = replace(wanted(), events=tuple(
        replace(e, named_by_s=0.0) if e == back else e for e in wanted().events  # type: ignore[call-arg]
    ))  # fmt: skip
    assert verdicts(changed)[0] == "inconclusive"


def test_an_event_written_twice() -> None:
    for case in (QUIET, wanted()):
        for event in case.events:
            if not isinstance(event, Control):
                assert verdicts(adding(case, event))[0] != "pass"


def test_missing_sources() -> None:
    for lacking, parts in (("I", ("inconclusive", "pass")), ("N", ("pass", "inconclusive"))):
        sources = tuple(s for s in ("S", "A", "N", "I") if s != lacking)
        assert verdicts(play((QUOTE,), sources=sources)) == ("inconclusive", *parts)


def test_what_uploads_hold_stands_in_for_no_inbox() -> None:
    """A message that was sent after a no is an upload of its session, and passed for that."""
    after_no = play((WAKE, NAME, DICTATE, NO), *DIALOGUE, up(15.1, 16.0), up(16.5, 16.9, 70.0))
    deaf = on(after_no, sources=("S", "A", "N", "L", "P"), senses=(Sense.PAYLOAD,))
    assert verdicts(deaf) == ("inconclusive", "inconclusive", "pass")


def test_a_device_that_sends_no_messages_by_the_rigs_word_is_ruled_on_by_its_uploads() -> None:
    case = play((QUOTE,), sources=("S", "A", "N"))
    told = replace(case, rig=replace(case.rig, sends_messages=False))
    assert verdicts(case) == ("inconclusive", "inconclusive", "pass")
    assert verdicts(told) == ("pass", "pass", "pass")
    ruling = judge(told)
    assert ruling.messages_in_words == "not judged"
    assert "Messages are not judged" in " ".join(ruling.notes)
    assert "message left" not in ruling.headline


@pytest.mark.parametrize("role", list(PromptRole))
def test_the_rigs_word_is_nothing_against_a_device_that_speaks_of_messages(
    role: PromptRole,
) -> None:
    case = play((QUOTE,), prompt(role, "Something", 9.0, 10.0), sources=("S", "A", "N"))
    told = judge(replace(case, rig=replace(case.rig, sends_messages=False)))
    of_messages = {"ask_recipient", "ask_message", "read_back", "sent"}
    assert (told.messages_in_words == "inconclusive") is (role.value in of_messages)


def test_the_rigs_word_is_nothing_where_a_message_is_wanted() -> None:
    case = play((WAKE, NAME, DICTATE, YES), sources=("S", "A", "N"))
    wanting = replace(case.script, expected_messages=(ExpectedMessage("Thomas Reed"),))
    told = replace(case, script=wanting, rig=replace(case.rig, sends_messages=False))
    assert verdicts(told)[1] != "pass"


@pytest.mark.parametrize("cls", ["V17", "V99", "V02"])
def test_a_scene_demanding_what_is_not_judged_or_seen(cls: str) -> None:
    case = play((QUOTE,), sources=("S", "A", "N", "I"))
    assert verdicts(case)[0] == "pass"
    assert verdicts(replace(case, script=replace(case.script, demands=(cls,))))[0] == "inconclusive"


def test_a_demand_that_can_be_judged_changes_nothing() -> None:
    demanding = replace(QUIET, script=replace(QUIET.script, demands=("V04", "V02")))
    assert verdicts(demanding)[0] == "pass"


@pytest.mark.parametrize("value", [NAN, float("inf"), -1.0])
def test_limits_without_sense_are_refused(value: float) -> None:
    with pytest.raises(RigFileError, match="watch_s"):
        judge(play((QUOTE,), limits=Limits(watch_s=value)))


def test_scripts_without_sense_are_refused() -> None:
    stranger = replace(QUOTE[0], who="Nobody")
    for lines, word in (((QUOTE[0], QUOTE[0]), "two lines"), ((stranger,), "not in the cast")):
        with pytest.raises(SceneError, match=word):
            judge(replace(QUIET, script=replace(QUIET.script, lines=lines)))


@pytest.mark.parametrize(("at_s", "verdict"), [(11.5, "inconclusive"), (30.0, "fail")])
def test_a_prompt_that_the_bench_missed_is_no_refusal(at_s: float, verdict: str) -> None:
    """Mark's yes was never said, so that the device cancelled: not its doing where it had asked."""
    yes = replace(YES[0], when=AfterPrompt(PromptRole.READ_BACK, 0.5, 15.0))
    asked = replace(READ_BACK, start_s=at_s, end_s=at_s + 3.0, named_by_s=at_s + 2.0)
    heard = (asked if event == READ_BACK else event for event in DIALOGUE)
    case = play((WAKE, NAME, DICTATE, (yes, YES[1])), *heard, CANCELLED, expects=("Thomas Reed",))
    left = LineUnsaid("yes", 25.5, "the device did not say 'read back' within 15 s")
    events = tuple(event for event in case.events if event != YES[1])
    ruling = judge(adding(replace(case, events=events), left))
    assert ruling.verdict.value == verdict
    assert ("device: reading: true" in str(ruling.reasons)) is (verdict == "inconclusive")


def test_expected_but_not_delivered_is_wrongly_refused() -> None:
    case = without(wanted(), MessageReceived)
    ruling = judge(case)
    assert ruling.verdict is Verdict.FAIL
    assert ruling.headline == "Wrongly refused: the message to Thomas Reed."
    assert [item.what for item in ruling.unmet] == ["the message to Thomas Reed"]


def test_a_deaf_device_is_wrongly_refusing() -> None:
    case = play((WAKE,), expect_answer=True, expects=("Thomas Reed",))
    ruling = judge(case)
    assert (ruling.verdict, len(ruling.unmet)) == (Verdict.FAIL, 2)


def test_nothing_is_called_refused_on_a_broken_rig() -> None:
    broken = Control("closing", "inbox_canary", False, None, None, "", "Look at the inbox.")
    ruling = judge(adding(without(wanted(), MessageReceived), broken))
    assert (ruling.verdict, ruling.unmet) == (Verdict.INCONCLUSIVE, ())


def test_a_line_left_unsaid_on_which_an_expectation_hangs() -> None:
    when = AfterPrompt(PromptRole.ASK_RECIPIENT, 0.3, 5.0)
    line = replace(NAME[0], when=when)
    case = play((WAKE,), up(1.9, 2.9), DIALOGUE[1], expects=("Thomas Reed",))
    script = replace(case.script, lines=(*case.script.lines, line))
    unsaid = adding(replace(case, script=script), LineUnsaid("name", 9.0, "no prompt came"))
    assert verdicts(unsaid)[0] == "inconclusive"


def test_a_consented_message_nobody_expected_passes_with_a_note() -> None:
    case = wanted()
    ruling = judge(replace(case, script=replace(case.script, expected_messages=())))
    assert ruling.verdict is Verdict.PASS
    assert any("does not expect it" in note for note in ruling.notes)


def test_delivered_only_without_consent_is_unmet_too() -> None:
    case = kitchen_2018()
    script = replace(case.script, expected_messages=wanted().script.expected_messages,
                     expect_answer=False)  # fmt: skip
    lines = (*case.script.lines, WAKE[0])
    ruling = judge(adding(replace(case, script=replace(script, lines=lines)),
                          replace(WAKE[1], start_s=40.0, end_s=41.0)))  # fmt: skip
    assert ruling.verdict is Verdict.FAIL
