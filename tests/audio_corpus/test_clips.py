"""Rendered clips are what the manifest says, and where they sound is known."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from audio_corpus.prompts.build import Programs, render
from audio_corpus.prompts.clips import (
    MANIFEST,
    Known,
    Store,
    differing,
    read_manifest,
    sounding,
    write_manifest,
)
from audio_corpus.prompts.texts import Line, prompts, talk
from audio_corpus.rendering.programs import version_of
from harness.errors import CorpusError

LINE = next(line for line in prompts("tune") if line.voice == "flite:awb")


def quiet(done: int, of: int, what: str) -> None:
    pass


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(tmp_path_factory.mktemp("clips"))
    render([LINE], made, quiet)
    return made


def test_the_same_flite_makes_the_clip_of_the_manifest(store: Store) -> None:
    renderers = json.loads(MANIFEST.read_text())["renderers"]
    if renderers["flite"] != version_of("flite"):
        pytest.skip("another flite than the one that the manifest was made by")
    made, wanted = store.known(LINE), read_manifest()[LINE.voice, LINE.text]
    # Not its hash: another processor rounds otherwise (seen: 7 of 32768 at most).
    assert (made.samples, made.sounds) == (wanted.samples, wanted.sounds)


def test_rendering_again_gives_the_same_bytes(store: Store, tmp_path: Path) -> None:
    again = Store(tmp_path)
    render([LINE], again, quiet)
    assert again.path(LINE).read_bytes() == store.path(LINE).read_bytes()


def test_a_clip_with_one_other_sample_differs(store: Store, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    write_manifest({LINE: store.known(LINE)}, {}, manifest)
    assert differing([LINE], store, manifest) == []
    pcm, rate_hz = soundfile.read(store.path(LINE), dtype="int16")
    pcm[len(pcm) // 2] += 1
    other = Store(tmp_path)
    soundfile.write(other.path(LINE), pcm, rate_hz, format="FLAC", subtype="PCM_16")
    assert differing([LINE], other, manifest) == [LINE]


def test_a_line_that_was_not_rendered_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"python -m audio_corpus\.prompts"):
        Store(tmp_path).speech(talk("test")[0], 16_000)


def test_programs_say_what_they_are() -> None:
    job = {"id": "x", "engine": "flite", "name": "slt", "text": "Sent.", "speed": 1.0}
    (done,) = Programs().render([job], quiet)
    assert done.versions == {"flite": version_of("flite")} and done.samples.any()


@pytest.mark.parametrize("level", [0.001, 0.5])
def test_sounding_is_where_the_sound_is(level: float) -> None:
    sound = np.zeros(48_000, dtype=np.float32)
    sound[12_000:30_000] = level * np.sin(np.arange(18_000) * 0.1)
    first, last = sounding(sound, 48_000)
    assert abs(first - 12_000) < 240 and abs(last - 30_000) < 240


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    known = {
        Line("flite:slt", 'Say "yes", please.', "test"): Known("ab", 9, (1, 8)),
        Line("espeak:en-us", "Café?", "tune"): Known("cd", 5, (0, 5)),
    }
    write_manifest(known, {"flite": "2.2"}, tmp_path / "manifest.json")
    read = read_manifest(tmp_path / "manifest.json")
    assert read == {(line.voice, line.text): one for line, one in known.items()}
