"""The night itself: draw, play, write down, look after the rig and the disk, until it is over."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from harness.clock import Clock
from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.folder import sha256_of
from harness.evidence.read import read_events, read_ruling
from harness.evidence.verify import verify
from harness.model.ruling import Ruling, Verdict
from harness.model.series import PlayKind
from harness.model.timeline import Interrupted
from harness.series.soak.heap import give_back_freed, keep_heap_small
from harness.series.soak.journal import HealthLine, Journal, PlayLine
from harness.series.soak.space import EvidenceSpace
from harness.series.verdict import play_of

PLAYS, CUT_SHORT = "plays", "cut-short"
_SICK_TWICE = 2


class Ended(StrEnum):
    """Why a night ended."""

    TIME = "its time was up"
    PLAYED = "every play asked for was played"
    OUT_OF_SERVICE = "the rig was taken out of service"
    DISK = "the disk budget is used up by what must be kept"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Played:
    """A play that was made. `stopped_by`: what cut it short."""

    ruling: Ruling
    folder: Path
    stopped_by: BaseException | None


class Player(Protocol):
    """A rig that plays scenes."""

    def play(self, scene: Path, into: Path) -> Played:
        """Play a scene, with its evidence in a new folder below `into`. `RigError` where the rig
        cannot.
        """

    def trouble(self) -> str | None:
        """Examine the rig: what is wrong, None where nothing is."""

    def renew(self) -> None:
        """Close the rig, so that it is opened anew by whoever asks next."""


@dataclass(frozen=True, slots=True)
class Night:
    """What to do. `draw`: the scene of a play by its number, None where there is no further one; it
    hangs on the number alone, so that a night that is taken up goes on as it would have.
    `until_s`: by the clock's `monotonic_s`; no play begins later. `plays`: at most so many in all,
    None for as many as there is time for. `disk_bytes`: what evidence may take.
    """

    folder: Path
    draw: Callable[[int], Path | None]
    until_s: float
    plays: int | None = None
    disk_bytes: int | None = None
    told: Callable[[PlayLine], None] = field(default=lambda _: None)


def run_night(night: Night, journal: Journal, player: Player, clock: Clock) -> tuple[Ended, str]:
    """Go on with a night from where its journal stands; why it ended, and that in words."""
    space = EvidenceSpace(night.folder, journal, night.disk_bytes)
    keep_heap_small()
    try:
        while (ended := _over(night, journal, clock)) is None:
            number = journal.next_number
            line = _adopted(night, number, clock) or _made(night, number, player, clock)
            if line is None:
                return Ended.INTERRUPTED, f"play {number} was cut short and does not count"
            journal.add(line)
            space.count(line)
            give_back_freed()
            night.told(line)
            sick = _unwell(line, journal, player)
            if sick is not None:
                return Ended.OUT_OF_SERVICE, sick
            if not space.within_budget():
                return Ended.DISK, "raise --disk-gb, or clear failures that are dealt with"
    except KeyboardInterrupt:
        return Ended.INTERRUPTED, "between two plays"
    return ended, ""


def _over(night: Night, journal: Journal, clock: Clock) -> Ended | None:
    if night.plays is not None and len(journal.plays) >= night.plays:
        return Ended.PLAYED
    if night.draw(journal.next_number) is None:
        return Ended.PLAYED
    return Ended.TIME if clock.monotonic_s() >= night.until_s else None


def _made(night: Night, number: int, player: Player, clock: Clock) -> PlayLine | None:
    """Make a play; None where somebody interrupted it. A rig that cannot play at all counts as an
    inconclusive play without evidence.
    """
    into, scene = night.folder / PLAYS / f"{number:06}", night.draw(number)
    assert scene is not None
    _put_aside(night, into)
    began_s = clock.now_s()
    try:
        played = player.play(scene, into)
    except RigError as error:
        player.renew()
        return _unplayed(number, scene, str(error), began_s, clock.now_s() - began_s)
    if isinstance(played.stopped_by, KeyboardInterrupt):
        return None
    return _line(night, number, played, began_s, clock.now_s() - began_s)


def _adopted(night: Night, number: int, clock: Clock) -> PlayLine | None:
    """A play that was sealed before the harness died, and that the journal does not know yet."""
    into = night.folder / PLAYS / f"{number:06}"
    found = sorted(into.iterdir()) if into.is_dir() else []
    if len(found) != 1 or not found[0].is_dir() or verify(found[0]):
        return None
    if any(isinstance(event, Interrupted) for event in read_events(found[0])):
        return None
    played = Played(read_ruling(found[0]), found[0], None)
    return _line(night, number, played, found[0].stat().st_mtime, 0.0)


def _put_aside(night: Night, into: Path) -> None:
    """What a play that was cut short has left is kept, and counts for nothing."""
    if not into.exists():
        return
    aside = night.folder / CUT_SHORT
    aside.mkdir(exist_ok=True, mode=0o700)
    count = sum(1 for _ in aside.iterdir())
    into.rename(aside / f"{into.name}-{count + 1}")


def _line(night: Night, number: int, played: Played, began_s: float, took_s: float) -> PlayLine:
    sealed = played.folder / layout.MANIFEST
    play = play_of(number, played.ruling, "", "", stopped=played.stopped_by is not None)
    return PlayLine(
        number=number,
        scene=played.ruling.scene_id,
        kind=play.kind,
        verdict=play.verdict,
        classes=play.classes,
        headline=play.headline,
        activations=play.activations,
        heard_s=play.heard_s,
        evidence=str(played.folder.relative_to(night.folder)),
        manifest_sha256=sha256_of(sealed) if sealed.exists() else "",
        began_unix_s=began_s,
        took_s=took_s,
    )


def _unplayed(number: int, scene: Path, why: str, began_s: float, took_s: float) -> PlayLine:
    return PlayLine(
        number=number,
        scene=f"{scene.parent.name}/{scene.name.removesuffix('.scene.yaml')}",
        kind=PlayKind.INCONCLUSIVE,
        verdict=Verdict.INCONCLUSIVE,
        classes=(),
        headline=why,
        activations=0,
        heard_s=0.0,
        evidence="",
        manifest_sha256="",
        began_unix_s=began_s,
        took_s=took_s,
    )


def _unwell(line: PlayLine, journal: Journal, player: Player) -> str | None:
    """Why the rig cannot go on; after a play that proved something it is well."""
    if line.kind is not PlayKind.INCONCLUSIVE:
        return None
    for _ in range(_SICK_TWICE):
        trouble = examine_rig(journal, player)
        if trouble is None:
            return None
        player.renew()
    return trouble


def examine_rig(journal: Journal, player: Player) -> str | None:
    """Examine the rig and write down what was found: None where all is well."""
    try:
        trouble = player.trouble()
    except RigError as error:
        trouble = str(error)
    journal.add(HealthLine(after=len(journal.plays), trouble=trouble))
    return trouble
