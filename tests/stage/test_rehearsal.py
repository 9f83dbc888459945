"""When a scene's lines would come, and how it would sound, before anybody played it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.rigfile import load_rig
from harness.errors import SceneError
from harness.model.script import AfterLine, AtTime, Script
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.stage.clips import Cast, cast_for
from harness.stage.preview import preview, write_preview
from harness.stage.rehearsal import Kind, length_s, rehearse

ROOT = Path(__file__).parents[2]
RATE_HZ = 16_000


def scene(name: str) -> Script:
    return load_scene(ROOT / "scenarios/portland" / f"{name}.scene.yaml", Corpus.load())


def test_prompts_that_are_awaited_come_before_who_awaits_them() -> None:
    script = scene("wanted-message")
    moments = rehearse(script, {line.id: 1.0 for line in script.lines})
    kinds = [(moment.kind, moment.text) for moment in moments]
    assert kinds[2:4] == [
        (Kind.PROMPT, "ask_message"),
        (Kind.LINE, "I will be ten minutes late."),
    ]
    # 0.5 to 1.5, a pause of 0.8, a second; the device thinks 0.8 s and speaks 2 s; then 0.7 s.
    assert [m.start_s for m in moments[:4]] == pytest.approx([0.5, 2.3, 4.1, 6.8])
    assert length_s(moments) == pytest.approx(12.3)


@given(st.lists(st.floats(0, 5), min_size=5, max_size=5), st.floats(0.1, 4))
def test_pauses_and_lines_add_up(pauses_s: list[float], line_s: float) -> None:
    script = scene("kitchen")
    lines = [
        replace(line, when=AfterLine(pause_s))
        for line, pause_s in zip(script.lines, pauses_s, strict=True)
    ]
    moments = rehearse(replace(script, lines=tuple(lines)), {line.id: line_s for line in lines})
    assert length_s(moments) == pytest.approx(sum(pauses_s) + 5 * line_s)


def quiet_cast(script: Script) -> Cast:
    sounds = {line.id: np.zeros(RATE_HZ, np.float32) for line in script.lines}
    return Cast(sounds, {}, (np.zeros(1, np.float32),) * 2)


def test_each_line_is_heard_at_its_time_and_nothing_else() -> None:
    script, file = scene("kitchen"), load_rig(ROOT / "rigs" / "virtual.yaml")
    cast = cast_for(script, file, Corpus.load(), RATE_HZ)
    moments = rehearse(script, {k: len(v) / RATE_HZ for k, v in cast.lines.items()})
    heard = preview(script, cast, moments, file, RATE_HZ)
    assert len(heard) == pytest.approx((length_s(moments) + 1.0) * RATE_HZ, abs=1)
    for moment in moments:
        begins, ends = round(moment.start_s * RATE_HZ), round(moment.end_s * RATE_HZ)
        before, said = heard[max(0, begins - 1600) : begins], heard[begins:ends]
        assert np.std(said) > 30 * np.std(before)


def test_a_scene_without_sound_is_silence_and_is_written(tmp_path: Path) -> None:
    script, file = scene("kitchen"), load_rig(ROOT / "rigs" / "virtual.yaml")
    one = replace(script, lines=(replace(script.lines[0], when=AtTime(0.0)),))
    cast = quiet_cast(one)
    heard = preview(one, cast, rehearse(one, {one.lines[0].id: 1.0}), file, RATE_HZ)
    assert heard.shape == (2 * RATE_HZ,) and not heard.any()
    write_preview(heard, RATE_HZ, tmp_path / "a.wav")
    assert soundfile.info(tmp_path / "a.wav").frames == 2 * RATE_HZ
    with pytest.raises(SceneError, match="cannot be written"):
        write_preview(heard, RATE_HZ, tmp_path / "none" / "a.wav")
