"""The records of blocks, with the sound of each activation: made once, and kept.

A block's record is made from its sealed evidence as soon as the journal knows the block. Where the
harness died in between, it is made when the run is taken up.
"""

import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import soundfile
from pydantic import ValidationError

from harness.ears.reading import recogniser
from harness.ears.reading.recogniser import RATE_HZ
from harness.errors import RigError, SaysoError
from harness.evidence import layout
from harness.evidence.disk import write_private
from harness.evidence.read import read_sounds
from harness.scene.clips import Samples, resampled
from harness.series.background.audio import open_source
from harness.series.background.plan import Piece, Plan
from harness.series.background.transcripts import Word, words_of
from harness.series.background.woken import (
    Activation,
    BlockRecord,
    Sealed,
    Woke,
    place_of,
    violations,
    why_not,
    woke_in,
)
from harness.series.soak.journal import PlayLine
from harness.stage.sounds import flac

BLOCKS, ACTIVATIONS = "blocks", "activations"
_BEFORE_S, _AFTER_S = 6.0, 4.0
# A wake word is over before its upload begins, and nobody knows by how much.
_SAID_BEFORE_S, _SAID_AFTER_S = 4.0, 0.5
Reads = Callable[[Samples], str]


def read_aloud(sound: Samples) -> str:
    """What the installed recogniser makes of a sound at 16 kHz; empty where there is none."""
    try:
        return recogniser().transcribe(sound).text.strip()
    except RigError:
        return ""


@dataclass(frozen=True)
class Keeper:
    """Makes and keeps the records of one run. `wake`: the rig's wake word; `reads`: a recogniser's
    words for a sound, where there is no transcript.
    """

    out: Path
    plan: Plan
    wake: str
    reads: Reads = read_aloud

    def keep(self, line: PlayLine) -> BlockRecord:
        """The record of a block that the journal knows: the one on the disk, or a new one."""
        path = self.out / BLOCKS / f"{line.number:06}.json"
        if path.exists():
            try:
                return BlockRecord.model_validate_json(path.read_text(encoding="utf-8"))
            except (OSError, ValidationError, UnicodeDecodeError) as error:
                raise RigError(
                    f"{path}: cannot be read ({error}); take it away, and it is made again from "
                    f"{self.out / line.evidence}"
                ) from error
        record = self._made(line)
        path.parent.mkdir(exist_ok=True, mode=layout.FOLDER_MODE)
        write_private(path, (record.model_dump_json(indent=1) + "\n").encode())
        return record

    def _made(self, line: PlayLine) -> BlockRecord:
        block = self.plan.blocks[line.number - 1]
        audio_s = sum(piece.length_s for piece in block)
        if not line.evidence:
            return BlockRecord(
                number=line.number,
                audio_s=audio_s,
                why_not=(line.headline or "it could not be played",),
                activations=(),
                violations=(),
                messages=0,
            )
        sealed = Sealed.read(self.out / line.evidence)
        worded = [piece for piece in block if self.plan.files[piece.file].words is not None]
        woke = woke_in(sealed)
        of_worded = [w for w in woke if self._is_worded(line.number, sealed, w)]
        return BlockRecord(
            number=line.number,
            audio_s=audio_s,
            why_not=why_not(sealed),
            activations=tuple(
                self._activation(line.number, sealed, each, f"{line.number:06}-{index}")
                for index, each in enumerate(woke, 1)
            ),
            violations=violations(sealed),
            messages=len(sealed.ruling.messages_received),
            words=sum(len(self._words_in(p, p.from_s, p.until_s)) for p in worded),
            worded_s=sum(piece.length_s for piece in worded),
            worded=len(of_worded),
            sees_local=sealed.sees_local,
        )

    def _is_worded(self, number: int, sealed: Sealed, woke: Woke) -> bool:
        place = place_of(self.plan, number, sealed, woke.at_s)
        return place is not None and self.plan.files[place[0].file].words is not None

    # One activation ----------------------------------------------------------------------------

    def _activation(self, number: int, sealed: Sealed, woke: Woke, name: str) -> Activation:
        folder = self.out / ACTIVATIONS / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=layout.FOLDER_MODE)
        _write_heard(sealed.folder, woke.at_s, folder / "heard.flac")
        place = place_of(self.plan, number, sealed, woke.at_s)
        bare = Activation(
            at_s=round(woke.at_s, 3),
            grade=woke.grade,
            cls=woke.cls,
            sentence=woke.sentence,
            file=None,
            offset_s=None,
            clips=f"{ACTIVATIONS}/{name}",
        )
        return bare if place is None else self._placed(bare, *place, folder)

    def _placed(self, bare: Activation, piece: Piece, offset_s: float, folder: Path) -> Activation:
        """With the place in its file, the sound of that, and what was being said."""
        saying, said_by = self._said(piece, offset_s)
        _write_source(self.plan.path(piece.file), offset_s, folder / "source.flac")
        return bare.model_copy(
            update={
                "file": self.plan.files[piece.file].name,
                "offset_s": round(offset_s, 2),
                "saying": saying,
                "said_by": said_by,
                "wake_word": _plain(self.wake) in _plain(saying) if saying else None,
            }
        )

    def _said(self, piece: Piece, offset_s: float) -> tuple[str, str]:
        from_s, until_s = max(0.0, offset_s - _SAID_BEFORE_S), offset_s + _SAID_AFTER_S
        if self.plan.files[piece.file].words is not None:
            words = self._words_in(piece, from_s, until_s)
            return " ".join(word.text for word in words), "transcript"
        sound = _stretch(self.plan.path(piece.file), from_s, until_s, RATE_HZ)
        text = "" if sound is None else self.reads(sound)
        return text, "reader" if text else ""

    def _words_in(self, piece: Piece, from_s: float, until_s: float) -> Sequence[Word]:
        """The words that begin in a span of a piece's file."""
        file, path = self.plan.files[piece.file], self.plan.path(piece.file)
        words = _words(path, file.transcripts, file.length_s)
        return [word for word in words if from_s <= word.start_s < until_s]


@cache
def _words(path: Path, transcripts: tuple[str, ...], length_s: float) -> tuple[Word, ...]:
    return words_of([path.parent / name for name in transcripts], path, length_s)


def _plain(text: str) -> str:
    return " ".join(re.sub(r"[^\w ]", "", text.lower()).split())


def _stretch(path: Path, from_s: float, until_s: float, rate_hz: int) -> Samples | None:
    """A stretch of a sound file, None where it is not there any more."""
    try:
        source = open_source(path)
        if source is None:
            return None
        return resampled(source.read(from_s, until_s), source.rate_hz, rate_hz)
    except (SaysoError, OSError):
        return None


def _write_source(path: Path, offset_s: float, to: Path) -> None:
    sound = _stretch(path, max(0.0, offset_s - _BEFORE_S), offset_s + _AFTER_S, RATE_HZ)
    if sound is not None and len(sound):
        write_private(to, flac(sound, RATE_HZ))


def _write_heard(evidence: Path, at_s: float, to: Path) -> None:
    """The listener's recording around an activation, where there is one."""
    listener = {sound.name: sound for sound in read_sounds(evidence)}.get(layout.LISTENER)
    if listener is None:
        return
    with soundfile.SoundFile(evidence / layout.LISTENER) as file:
        first = round((at_s - _BEFORE_S - listener.starts_at_s) * file.samplerate)
        file.seek(min(max(0, first), file.frames))
        count = round((_BEFORE_S + _AFTER_S) * file.samplerate)
        sound = file.read(count, dtype="float32", always_2d=True)[:, 0]
        if len(sound):
            write_private(to, flac(sound, file.samplerate))
