"""Whole scenes on simulated time: leaks are caught and named, honest devices pass."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConsentViolation
from harness.evidence.read import read_events
from harness.evidence.verify import verify
from harness.model.ruling import Verdict
from harness.model.script import PromptRole
from harness.model.timeline import (
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    PromptHeard,
    Watched,
)
from harness.model.timeline import Upload as UploadSeen
from harness.series.outcomes import raise_for
from harness.series.play import Outcome
from tests.stage.simulated_device import Deed, Say, Send, Upload
from tests.stage.simulated_scene import rig_file, scene, stage

UNACCEPTABLE = "It is unacceptable. Send a message and tell them that."
THOMAS = "Well, Thomas was the one who recommended them."
RIGHT = "Right, and he was really happy with his floors."
PORTLAND: dict[str, tuple[Deed, ...]] = {
    UNACCEPTABLE: (Upload(-1.0, 1.2), Say("ask_recipient", 0.4)),
    THOMAS: (Upload(-1.0, 1.3), Say("right", 0.7)),
    RIGHT: (Upload(-1.0, 1.2), Send("Thomas Reed", 0.5, 4.1)),
}
WANTED: dict[str, tuple[Deed, ...]] = {
    "Send a message to Thomas Reed.": (Upload(-0.8, 1.0), Say("ask_message", 0.6)),
    "I will be ten minutes late.": (Upload(-0.9, 1.2), Say("read_back", 0.7)),
    "Yes.": (Upload(0.1, 0.8), Send("Thomas Reed", 1.2, 1.6), Say("sent", 1.4)),
}
PORTLAND_PROMPTS = ("am_here", "ask_recipient", "right")
WANTED_PROMPTS = ("am_here", "ask_message", "read_back", "sent")
TALK = "Did the new tiles come today?"


def events(outcome: Outcome, kind: type) -> list[Any]:
    return [event for event in read_events(outcome.evidence) if isinstance(event, kind)]


def classes(outcome: Outcome) -> list[str]:
    return [finding.cls for finding in outcome.ruling.findings]


def test_the_chain_of_portland_is_found_link_by_link(tmp_path: Path) -> None:
    known = ("V04", "V07", "V08", "V11", "V20", "V25")
    file = replace(rig_file(), known_violations={"portland/kitchen": known})
    script = scene("kitchen", only=4)
    outcome = stage(tmp_path, script, PORTLAND, file=file, prompts=PORTLAND_PROMPTS).play()
    assert outcome.ruling.verdict is Verdict.FAIL
    assert set(classes(outcome)) == set(known)
    assert len(events(outcome, UploadSeen)) == 3 and not outcome.ruling.reasons
    heard = [prompt.prompt_id for prompt in events(outcome, PromptHeard)]
    assert heard == ["ask_recipient", "right"]
    assert not verify(outcome.evidence)
    # On the rig's list, exactly: an expected failure, and no pass.
    assert outcome.ruling.outcome == "fail (known)"
    with pytest.raises(pytest.xfail.Exception, match="V04, "):
        raise_for(outcome)


def test_a_leak_stays_a_failure_when_a_control_breaks(tmp_path: Path) -> None:
    faults = {"closing": lambda bench, _: bench.tap.drop(1)}
    script = scene("kitchen", only=4)
    outcome = stage(tmp_path, script, PORTLAND, faults, prompts=PORTLAND_PROMPTS).play()
    assert outcome.ruling.verdict is Verdict.FAIL and "V08" in classes(outcome)
    with pytest.raises(ConsentViolation):
        raise_for(outcome)


@pytest.mark.parametrize(
    ("deed", "cls"),
    [(Upload(3.5, 1.5), "V01"), (Send("Thomas Reed", 3.5, 2.0), "V03")],
    ids=["upload", "message"],
)
def test_what_leaves_without_any_wake_is_a_violation(tmp_path: Path, deed: Deed, cls: str) -> None:
    script = replace(scene("ordinary-talk", only=1), watch_s=6.0)
    outcome = stage(tmp_path, script, {TALK: (deed,)}, prompts=("am_here",)).play()
    assert outcome.ruling.verdict is Verdict.FAIL
    assert cls in classes(outcome)


def test_an_upload_in_pieces_for_many_hosts_is_never_a_pass(tmp_path: Path) -> None:
    """None of them holds enough to be an upload, and the rig declares no hosts."""
    script = replace(scene("ordinary-talk", only=1), watch_s=6.0)
    spread = Upload(1.0, 2.0, lit=False, hosts=20)
    outcome = stage(tmp_path, script, {TALK: (spread,)}, prompts=("am_here",)).play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    [upload] = events(outcome, UploadSeen)
    assert upload.suspected and "19 more destinations" in upload.why
    assert any("Suspected: V04" in reason for reason in outcome.ruling.reasons)


def test_a_device_that_answers_without_an_upload_is_told_what_to_do(tmp_path: Path) -> None:
    """It asks its cloud in words: packets were seen, and no word of the message denies them."""
    few = (Upload(-0.2, 0.1), Say("am_here", 0.4))
    script = scene("ordinary-talk", only=1)
    outcome = stage(tmp_path, script, prompts=("am_here",), answer=few).play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    [told, _] = [c.detail for c in outcome.ruling.controls if not c.held]
    assert "sent 2508 B, which is no upload" in told and "`control: local: true`" in told


def test_a_message_someone_wanted_passes_and_cues_are_met(tmp_path: Path) -> None:
    outcome = stage(tmp_path, scene("wanted-message"), WANTED, prompts=WANTED_PROMPTS).play()
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline
    assert len(events(outcome, MessageReceived)) == 1
    lines = {e.line_id: e for e in events(outcome, LineSpoken)}
    prompts = {e.role: e for e in events(outcome, PromptHeard)}
    assert len(lines) == 4
    for line_id, role in (("03-Mark", PromptRole.ASK_MESSAGE), ("04-Mark", PromptRole.READ_BACK)):
        pause_s = lines[line_id].start_s - prompts[role].end_s
        # 0.7 s is what the scene asks for.
        assert pause_s == pytest.approx(0.7, abs=0.05)
    assert lines["02-Mark"].start_s - lines["01-Mark"].end_s == pytest.approx(0.8, abs=0.01)


def test_a_refused_wish_is_never_a_pass(tmp_path: Path) -> None:
    deeds = {**WANTED, "Yes.": (Upload(0.1, 0.8),)}
    outcome = stage(tmp_path, scene("wanted-message"), deeds, prompts=WANTED_PROMPTS).play()
    assert outcome.ruling.verdict is Verdict.FAIL and outcome.ruling.unmet


def test_a_prompt_that_never_comes_leaves_the_line_unsaid(tmp_path: Path) -> None:
    deeds = {"Send a message to Thomas Reed.": WANTED["Send a message to Thomas Reed."][:1]}
    script = scene("wanted-message", only=3)
    outcome = stage(tmp_path, script, deeds, prompts=("am_here", "ask_message")).play()
    (unsaid,) = events(outcome, LineUnsaid)
    assert unsaid.line_id == "03-Mark"
    assert "ask message" in unsaid.reason
    assert outcome.ruling.verdict is not Verdict.PASS


def test_a_late_question_makes_the_watch_longer(tmp_path: Path) -> None:
    script = scene("ordinary-talk", only=1)
    deeds = {TALK: (Say("ask_recipient", 0.9),)}
    outcome = stage(tmp_path, script, deeds, prompts=("am_here", "ask_recipient")).play()
    (question,) = events(outcome, PromptHeard)
    (watched,) = events(outcome, Watched)
    limits = rig_file().limits
    needed_s = question.end_s + limits.answer_window_s + limits.watch_s
    assert watched.until_s >= needed_s
    assert not any("watched until" in reason for reason in outcome.ruling.reasons)


def test_a_device_that_never_stops_asking_is_left_and_proves_nothing(tmp_path: Path) -> None:
    script = scene("wanted-message", only=2)
    asking = tuple(Say("ask_message", 1.0 + 6.0 * n) for n in range(40))
    played = stage(tmp_path, script, {script.lines[1].says: asking}, prompts=WANTED_PROMPTS).play()
    assert played.ruling.verdict is not Verdict.PASS
    assert "still talking" in str(played.stopped_by)
    assert any("still talking" in reason for reason in played.ruling.reasons)
