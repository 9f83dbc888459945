"""A block of the plan as a scene with recordings beside it, for as long as it is being played."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import RigError, UserError
from harness.evidence.disk import write_private
from harness.evidence.layout import FOLDER_MODE
from harness.scene.clips import (
    ACTIVE_LEVEL_DBFS,
    CLIP_RATE_HZ,
    Samples,
    active_level_dbfs,
    resampled,
    write_clip,
)
from harness.scene.loader import scene_id
from harness.series.background.audio import SoundSource, open_source
from harness.series.background.plan import Piece, Plan, check_unchanged
from harness.series.soak.night import Played, Player

SCENES = "background"
_SUFFIX = ".scene.yaml"
_FIRST_AT_S = 1.0
_LOWEST_DB = -60.0
# Under what a loudspeaker is given at most, and under full scale of a recording.
_PEAK, _CLIP_PEAK = 0.88, 0.99
_NAME_CHARS = 900


def scene_of(out: Path, plan: Plan, number: int) -> Path | None:
    """The scene file of a block by its number, from 1; None after the last."""
    if number > len(plan.blocks):
        return None
    return out / SCENES / f"{number:06}{_SUFFIX}"


def clear_recordings(out: Path) -> None:
    """Remove the recordings of a block in which the harness died; the scene files stay."""
    for left in (out / SCENES).glob("*/"):
        shutil.rmtree(left)


def number_of(scene: Path) -> int:
    """The number of the block that a scene file is of."""
    return int(scene.name.removesuffix(_SUFFIX))


class BlockPlayer:
    """Plays blocks on what plays scenes; a block's recordings are there while it is played.

    `speech_db`: the rig's speech level, dB re full scale.
    """

    def __init__(self, player: Player, plan: Plan, speech_db: float) -> None:
        self._player, self._plan, self._speech_db = player, plan, speech_db

    def play(self, scene: Path, into: Path) -> Played:
        """Play a block. Raises `RigError` where the rig cannot, or its sound is gone."""
        clips = scene.parent / scene.name.removesuffix(_SUFFIX)
        shutil.rmtree(clips, ignore_errors=True)
        try:
            write_block(scene, self._plan, clips, self._speech_db)
            return self._player.play(scene, into)
        finally:
            shutil.rmtree(clips, ignore_errors=True)

    def trouble(self) -> str | None:
        """As the player finds it."""
        return self._player.trouble()

    def renew(self) -> None:
        """Close the rig."""
        self._player.renew()


def write_block(scene: Path, plan: Plan, clips: Path, speech_db: float) -> None:
    """Write a block's scene file and its recordings. `RigError` where its sound is gone."""
    clips.mkdir(parents=True, mode=FOLDER_MODE)
    lines = list[dict[str, Any]]()
    before: Piece | None = None
    sources = dict[int, SoundSource]()
    for index, piece in enumerate(plan.blocks[number_of(scene) - 1]):
        level_db = max(_LOWEST_DB, plan.asked.level_db + piece.level_db)
        samples = _read(plan, piece, sources)
        write_clip(clips / f"{index:03}.flac", _shaped(samples, speech_db + level_db))
        lines.append(_line(plan, piece, index, before, level_db, clips.name))
        before = piece
    text = json.dumps(_scene(plan, scene, lines), indent=1) + "\n"
    write_private(scene, text.encode())


def said(plan: Plan, piece: Piece) -> str:
    """What stands for a piece in rulings: its file and span."""
    name = plan.files[piece.file].name[-_NAME_CHARS:]
    return f"{name}, {clock(piece.from_s)} to {clock(piece.until_s)}"


def clock(at_s: float) -> str:
    """A time in a long file: `1:02:03.4`."""
    tenths = round(10 * at_s)
    return f"{tenths // 36000}:{tenths // 600 % 60:02}:{tenths // 10 % 60:02}.{tenths % 10}"


def _read(plan: Plan, piece: Piece, sources: dict[int, SoundSource]) -> Samples:
    """The sound of a piece, as every clip is sampled."""
    try:
        if piece.file not in sources:
            check_unchanged(Path(plan.asked.folder), plan.files[piece.file])
            source = open_source(plan.path(piece.file))
            if source is None:
                raise UserError(f"{plan.path(piece.file)} is no sound file any more")
            sources[piece.file] = source
        source = sources[piece.file]
        samples = source.read(piece.from_s, piece.until_s)
    except (UserError, OSError) as error:
        # A night does not end for it: the block is inconclusive, and says why.
        raise RigError(str(error)) from error
    return resampled(samples, source.rate_hz, CLIP_RATE_HZ)


def _shaped(samples: Samples, played_db: float) -> Samples:
    """A clip at the corpus's level, less the peaks that would clip when it is played."""
    active_db = active_level_dbfs(samples, CLIP_RATE_HZ)
    if not np.isfinite(active_db):
        raise RigError("a piece that was not silent when it was measured is silent now")
    scaled = samples * np.float32(10 ** ((ACTIVE_LEVEL_DBFS - active_db) / 20))
    peak = min(_CLIP_PEAK, _PEAK * 10 ** ((ACTIVE_LEVEL_DBFS - played_db) / 20))
    return np.asarray(np.clip(scaled, -peak, peak), np.float32)


def _line(
    plan: Plan, piece: Piece, index: int, before: Piece | None, level_db: float, clips: str
) -> dict[str, Any]:
    gap_s = 0.0
    if before is not None and (before.file != piece.file or before.until_s != piece.from_s):
        gap_s = plan.asked.gap_s
    at = plan.asked.at
    return {
        "who": at[index % len(at)],
        "says": said(plan, piece),
        "to": "room",
        "when": {"at_s": _FIRST_AT_S} if before is None else {"pause_s": gap_s},
        "clip": f"{clips}/{index:03}.flac",
        "level_db": level_db,
    }


def _scene(plan: Plan, scene: Path, lines: list[dict[str, Any]]) -> dict[str, Any]:
    role = "media" if plan.asked.whose == "media" else "resident"
    return {
        "title": f"Background, block {number_of(scene)} of {len(plan.blocks)}",
        "about": f"Made by `sayso background` ({scene_id(scene)}). Nobody speaks to the device.",
        "household": {"contacts": list(plan.asked.contacts)},
        "cast": {at: {"voice": "recording:own", "role": role, "at": at} for at in plan.asked.at},
        "lines": lines,
        "expect": {"messages": []},
    }
