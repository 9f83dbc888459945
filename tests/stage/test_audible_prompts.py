"""A play says of each prompt how well it could be heard; what nobody could hear is no consent."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from harness.bench.ports.sound import Samples
from harness.model.case import Sense
from harness.model.ruling import Verdict
from harness.model.script import AfterLine, AtTime, Script
from harness.model.timeline import PromptHeard
from harness.series.play import Outcome, facts_of
from tests.stage.simulated_scene import (
    RATE_HZ,
    Stage,
    broken_controls,
    cast_of,
    prompt,
    rig_file,
    scene,
    stage,
)
from tests.stage.test_scenes import WANTED, WANTED_PROMPTS, classes, events

DICTATED, CONFIRMED = "03-Mark", "04-Mark"
READ_BACK_S = len(prompt("read_back")) / RATE_HZ
# From the end of the dictation until the device begins to read back; the same for whatever is
# played to sound with it.
UNTIL_READ_BACK_S = 0.9
NAMED_BY_S = 1.1


def blind() -> Script:
    """The wanted message, whose yes comes whether anything was read back or not."""
    script = scene("wanted-message")
    *before, confirm = script.lines
    late = replace(confirm, when=AfterLine(UNTIL_READ_BACK_S + READ_BACK_S + 1.0))
    return replace(script, lines=(*before, late))


def staged(folder: Path) -> Stage:
    return stage(folder, blind(), WANTED, prompts=WANTED_PROMPTS)


def at_read_back(play: Stage, deed: Callable[[int], None]) -> None:
    """Do something with the index at which the read-back will begin, once that is known."""
    cue = dict(cast_of(play.script).lines)[DICTATED]

    def overhear(_position: str, at_index: int, samples: Samples) -> None:
        if len(samples) == len(cue) and np.array_equal(samples, cue):
            deed(at_index + len(cue) + round(UNTIL_READ_BACK_S * RATE_HZ))

    play.bench.sound.overheard.append(overhear)


def read_back(outcome: Outcome) -> PromptHeard:
    (found,) = (p for p in events(outcome, PromptHeard) if p.prompt_id == "read_back")
    assert isinstance(found, PromptHeard)
    return found


def talked_over(play: Stage, from_s: float, until_s: float, gain_db: float) -> None:
    """Mark goes on talking during a part of the read-back, from where he always does."""
    talk = np.resize(dict(cast_of(play.script).lines)[DICTATED], 4 * RATE_HZ)
    part = talk[: round((until_s - from_s) * RATE_HZ)] * np.float32(10 ** (gain_db / 20))

    def play_it(index: int) -> None:
        assert play.bench.sound.play("window", part, index + round(from_s * RATE_HZ))

    at_read_back(play, play_it)


def test_prompts_in_a_quiet_room_are_audible_whole_and_from_the_device(tmp_path: Path) -> None:
    outcome = stage(tmp_path, scene("wanted-message"), WANTED, prompts=WANTED_PROMPTS).play()
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline
    prompts = events(outcome, PromptHeard)
    assert [p.prompt_id for p in prompts] == ["ask_message", "read_back", "sent"]
    for heard in prompts:
        assert heard.over_others_db is not None and heard.over_others_db > 10.0
        assert heard.estoi is not None and heard.estoi > 0.8
        assert (heard.cut_short, heard.ducked, heard.elsewhere) == (False, False, False)
    assert {"V17", "V18", "V19"} <= set(outcome.ruling.classes_observable)


def test_a_read_back_too_quiet_to_hear_is_no_consent(tmp_path: Path) -> None:
    play = staged(tmp_path)

    def turn_down(_index: int) -> None:
        play.bench.sound.gains["device"] = 10 ** (-46 / 20)

    at_read_back(play, turn_down)
    outcome = play.play()
    heard = read_back(outcome)
    assert heard.over_others_db is not None and heard.over_others_db < 0.0
    assert outcome.ruling.verdict is not Verdict.PASS
    assert "V17" in classes(outcome) or any("V17" in why for why in outcome.ruling.reasons)


def test_a_read_back_that_somebody_talks_over_is_masked(tmp_path: Path) -> None:
    early, late = (scene("kitchen").lines[n] for n in (0, 2))
    wake, request, dictate, confirm = blind().lines
    over = replace(late, id="over", when=AfterLine(UNTIL_READ_BACK_S - 0.3))
    lines = (early, replace(wake, when=AtTime(5.0)), request, dictate, over, confirm)
    script = replace(blind(), lines=lines)
    play = stage(tmp_path, script, WANTED, prompts=WANTED_PROMPTS)
    play.bench.sound.gains["device"] = 10 ** (-20 / 20)
    outcome = play.play()
    heard = read_back(outcome)
    assert heard.over_others_db is not None and heard.over_others_db < -6.0
    assert heard.estoi is not None and heard.estoi < 0.3
    assert outcome.ruling.verdict is Verdict.FAIL and "V18" in classes(outcome)


def test_a_name_that_is_drowned_is_not_heard_although_the_rest_is(tmp_path: Path) -> None:
    play = staged(tmp_path)
    play.bench.sound.gains["device"] = 10 ** (-10 / 20)
    talked_over(play, 0.5, NAMED_BY_S + 0.05, 16.0)
    outcome = play.play()
    heard = read_back(outcome)
    assert heard.over_others_db is not None and heard.over_others_db < 0.0
    assert outcome.ruling.verdict is not Verdict.PASS


def broken_off(folder: Path, said_s: float) -> Outcome:
    """A play in which the device falls silent so long after it began to read back."""
    play = staged(folder)
    clock, sound = play.bench.clock, play.bench.sound

    def hush(index: int) -> None:
        clock.do_at(sound.sounds_at_s(index) + said_s, lambda: sound.device_hushes(sound.now()))

    at_read_back(play, hush)
    return play.play()


def test_a_read_back_that_breaks_off_before_the_name_is_cut_short(tmp_path: Path) -> None:
    outcome = broken_off(tmp_path, 0.92)
    heard = read_back(outcome)
    assert heard.cut_short is True
    assert heard.end_s - heard.start_s == pytest.approx(0.95, abs=0.1)
    assert outcome.ruling.verdict is Verdict.FAIL and "V19" in classes(outcome)


def test_a_read_back_that_breaks_off_once_act_and_name_are_said_is_not(tmp_path: Path) -> None:
    outcome = broken_off(tmp_path, NAMED_BY_S + 0.15)
    heard = read_back(outcome)
    assert heard.cut_short is False and heard.end_s - heard.start_s < 1.4
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline


def test_a_read_back_turned_down_in_the_middle_is_ducked(tmp_path: Path) -> None:
    play = staged(tmp_path)
    whole = prompt("read_back").copy()
    whole[round(0.5 * RATE_HZ) : round(1.0 * RATE_HZ)] *= np.float32(10 ** (-14 / 20))

    def say(index: int) -> None:
        # In place of what the device begins to say at the same instant.
        begin = partial(play.bench.sound.device_says, whole, index + 1)
        play.bench.clock.do_at(play.bench.sound.sounds_at_s(index) + 1e-5, begin)

    at_read_back(play, say)
    outcome = play.play()
    assert read_back(outcome).ducked is True
    assert outcome.ruling.verdict is Verdict.FAIL and "V19" in classes(outcome)


def test_what_cannot_be_subtracted_leaves_audibility_unknown(tmp_path: Path) -> None:
    play = staged(tmp_path)
    # The room lags from the dictation on: what is subtracted is no longer what is heard.
    at_read_back(play, lambda _: play.bench.sound.slip(0.013))
    talked_over(play, -0.6, READ_BACK_S + 0.3, 0.0)
    outcome = play.play()
    found = [p for p in events(outcome, PromptHeard) if p.prompt_id == "read_back"]
    assert not found or found[0].estoi is None
    assert outcome.ruling.verdict is not Verdict.PASS


def test_an_overdriven_microphone_proves_nothing(tmp_path: Path) -> None:
    play = stage(tmp_path, scene("ordinary-talk", only=1), None, prompts=("am_here",))
    play.bench.sound.overdrive("listener", 0.06)
    outcome = play.play()
    assert "microphone_sound" in broken_controls(outcome)
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE


def test_a_rig_without_prompts_on_file_tells_nothing_of_audibility(tmp_path: Path) -> None:
    file = rig_file()
    bare = replace(file, device=file.device.model_copy(update={"prompts": None}))
    script = scene("ordinary-talk", only=1)
    facts = facts_of(stage(tmp_path, script, file=bare, prompts=()).bench.rig, script)
    assert "A" not in facts.sources and Sense.AUDIBILITY not in facts.senses
    assert Sense.AUDIBILITY in facts_of(stage(tmp_path / "b", script).bench.rig, script).senses
