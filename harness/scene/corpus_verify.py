"""Checks that every file of a corpus is what its manifest promises."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from harness.errors import CorpusError
from harness.scene.clips import Samples, active_level_dbfs, read_clip, sounding_span
from harness.scene.corpus import Corpus, file_sha256
from harness.scene.manifest import Clip, Form, Manifest, Sound, SoundFile, read_manifest

Recognise = Callable[[Samples, int], str]
"""Mono samples and their rate (Hz) to the words heard."""

_LEVEL_TOLERANCE_DB = 0.5
_LENGTH_TOLERANCE_S = 0.001
_END_TOLERANCE_S = 0.02
_SILENCE_BELOW_ACTIVE_DB = 40.0
_FULL_SCALE = 0.999


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and what to do next."""

    path: Path
    what: str
    next_step: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}; {self.next_step}"


def verify(corpus: Corpus, recognise: Recognise | None = None) -> list[Problem]:
    """Everything that is wrong, folder by folder; an empty list means all is as promised.

    `recognise`: where given, each clip must be heard with at most half of its words wrong, which
    finds clips that say something else altogether.
    """
    problems: list[Problem] = []
    for folder in corpus.folders:
        manifest = read_manifest(folder)
        problems += _of_manifest(folder, manifest)
        for entry in (*manifest.clips, *manifest.sounds):
            problems += _of_file(folder, entry, manifest.form, recognise)
    return problems


def _of_manifest(folder: Path, manifest: Manifest) -> Iterator[Problem]:
    entries = (*manifest.clips, *manifest.sounds)
    if not entries:
        yield Problem(folder, "the manifest lists nothing", "build it with `sayso corpus build`")
    lines = [(clip.voice, clip.text) for clip in manifest.clips]
    for line in sorted({line for line in lines if lines.count(line) > 1}):
        yield Problem(folder, f"two clips of {line[0]} saying {line[1]!r}", "delete one of them")
    keys = [entry.key for entry in entries]
    for key in sorted({key for key in keys if keys.count(key) > 1}):
        yield Problem(folder, f"two entries called {key}", "delete one of them")
    listed = {entry.file for entry in entries}
    for path in sorted((folder / "clips").glob("*")):
        if f"clips/{path.name}" not in listed:
            yield Problem(path, "is in no manifest", "delete it or build the line it belongs to")


def _of_file(
    folder: Path, entry: SoundFile, form: Form, recognise: Recognise | None
) -> Iterator[Problem]:
    path = folder / entry.file
    again = "get it back from git or `sayso corpus build --force` it"
    if not path.is_file():
        yield Problem(path, "is missing", again)
        return
    if file_sha256(path) != entry.sha256:
        yield Problem(path, "is not the file that the manifest was written for (SHA-256)", again)
    try:
        found = soundfile.info(path)
        samples = read_clip(path, found.samplerate)
    except (CorpusError, RuntimeError, OSError) as error:
        yield Problem(path, f"cannot be used ({error})", again)
        return
    wrong = [*_header(entry, form, found), *_sound(entry, form, samples, found.samplerate)]
    if isinstance(entry, Clip) and recognise is not None:
        wrong += _words(entry, recognise(samples, found.samplerate))
    for what in wrong:
        yield Problem(path, what, again)


def _header(entry: SoundFile, form: Form, found: "soundfile._SoundFileInfo") -> Iterator[str]:
    if not found.samplerate == entry.rate_hz == form.rate_hz:
        yield f"is at {found.samplerate} Hz, promised are {entry.rate_hz} Hz"
    if found.channels != form.channels:
        yield f"has {found.channels} channels, promised is {form.channels}"
    if (found.format, found.subtype) != ("FLAC", f"PCM_{form.bits}"):
        yield f"is {found.format} {found.subtype}, promised is {form.bits}-bit FLAC"
    seconds = found.frames / found.samplerate
    if abs(seconds - entry.seconds) > _LENGTH_TOLERANCE_S:
        yield f"lasts {seconds:.3f} s, promised are {entry.seconds:.3f} s"


def _sound(entry: SoundFile, form: Form, samples: Samples, rate_hz: int) -> Iterator[str]:
    peak = float(np.max(np.abs(samples)))
    if peak == 0.0:
        yield "is digital silence"
        return
    if peak >= _FULL_SCALE:
        yield f"is clipped (peak {peak:.3f} of full scale)"
    level_dbfs = _level_dbfs(entry, samples, rate_hz)
    if abs(level_dbfs - form.active_level_dbfs) > _LEVEL_TOLERANCE_DB:
        yield f"is at {level_dbfs:.1f} dBFS, promised are {form.active_level_dbfs:.1f}"
    if isinstance(entry, Clip):
        floor = form.active_level_dbfs - _SILENCE_BELOW_ACTIVE_DB
        first, last = sounding_span(samples, rate_hz, floor)
        longest_s = max(first, samples.size - last) / rate_hz
        if longest_s > form.end_silence_s + _END_TOLERANCE_S:
            yield f"has {1000 * longest_s:.0f} ms of silence at an end"


def _level_dbfs(entry: SoundFile, samples: Samples, rate_hz: int) -> float:
    if isinstance(entry, Sound) and entry.recipe.engine == "recipe":
        return 10.0 * float(np.log10(np.mean(samples.astype(np.float64) ** 2)))
    return active_level_dbfs(samples, rate_hz)


def _words(clip: Clip, heard: str) -> Iterator[str]:
    from rapidfuzz.distance import Levenshtein

    said = clip.text.lower().replace("10", "ten").split()
    words = heard.lower().replace("10", "ten").split()
    if Levenshtein.distance(said, words) > max(1, len(said) // 2):
        yield f"should say {clip.text!r} but is heard as {heard!r}"
