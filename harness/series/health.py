"""A short look at a rig before the first play of a session and after the last.

What the plays' own controls prove of it is not proven anew: each makes sound, asks the device and
compares the clocks. Here is what can be known in a second, without a sound: rights, disk, whether
each part still runs and answers, whether sound moves at the right rate.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.bench.rig import Rig
from harness.clock import Clock
from harness.errors import RigError
from harness.model.timeline import Control
from harness.series.doctor import disk_space, realtime
from harness.series.doctor_measures import RIG, disk_speed

_WRITTEN_MB = 8
_LISTENED_S, _PACE_TRIES, _PACE_OFF = 0.5, 3, 6.0
CLOCKS = "clock_agreement"
_CLOCK_CONTROLS = ("one_clock", "sound_clocks", "tap_clock", "shared_event")
ADVICE = ("realtime",)
"""What fails no session: what comes of it, lost sound, is seen in each play."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a rig: when it began (Unix s), what was found, how long it took (s)."""

    unix_s: float
    checks: tuple[Control, ...]
    took_s: float

    @property
    def broken(self) -> tuple[Control, ...]:
        """What did not hold and must."""
        return tuple(c for c in self.checks if not c.held and c.name not in ADVICE)

    @property
    def trouble(self) -> str | None:
        """What does not hold, in words; None where all does that must."""
        return "; ".join(f"{check.name}: {check.detail}" for check in self.broken) or None


def look_at(rig: Rig, evidence: Path, clock: Clock) -> Look:
    """Look at an open rig, with nothing played on it meanwhile; what fails is told, not raised.

    `evidence`: the folder that plays are written to, or as much of the way there as there is.
    `clock`: the real one, by which the disk is timed, also where the rig's is simulated.
    """
    began_s, unix_s = clock.monotonic_s(), clock.now_s()
    checks = tuple(_checks(rig, evidence, clock))
    return Look(unix_s, checks, round(clock.monotonic_s() - began_s, 3))


def _checks(rig: Rig, evidence: Path, clock: Clock) -> Iterator[Control]:
    yield realtime(rig)
    yield disk_space(evidence)
    yield _disk_speed(evidence, clock)
    yield _told("parts_run", rig.trouble(), "every part of the bench runs")
    for name, ask in rig.probes:
        yield _asked(f"{name}_answers", ask)
    yield from _sound_moves(rig)


def _disk_speed(evidence: Path, clock: Clock) -> Control:
    """By little; by more where that was slow, since a disk that is busy for a moment is."""
    quick = disk_speed(evidence, clock, _WRITTEN_MB)
    return quick if quick.held else disk_speed(evidence, clock)


def _asked(name: str, ask: Callable[[], str]) -> Control:
    try:
        return Control(RIG, name, True, None, None, "", ask())
    except (RigError, OSError) as error:
        return Control(RIG, name, False, None, None, "", str(error))


def _told(name: str, trouble: str | None, well: str) -> Control:
    return Control(RIG, name, trouble is None, None, None, "", trouble or well)


def _sound_moves(rig: Rig) -> Iterator[Control]:
    """Whether sound comes and goes at the right rate; not where none moves in real time."""
    name = "sound_moves"
    try:
        pace = _pace(rig)
    except (RigError, OSError) as error:
        yield Control(RIG, name, False, None, _PACE_OFF, "%", str(error))
        return
    if pace is None:
        return
    off, rate_hz = 100 * abs(pace - 1), rig.microphone.rate_hz
    detail = f"sound comes and goes at {rate_hz * pace:.0f} samples a second"
    if off > _PACE_OFF:
        detail += f" instead of {rate_hz}: see that nothing else sets the interface's rate"
    yield Control(RIG, name, off <= _PACE_OFF, round(off, 2), _PACE_OFF, "%", detail)


def _pace(rig: Rig) -> float | None:
    """A rate that is wrong is wrong each time; a busy machine is not."""
    pace = None
    for _ in range(_PACE_TRIES):
        pace = rig.microphone.pace(_LISTENED_S)
        if pace is None or 100 * abs(pace - 1) <= _PACE_OFF:
            break
    return pace


def clock_agreement(plays: Sequence[Sequence[Control]]) -> Control | None:
    """How far the clocks were apart, as the controls of each play measured it, the first play
    first. Whether it held in the last of them; None where no play tells.
    """
    told = [worst for controls in plays if (worst := _worst_clock(controls)) is not None]
    if not told:
        return None
    first, last = told[0], told[-1]
    detail = f"{_apart(last)} in the last play that tells, {_apart(first)} in the first"
    return replace(last, phase=RIG, name=CLOCKS, detail=detail)


def _worst_clock(controls: Sequence[Control]) -> Control | None:
    """The clock control of a play that broke, else the one that came nearest to its limit."""
    found = [control for control in controls if control.name in _CLOCK_CONTROLS]
    return max(found, key=lambda c: (not c.held, _share(c)), default=None)


def _share(control: Control) -> float:
    if control.measured is None or not control.limit:
        return 0.0
    return abs(control.measured) / control.limit


def _apart(control: Control) -> str:
    if control.measured is None:
        return f"not known ({control.detail})"
    return f"{abs(control.measured):g} {control.unit}"
