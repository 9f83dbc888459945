"""Examines a rig: opens it, plays a scene without lines, and tells every control."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import scipy

from harness.bench.drivers.registry import not_on_hardware
from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.model.script import Household, Script
from harness.model.timeline import Control
from harness.scene.corpus import Corpus
from harness.series.doctor_measures import disk_speed, drops_under_load, measured
from harness.stage.clips import cast_for
from harness.stage.collect import Collector
from harness.stage.idle import idle_profile
from harness.stage.session import Take, play

_OPEN_LIMIT_S = 5.0
# A real bench looks at the interface's rate, and hears a sweep from each loudspeaker; it hears more
# of them where the microphones have a clock of their own. With four and one clock it took 11.8 s.
_REAL_LIMIT_S, _SWEEP_S, _TWO_CLOCKS_S = 10.0, 2.5, 40.0
_FREE_LIMIT_GB = 1.0
NOTHING = Script(
    id="doctor/silence",
    title="Nobody says anything",
    household=Household(contacts=("Thomas Reed",)),
    cast=(),
    lines=(),
)
"""A scene to examine a rig by."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to know of a rig that is no fault of it. `name`: stable; `detail`: for people."""

    name: str
    detail: str


def notes(file: RigFile) -> tuple[Note, ...]:
    """What is to be known of the drivers that a rig names, without opening anything."""
    if file.bench is None:
        return ()
    told = (not_on_hardware(slot, name) for slot, name in _drivers(file))
    return tuple(Note("not_on_hardware", why) for why in told if why is not None)


def _drivers(file: RigFile) -> Iterator[tuple[str, str]]:
    assert file.bench is not None
    yield from file.bench.drivers
    if file.proxy is not None:
        yield "proxy", file.proxy.driver


def examine(
    file: RigFile, clock: Clock, progress: Callable[[str], None], load_s: float = 0.0
) -> tuple[Control, ...]:
    """Every check of a rig, in the order in which they were made.

    `load_s`: for so long what is lost with a busy processor is looked for; 0 for not at all, nor
    on simulated time, where nothing can be.

    Raises `RigError` when the rig does not open at all: its message is the diagnosis.
    """
    idle_profile(file)  # one that does not fit is told before the bench is opened
    with ThreadPoolExecutor(1) as beside:
        beside.submit(_make_ready)
        return _examined(file, clock, progress, load_s)


def _examined(
    file: RigFile, clock: Clock, progress: Callable[[str], None], load_s: float
) -> tuple[Control, ...]:
    before_s = clock.monotonic_s()
    progress("opening the bench")
    with open_rig(file, clock) as rig:
        opened_s = clock.monotonic_s() - before_s
        folder = as_far_as_there(file.evidence)
        checks = [
            _opened(file, opened_s),
            realtime(rig),
            disk_space(folder),
            disk_speed(folder, clock),
        ]
        checks += prove_controls(rig, progress, measured)
        if load_s and file.simulated is None:
            progress(f"{load_s:g} s with a busy processor")
            with tempfile.TemporaryDirectory(prefix="sayso-doctor-", dir=folder) as scratch:
                checks.append(drops_under_load(rig, load_s, Path(scratch)))
    return tuple(checks)


def _make_ready() -> None:
    """Load what is slow to load, while the bench and the device start. What fails here fails again
    where it is needed.
    """
    _ = scipy.signal
    from harness.wire.flows.machine import make_ready  # a library of its own, slow to load

    make_ready()


def prove_controls(
    rig: Rig,
    progress: Callable[[str], None],
    also: Callable[[Take], list[Control]] = lambda _: [],
) -> list[Control]:
    """Every control of a play in which nobody says anything, on an open rig.

    It is not watched afterwards, as nothing is ruled on. `also`: what else is to be read from that
    play while its recording is there.
    """
    at_once = replace(rig.file.limits, watch_s=0.0, answer_window_s=0.0, follow_up_s=0.0)
    rig = replace(rig, file=replace(rig.file, limits=at_once))
    with tempfile.TemporaryDirectory(prefix="sayso-doctor-") as scratch:
        cast = cast_for(NOTHING, rig.file, Corpus.load(), rig.microphone.rate_hz)
        take = play(rig, NOTHING, cast, Path(scratch), progress)
        if isinstance(take.stopped_by, KeyboardInterrupt):
            raise take.stopped_by
        events = Collector(take, Path(scratch)).timeline().events
        more = also(take)
    found = [event for event in events if isinstance(event, Control)]
    if take.stopped_by is not None:
        found.append(_control("finished", False, None, None, "", str(take.stopped_by)))
    return [*found, *more]


def _control(
    name: str, held: bool, measured: float | None, limit: float | None, unit: str, detail: str
) -> Control:
    return Control("rig", name, held, measured, limit, unit, detail)


def _opened(file: RigFile, seconds: float) -> Control:
    limit_s = _OPEN_LIMIT_S
    if file.bench is not None:
        two_clocks_s = 0.0 if file.bench.sound.microphones is None else _TWO_CLOCKS_S
        limit_s = _REAL_LIMIT_S + _SWEEP_S * len(file.positions) + two_clocks_s
    held = seconds <= limit_s
    detail = "the bench opened" + ("" if held else " slowly: the machine is busy")
    return _control("bench_open", held, round(seconds, 2), limit_s, "s", detail)


def realtime(rig: Rig) -> Control:
    """Whether sound runs under real-time priority."""
    detail = (
        "sound runs under real-time priority"
        if rig.realtime
        else "no right to real-time priority, so sound will be lost under load: give this user an "
        "rtprio limit of 60 in /etc/security/limits.d/, or run as root"
    )
    return _control("realtime", rig.realtime, None, None, "", detail)


def as_far_as_there(folder: Path) -> Path:
    """The folder, or as much of the way there as there is."""
    folder = folder.absolute()
    while not folder.exists():
        folder = folder.parent
    return folder


def disk_space(folder: Path) -> Control:
    """How much room there is for evidence where `folder` lies, which is there."""
    free_gb = shutil.disk_usage(folder).free / 1e9
    held = free_gb >= _FREE_LIMIT_GB
    detail = f"free space for evidence in {folder}" + ("" if held else ": make room")
    return _control("disk_space", held, round(free_gb, 1), _FREE_LIMIT_GB, "GB", detail)
