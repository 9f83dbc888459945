"""The clips of the test set: rendered once, kept in the cache, held against the manifest.

`manifest.json` says of each line what came out where the set was made: the SHA-256 of its samples
(16 bit, little-endian), how many they are, and between which of them something sounds.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import numpy as np
import scipy
import soundfile

from audio_corpus.prompts.texts import Line, digest
from harness.errors import CorpusError
from harness.scene.clips import (
    CLIP_RATE_HZ,
    Samples,
    active_level_dbfs,
    finished_speech,
    read_clip,
    write_clip,
)
from harness.scene.corpus_tools import Rendered, cache_folder

MANIFEST = Path(__file__).parent / "manifest.json"
PROJECT = Path(__file__).resolve().parents[2]
_ABOUT = "voice, text: SHA-256 of the 16-bit samples, how many, first that sounds, last and one"
_SOUNDS_BELOW_ACTIVE_DB = 30.0
_SMOOTHING_S = 0.005


@dataclass(frozen=True, slots=True)
class Known:
    """What the manifest says of a clip: `sounds`: first sample that sounds, and one past the last.

    All at 48 kHz.
    """

    sha256: str
    samples: int
    sounds: tuple[int, int]


class Store:
    """Where rendered clips are kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def default(cls) -> "Store":
        """Beside the downloads of the corpus: `$XDG_CACHE_HOME/sayso` or `.cache/sayso`."""
        return cls(cache_folder(os.environ, PROJECT) / "prompts")

    def has(self, line: Line) -> bool:
        """Whether a line was rendered."""
        return self.path(line).is_file()

    def path(self, line: Line) -> Path:
        """Where a line is, or will be."""
        return self.folder / f"{digest(str(line))[:20]}.flac"

    def add(self, line: Line, raw: Rendered) -> Known:
        """Bring raw speech into the form of the corpus and keep it."""
        try:
            speech = finished_speech(raw.samples, raw.rate_hz)
        except CorpusError as error:
            raise CorpusError(f"{line.voice} {line.text!r}: {error}") from error
        self.folder.mkdir(parents=True, exist_ok=True)
        whole = self.path(line).with_suffix(".part")
        write_clip(whole, speech)
        whole.replace(self.path(line))
        return known_of(self.path(line))

    def rendered(self, line: Line) -> Path:
        """Where a rendered line is; `CorpusError` where it was not rendered."""
        if not self.has(line):
            raise CorpusError(
                f"{line.voice} {line.text!r} was not rendered; run `python -m audio_corpus.prompts`"
            )
        return self.path(line)

    def speech(self, line: Line, rate_hz: int) -> Samples:
        """The samples of a rendered line."""
        return _speech(self.rendered(line), rate_hz)

    def known(self, line: Line) -> Known:
        """What a rendered line is, by its own samples, whatever the manifest says."""
        return _known(self.rendered(line))


@lru_cache(maxsize=256)
def _speech(path: Path, rate_hz: int) -> Samples:
    samples = read_clip(path, rate_hz)
    samples.flags.writeable = False
    return samples


@cache
def _known(path: Path) -> Known:
    return known_of(path)


def known_of(path: Path) -> Known:
    """The hash, length and sounding span of a clip."""
    pcm, _ = soundfile.read(path, dtype="int16")
    sha256 = hashlib.sha256(pcm.astype("<i2").tobytes()).hexdigest()
    return Known(sha256, len(pcm), sounding(pcm.astype(np.float32) / 32768.0, CLIP_RATE_HZ))


def sounding(samples: Samples, rate_hz: int) -> tuple[int, int]:
    """First sample that sounds and one past the last: mean power over 5 ms around each, against
    the active level less 30 dB.
    """
    power = np.square(samples, dtype=np.float64)
    smooth = scipy.ndimage.uniform_filter1d(power, round(_SMOOTHING_S * rate_hz), mode="constant")
    floor_db = active_level_dbfs(samples, rate_hz) - _SOUNDS_BELOW_ACTIVE_DB
    loud = np.flatnonzero(smooth > 10 ** (floor_db / 10))
    return (int(loud[0]), int(loud[-1]) + 1) if loud.size else (0, len(samples))


def read_manifest(path: Path = MANIFEST) -> dict[tuple[str, str], Known]:
    """What is known of each clip, by voice and text."""
    content = json.loads(path.read_text("utf-8"))
    return {
        (voice, text): Known(sha256, samples, (first, last))
        for voice, lines in content["clips"].items()
        for text, (sha256, samples, first, last) in lines.items()
    }


def write_manifest(
    known: Mapping[Line, Known], versions: Mapping[str, str], path: Path = MANIFEST
) -> None:
    """Write the manifest, a line for each clip."""
    voices = sorted({line.voice for line in known})
    parts = [f"  {json.dumps(voice)}: {{\n{_rows(known, voice)}\n  }}" for voice in voices]
    lines = [
        "{",
        f' "about": {json.dumps(_ABOUT)},',
        f' "renderers": {json.dumps(dict(sorted(versions.items())))},',
        ' "clips": {',
        ",\n".join(parts),
        " }\n}\n",
    ]
    path.write_text("\n".join(lines), "utf-8")


def _rows(known: Mapping[Line, Known], voice: str) -> str:
    rows = [
        f"   {json.dumps(line.text)}: {json.dumps([one.sha256, one.samples, *one.sounds])}"
        for line, one in known.items()
        if line.voice == voice
    ]
    return ",\n".join(rows)


def differing(lines: Iterable[Line], store: Store, manifest: Path = MANIFEST) -> list[Line]:
    """Rendered lines that are not, sample for sample, what the manifest says.

    The same synthesiser on another processor may differ by a few hundredths of a percent of full
    scale, and so in every hash.
    """
    wanted = read_manifest(manifest)
    return [
        line
        for line in lines
        if store.has(line)
        and ((known := wanted.get((line.voice, line.text))) is None or known != store.known(line))
    ]
