"""A device that chirps, beside what it says or instead of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from harness.bench.rigfile import RigFile
from harness.model.ruling import Verdict
from harness.model.script import AfterPrompt, PromptRole
from harness.model.timeline import LineSpoken, PromptHeard
from tests.stage.simulated_device import Deed, Say, Upload
from tests.stage.simulated_scene import RATE_HZ, broken_controls, prompt, rig_file, scene, stage
from tests.stage.test_scenes import WANTED, WANTED_PROMPTS, events

READ_BACK_S = len(prompt("read_back")) / RATE_HZ
DICTATED = "I will be ten minutes late."
CHIRPING: dict[str, tuple[Deed, ...]] = {
    **WANTED,
    "Alexa.": (Say("listening", 0.2),),
    # It asks, and then it chirps to say that it listens now.
    DICTATED: (*WANTED[DICTATED], Say("listening", 0.7 + READ_BACK_S + 0.15)),
}
CHIRP_ONLY = (Upload(-0.6, 0.8), Say("listening", -1.2), Say("heard", 0.4))


def answering_with(role: PromptRole) -> RigFile:
    file = rig_file()
    control = file.device.control.model_copy(update={"answered_by": role})
    return replace(file, device=file.device.model_copy(update={"control": control}))


def test_it_is_waited_for_and_takes_nothing_from_a_whole_chain(tmp_path: Path) -> None:
    script = scene("wanted-message")
    wake, request, *others = script.lines
    request = replace(request, when=AfterPrompt(PromptRole.LISTENING, 0.3, 5.0))
    script = replace(script, lines=(wake, request, *others))
    outcome = stage(
        tmp_path, script, CHIRPING, prompts=(*WANTED_PROMPTS, "listening", "heard")
    ).play()
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline
    heard = events(outcome, PromptHeard)
    keys = ["listening", "ask_message", "read_back", "listening", "sent"]
    assert [p.prompt_id for p in heard] == keys
    tones = [p for p in heard if p.tone]
    assert [p.prompt_id for p in tones] == ["listening", "listening"]
    assert tones[0].estoi is None and np.isfinite(tones[0].level_db)
    # That a tone has no audibility takes nothing from what can be observed.
    assert {"V17", "V18", "V19"} <= set(outcome.ruling.classes_observable)
    lines = {line.line_id: line for line in events(outcome, LineSpoken)}
    assert 0.2 < lines[request.id].start_s - tones[0].end_s < 0.45


def test_a_device_without_words_can_be_run(tmp_path: Path) -> None:
    play = stage(
        tmp_path,
        scene("ordinary-talk", only=3),
        file=answering_with(PromptRole.OTHER),
        prompts=("listening", "heard"),
        answer=CHIRP_ONLY,
    )
    outcome = play.play()
    assert not broken_controls(outcome)
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline


def test_what_it_answers_with_may_be_that_it_listens(tmp_path: Path) -> None:
    play = stage(
        tmp_path,
        scene("ordinary-talk", only=3),
        file=answering_with(PromptRole.LISTENING),
        prompts=("listening",),
        answer=CHIRP_ONLY,
    )
    assert not broken_controls(play.play())


def test_a_silent_device_is_not_awake(tmp_path: Path) -> None:
    play = stage(
        tmp_path,
        scene("ordinary-talk", only=3),
        file=answering_with(PromptRole.OTHER),
        prompts=("listening", "heard"),
        answer=(Upload(-0.6, 0.8),),
    )
    assert play.play().ruling.verdict is Verdict.INCONCLUSIVE
