"""The corpus: looking up, reading, verifying, and building with a simulated renderer."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from harness.errors import CorpusError
from harness.scene.clips import (
    ACTIVE_LEVEL_DBFS,
    CLIP_RATE_HZ,
    active_level_dbfs,
    finished_speech,
    read_clip,
    write_clip,
)
from harness.scene.corpus import SHIPPED_FOLDER, Corpus
from harness.scene.corpus_build import build, build_sounds, wanted_of_scripts
from harness.scene.corpus_tools import Progress, Rendered, cache_folder
from harness.scene.corpus_verify import verify
from harness.scene.manifest import MANIFEST_NAME, manifest_schema, read_manifest
from harness.scene.voices import all_voices, parse_voice

RATE_HZ = 24_000


class ToneRenderer:
    """A simulated peer of the synthesisers: each text becomes a tone burst of its own pitch."""

    def __init__(self, fails_at: str | None = None, silent: bool = False) -> None:
        self.rendered: list[str] = []
        self._fails_at = fails_at
        self._silent = silent

    def render(self, jobs: Sequence[dict[str, Any]], progress: Progress) -> Iterator[Rendered]:
        for number, job in enumerate(jobs):
            text = str(job.get("text", job["name"]))
            progress(number, len(jobs), text)
            if text == self._fails_at:
                raise CorpusError(f"could not render {text!r}")
            self.rendered.append(text)
            yield Rendered(job["id"], self._tone(text), RATE_HZ, {"tone": "1"})

    def _tone(self, text: str) -> np.ndarray[Any, np.dtype[np.float32]]:
        hz = 200 + int.from_bytes(hashlib.sha256(text.encode()).digest()[:1], "big")
        tone = 0.2 * np.sin(2 * np.pi * hz * np.arange(RATE_HZ) / RATE_HZ)
        if self._silent:
            tone *= 0.0
        return np.pad(tone, RATE_HZ // 2).astype(np.float32)


def quiet(done: int, total: int, what: str) -> None:
    assert 0 <= done <= max(1, total) and what


YES = ("kokoro:am_michael", "Yes.")
NO = ("kokoro:am_michael", "No.")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build(tmp_path / "own", [YES, NO], ToneRenderer(), quiet)
    return tmp_path / "own"


def only_problem(folder: Path) -> str:
    problems = verify(Corpus.load(folder))
    assert len(problems) == 1, [str(problem) for problem in problems]
    return str(problems[0])


# The shipped corpus


def test_every_shipped_file_is_as_its_manifest_promises() -> None:
    assert [str(problem) for problem in verify(Corpus.load())] == []


def test_every_line_of_the_shipped_scripts_has_a_clip() -> None:
    assert Corpus.load().missing(wanted_of_scripts(SHIPPED_FOLDER)) == ()


def test_the_shipped_sounds_are_there() -> None:
    for name in ("kitchen_noise", "television"):
        assert soundfile.info(Corpus.load().sound(name)).duration >= 20.0


def test_the_kitchen_noise_loops_without_a_seam() -> None:
    noise = read_clip(Corpus.load().sound("kitchen_noise"), CLIP_RATE_HZ)
    assert abs(noise[0] - noise[-1]) <= np.max(np.abs(np.diff(noise)))


def test_every_shipped_voice_has_its_licence_written_down() -> None:
    notes = (SHIPPED_FOLDER / "licences" / "README.md").read_text("utf-8")
    for _folder, entry in Corpus.load().entries():
        assert entry.licence in notes
        assert entry.recipe.versions


def test_the_published_schema_is_the_one_in_force() -> None:
    published = SHIPPED_FOLDER.parent / "docs" / "schemas" / "corpus.schema.json"
    assert json.loads(published.read_text("utf-8")) == manifest_schema()


def test_lock_file_and_corpus_name_no_address() -> None:
    for name in ("requirements.lock", MANIFEST_NAME):
        assert "://" not in (SHIPPED_FOLDER / name).read_text("utf-8")


# Looking up


def test_a_missing_line_is_named_with_the_command_that_renders_it(folder: Path) -> None:
    with pytest.raises(CorpusError, match=r"am_michael saying 'Maybe\.'.*sayso corpus build"):
        Corpus.load(folder).clip("kokoro:am_michael", "Maybe.")
    with pytest.raises(CorpusError, match=r"did you mean `kokoro:am_michael`\? If not, render it"):
        Corpus.load(folder).clip("kokoro:am_micheal", "Yes.")


def test_white_space_does_not_matter_but_words_and_voice_do(folder: Path) -> None:
    corpus = Corpus.load(folder)
    assert corpus.clip("kokoro:am_michael", "  Yes.\n") == corpus.clip(*YES)
    for voice, text in (("kokoro:af_heart", "Yes."), ("kokoro:am_michael", "Yes")):
        with pytest.raises(CorpusError):
            corpus.clip(voice, text)


def test_an_unknown_sound_lists_those_that_there_are() -> None:
    with pytest.raises(CorpusError, match="kitchen_noise, television"):
        Corpus.load().sound("kitchen_nose")


def test_folders_are_searched_in_order(folder: Path) -> None:
    corpus = Corpus.load(folder, SHIPPED_FOLDER)
    assert corpus.clip(*YES).is_relative_to(folder)
    assert corpus.clip("kokoro:am_michael", "Alexa.").is_relative_to(SHIPPED_FOLDER)


def test_a_listed_file_that_is_gone_is_an_error_at_once(folder: Path) -> None:
    Corpus.load(folder).clip(*YES).unlink()
    with pytest.raises(CorpusError, match="not on disk"):
        Corpus.load(folder).clip(*YES)


@pytest.mark.parametrize("text", ["", "{", '{"version": 1}', '{"version": 2}'])
def test_a_broken_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / MANIFEST_NAME).write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError, match=MANIFEST_NAME):
        Corpus.load(folder)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="cannot be read"):
        Corpus.load(tmp_path)


def test_a_mistyped_voice_gets_a_suggestion() -> None:
    with pytest.raises(CorpusError, match="did you mean kokoro:am_michael"):
        parse_voice("kokoro:am_micheal")
    with pytest.raises(CorpusError, match="engines are kokoro"):
        parse_voice("festival:kal")
    assert [str(parse_voice(name)) for name in all_voices()] == list(all_voices())


# Reading


def test_a_clip_is_resampled_and_keeps_its_level(folder: Path) -> None:
    clip = read_clip(Corpus.load(folder).clip(*YES), 16_000)
    assert clip.dtype == np.float32 and clip.ndim == 1
    assert active_level_dbfs(clip, 16_000) == pytest.approx(ACTIVE_LEVEL_DBFS, abs=0.3)


def test_more_than_one_channel_is_refused_with_the_way_out(tmp_path: Path) -> None:
    path = tmp_path / "two.wav"
    soundfile.write(path, np.zeros((100, 2)), 48_000)
    with pytest.raises(CorpusError, match=r"2 channels.*remix"):
        read_clip(path, 48_000)


def test_an_empty_clip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "empty.wav"
    soundfile.write(path, np.zeros(0), 48_000)
    with pytest.raises(CorpusError, match="no samples"):
        read_clip(path, 48_000)


def test_a_clip_with_what_is_no_number_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nan.wav"
    soundfile.write(path, np.array([0.0, np.nan]), 48_000, subtype="FLOAT")
    with pytest.raises(CorpusError, match="not numbers"):
        read_clip(path, 48_000)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "words.flac"
    path.write_text("not sound", encoding="utf-8")
    for bad in (path, tmp_path / "nowhere.flac", tmp_path):
        with pytest.raises(CorpusError, match="cannot be read as sound"):
            read_clip(bad, 48_000)


# Level


def test_a_pause_does_not_change_the_active_level() -> None:
    t = np.arange(4 * CLIP_RATE_HZ) / CLIP_RATE_HZ
    tone = (0.1 * np.sin(2 * np.pi * 300 * t)).astype(np.float32)
    paused = np.concatenate([tone, np.zeros(6 * CLIP_RATE_HZ, np.float32), tone])
    assert active_level_dbfs(tone, CLIP_RATE_HZ) == pytest.approx(-23.0, abs=0.5)
    assert active_level_dbfs(paused, CLIP_RATE_HZ) == pytest.approx(-23.0, abs=0.8)


def test_silence_has_no_level_and_makes_no_clip() -> None:
    silence = np.zeros(RATE_HZ, np.float32)
    assert active_level_dbfs(silence, RATE_HZ) == float("-inf")
    with pytest.raises(CorpusError, match="silence"):
        finished_speech(silence, RATE_HZ)


# Verifying: every kind of damage is found


def test_a_fresh_corpus_has_no_problem(folder: Path) -> None:
    assert verify(Corpus.load(folder)) == []


def test_a_missing_file_is_found(folder: Path) -> None:
    Corpus.load(folder).clip(*YES).unlink()
    assert "is missing" in only_problem(folder)


def test_a_file_in_no_manifest_is_found(folder: Path) -> None:
    shutil.copy(Corpus.load(folder).clip(*YES), folder / "clips" / "stray.flac")
    assert "in no manifest" in only_problem(folder)


def test_a_changed_file_is_found(folder: Path) -> None:
    corpus = Corpus.load(folder)
    shutil.copy(corpus.clip(*NO), corpus.clip(*YES))
    assert "SHA-256" in only_problem(folder)


def _replace(folder: Path, samples: np.ndarray[Any, Any], rate_hz: int = CLIP_RATE_HZ) -> str:
    """Put other sound under the name of a clip, with a manifest that has its hash and length."""
    path = Corpus.load(folder).clip(*YES)
    soundfile.write(path, samples, rate_hz, format="FLAC", subtype="PCM_16")
    manifest = json.loads((folder / MANIFEST_NAME).read_text("utf-8"))
    for clip in manifest["clips"]:
        if clip["text"] == YES[1]:
            clip["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
            clip["seconds"] = len(samples) / rate_hz
    (folder / MANIFEST_NAME).write_text(json.dumps(manifest), encoding="utf-8")
    return " | ".join(str(problem) for problem in verify(Corpus.load(folder)))


def test_digital_silence_is_found(folder: Path) -> None:
    assert "digital silence" in _replace(folder, np.zeros(CLIP_RATE_HZ))


def test_clipping_and_a_wrong_level_are_found(folder: Path) -> None:
    square = np.sign(np.sin(np.arange(CLIP_RATE_HZ) / 30.0))
    found = _replace(folder, square)
    assert "clipped" in found and "dBFS, promised" in found


def test_another_rate_is_found(folder: Path) -> None:
    assert "16000 Hz, promised" in _replace(folder, np.full(16_000, 0.1), 16_000)


def test_two_channels_are_found(folder: Path) -> None:
    assert "2 channels" in _replace(folder, np.full((CLIP_RATE_HZ, 2), 0.1))


def test_silence_at_an_end_is_found(folder: Path) -> None:
    clip = read_clip(Corpus.load(folder).clip(*YES), CLIP_RATE_HZ)
    assert "of silence at an end" in _replace(folder, np.pad(clip, (0, CLIP_RATE_HZ // 10)))


def test_a_clip_that_says_something_else_is_found(folder: Path) -> None:
    heard = {YES[1]: "yes", NO[1]: "the weather is fine today"}
    texts = iter([clip.text for clip in read_manifest(folder).clips])
    problems = verify(Corpus.load(folder), lambda _samples, _rate_hz: heard[next(texts)])
    assert ["the weather is fine" in str(problem) for problem in problems] == [True]


# Building


def test_only_what_is_missing_is_rendered(folder: Path) -> None:
    renderer = ToneRenderer()
    made = build(folder, [YES, ("kokoro:am_michael", "Maybe."), YES], renderer, quiet)
    assert renderer.rendered == ["Maybe."]
    assert [clip.text for clip in made] == ["Maybe."]
    assert Corpus.load(folder).missing([YES, NO, ("kokoro:am_michael", "Maybe.")]) == ()


def test_what_another_folder_has_is_not_rendered_again(tmp_path: Path) -> None:
    renderer = ToneRenderer()
    build(tmp_path / "mine", [YES], renderer, quiet, search=[SHIPPED_FOLDER])
    assert renderer.rendered == []


def test_force_renders_again_and_gives_the_same_bytes(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in (folder / "clips").iterdir()}
    manifest = (folder / MANIFEST_NAME).read_bytes()
    renderer = ToneRenderer()
    build(folder, [NO, YES], renderer, quiet, force=True)
    assert renderer.rendered == [NO[1], YES[1]]
    assert {path.name: path.read_bytes() for path in (folder / "clips").iterdir()} == before
    assert (folder / MANIFEST_NAME).read_bytes() == manifest


def test_what_was_rendered_before_a_failure_is_kept(folder: Path) -> None:
    wanted = [("kokoro:am_michael", "First."), ("kokoro:am_michael", "Second.")]
    with pytest.raises(CorpusError, match="Second"):
        build(folder, wanted, ToneRenderer(fails_at="Second."), quiet)
    assert Corpus.load(folder).missing(wanted) == (wanted[1],)
    assert verify(Corpus.load(folder)) == []


def test_a_silent_rendering_is_refused_with_its_line(folder: Path) -> None:
    with pytest.raises(CorpusError, match=r"'Hush\.'.*silence"):
        build(folder, [("kokoro:am_michael", "Hush.")], ToneRenderer(silent=True), quiet)


def test_takes_change_how_a_line_is_said(tmp_path: Path) -> None:
    take = {"voice": YES[0], "text": YES[1], "parameters": {"speed": 0.9, "say": "Yes!"}}
    (tmp_path / "takes.json").write_text(json.dumps({"takes": [take]}), encoding="utf-8")
    (clip,) = build(tmp_path, [YES], ToneRenderer(), quiet)
    assert clip.text == "Yes."
    assert clip.recipe.parameters == {"speed": 0.9, "say": "Yes!"}


def test_a_sound_is_made_from_its_recipe(tmp_path: Path) -> None:
    recipe = {"key": "hum", "about": "a hum", "recipe": "hum", "parameters": {"seconds": 2.0}}
    (tmp_path / "sounds.json").write_text(json.dumps({"sounds": [recipe]}), encoding="utf-8")
    (sound,) = build_sounds(tmp_path, ToneRenderer(), quiet)
    assert Corpus.load(tmp_path).sound("hum") == tmp_path / sound.file
    assert build_sounds(tmp_path, ToneRenderer(), quiet) == ()
    assert verify(Corpus.load(tmp_path)) == []


def test_downloads_are_cached_where_the_environment_says(tmp_path: Path) -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/c"}, tmp_path) == Path("/c/sayso")
    assert cache_folder({}, tmp_path) == Path.home() / ".cache" / "sayso"
    (tmp_path / "pyproject.toml").touch()
    assert cache_folder({}, tmp_path) == tmp_path / ".cache" / "sayso"


def test_clips_are_written_without_dither(tmp_path: Path) -> None:
    tone = np.linspace(-0.5, 0.5, 4800, dtype=np.float32)
    for name in ("a.flac", "b.flac"):
        write_clip(tmp_path / name, tone)
    assert (tmp_path / "a.flac").read_bytes() == (tmp_path / "b.flac").read_bytes()
