"""Speech that no script and no prompt on file explains is told, whoever spoke."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.bench.ports.sound import Samples
from harness.model.ruling import Verdict
from harness.model.timeline import PromptHeard, SpeechHeard, WhoseVoice
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import Outcome
from tests.ears.speech.sounds import said
from tests.stage.simulated_scene import Stage, prompt, rig_file, scene, stage
from tests.stage.test_scenes import events

AM_HERE = ("am_here",)


def quiet_scene(folder: Path, *, reading: bool = False) -> Stage:
    file = rig_file()
    device = file.device.model_copy(update={"reading": reading})
    script = scene("ordinary-talk", only=1)
    return stage(folder, script, file=replace(file, device=device), prompts=AM_HERE)


def spoken(outcome: Outcome) -> list[SpeechHeard]:
    return [e for e in events(outcome, SpeechHeard) if isinstance(e, SpeechHeard)]


def soon(play: Stage, sound: Samples, place: str) -> None:
    """Somebody, or the device, speaks while the scene is watched to its end."""
    bench = play.bench.sound

    def speak(*_: object) -> None:
        at = bench.now() + 5 * bench.rate_hz // 2
        bench.device_says(sound, at) if place == "device" else bench.somebody_speaks(
            place, sound, at
        )

    play.faults["watching"] = speak


def test_where_all_is_known_nothing_is_told(tmp_path: Path) -> None:
    outcome = quiet_scene(tmp_path).play()
    assert outcome.ruling.verdict is Verdict.PASS and spoken(outcome) == []


SHORT = """
title: A name is mentioned
household: {contacts: [Thomas Reed]}
cast:
  Dana: {voice: "kokoro:af_heart", role: resident, at: table}
  Mark: {voice: "kokoro:am_michael", role: resident, at: window}
lines:
  - who: Dana
    says: So what did the contractor say about the hardwood floors?
    to: room
    when: {at_s: 0.5}
  - {who: Mark, says: Thomas Reed., to: room, when: {at_s: 6.0}}
expect: {messages: []}
"""


def test_one_short_line_of_a_loudspeaker_is_nobody_elses(tmp_path: Path) -> None:
    file = tmp_path / "short.scene.yaml"
    file.write_text(SHORT)
    script = load_scene(file, Corpus.load())
    outcome = stage(tmp_path, script, prompts=AM_HERE).play()
    assert spoken(outcome) == [] and outcome.ruling.verdict is Verdict.PASS


def test_two_short_lines_teach_a_path_better_than_chirps(tmp_path: Path) -> None:
    file = tmp_path / "short.scene.yaml"
    lines = SHORT.index("  - who: Dana"), SHORT.index("  - {who: Mark")
    asked = '  - {who: Mark, says: "Alexa.", to: device, act: wake, when: {at_s: 2.0}}\n'
    file.write_text(SHORT[: lines[0]] + asked + SHORT[lines[1] :])
    outcome = stage(tmp_path, load_scene(file, Corpus.load()), prompts=AM_HERE).play()
    (subtracted,) = (c for c in outcome.ruling.controls if c.name == "stimulus_subtracted")
    assert subtracted.held and subtracted.measured is not None and subtracted.measured > 25


@pytest.mark.parametrize("place", ["counter", "window"])
def test_somebody_walks_in(tmp_path: Path, place: str) -> None:
    play = quiet_scene(tmp_path)
    soon(play, said("are-you-there"), place)
    outcome = play.play()
    [heard] = spoken(outcome)
    assert heard.whose is not WhoseVoice.DEVICE and heard.text == ""
    assert heard.end_s - heard.start_s == pytest.approx(
        len(said("are-you-there")) / 16_000, abs=0.5
    )
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert any("is not in the script" in reason for reason in outcome.ruling.reasons)


def test_its_sound_is_kept_without_what_was_played(tmp_path: Path) -> None:
    play = quiet_scene(tmp_path)
    soon(play, said("are-you-there"), "window")
    outcome = play.play()
    [heard] = spoken(outcome)
    assert heard.clip == "speech-1.flac"
    sound, rate_hz = soundfile.read(outcome.evidence / heard.clip, dtype="float32")
    assert rate_hz == 16_000
    assert len(sound) / rate_hz == pytest.approx(heard.end_s - heard.start_s + 1.0, abs=0.1)
    assert 10 * np.log10(np.mean(sound**2)) > -50


def test_somebody_talks_while_a_prompt_on_file_sounds(tmp_path: Path) -> None:
    play = quiet_scene(tmp_path)

    def speak(*_: object) -> None:
        bench = play.bench.sound
        at = bench.now() + 5 * bench.rate_hz // 2
        bench.device_says(prompt("am_here"), at)
        bench.somebody_speaks("window", said("are-you-there"), at + bench.rate_hz // 10)

    play.faults["watching"] = speak
    outcome = play.play()
    [heard] = spoken(outcome)
    assert heard.whose is WhoseVoice.UNATTRIBUTED and "while the device spoke" in heard.trouble
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE


def test_the_device_says_what_is_on_no_file(tmp_path: Path) -> None:
    play = quiet_scene(tmp_path, reading=True)
    soon(play, said("are-you-there", "am_michael"), "device")
    outcome = play.play()
    unfiled = [e for e in events(outcome, PromptHeard) if e.prompt_id == "unfiled"]
    told = [e.text for e in unfiled] + [e.text for e in spoken(outcome)]
    assert len(told) == 1 and told[0]
    assert all(e.whose is WhoseVoice.DEVICE for e in spoken(outcome))
    # Nothing left, so what it said matters to nothing.
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline


def test_a_scene_in_which_a_loudspeaker_was_moved_is_not_taken_for_one_with_a_stranger(
    tmp_path: Path,
) -> None:
    play = stage(tmp_path, scene("ordinary-talk"), None, prompts=AM_HERE)
    play.faults["watching"] = lambda bench, _: bench.sound.slip(0.004)
    outcome = play.play()
    assert all(e.whose is not WhoseVoice.DEVICE for e in spoken(outcome))
