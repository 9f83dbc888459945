"""What shared events say of the clocks of sound, of packets, and of the board that sees light."""

from collections.abc import Mapping
from math import dist

import numpy as np
import scipy

from harness.bench.ports.sound import Microphone, Samples
from harness.bench.timefit import TimeLine
from harness.errors import RigError
from harness.model.timeline import Control
from harness.stage.clock_fit import ClockFit, Instant, fit_clock
from harness.stage.controls import CLOSING, OPENING
from harness.stage.session import Take

NAME = "shared_event"
HEARD_TO_S = 0.0005
"""The first sound of a click is found to so much."""
LIGHT_EACH_S = 0.001
"""The board looks at its light sensors so often."""
_SOUND_M_S = 343.0
_BAND_HZ = (1500.0, 7000.0)
_BEFORE_S, _AFTER_S, _QUIET_S = 0.06, 0.1, 0.1
_STANDS_OUT, _FIRST_SHARE = 8.0, 0.25


def shared_events(
    take: Take, clock: TimeLine | None, canaries: Mapping[bytes, float]
) -> list[Control]:
    """The control of a bench that makes shared events; none on another.

    `canaries`: Unix time (s) of each datagram that was captured, by its nonce.
    """
    if take.rig.shared_flash is None or not take.shared:
        return []
    limit_ms = take.rig.file.limits.clock_ms
    sound = [] if clock is None else _of_sound(take, clock)
    packets = [
        Instant(mark.board_s, canaries[mark.nonce] - mark.sent_s)
        for mark in take.shared
        if mark.nonce in canaries
    ]
    pairs = [("sound", sound), ("packets", packets)]
    if "N" in take.rig.untried:
        del pairs[1]
    for name, instants in pairs:
        if missing := _missing(take, instants):
            detail = (
                f"the {missing} event was not seen on {name}: are piezo and sync light wired and "
                "near the device, and does the tap capture? (docs/controller.md)"
            )
            return [Control(CLOSING, NAME, False, None, limit_ms, "ms", detail)]
    fits = [(name, fit_clock(instants)) for name, instants in pairs]
    # From one to another goes by the board: what two are off may add up.
    light_ms = _light_ms(take)
    worst_ms = sum(sorted([light_ms, *(fit.worst_ms for _, fit in fits)])[-2:])
    held = worst_ms <= limit_ms
    detail = "; ".join(_in_words(name, fit) for name, fit in fits)
    detail += f"; light known to {light_ms:.2f} ms"
    if not held:
        detail += ". Set `limits: clock_ms` to what this bench can do, or find what delays it"
    return [Control(CLOSING, NAME, held, round(worst_ms, 3), limit_ms, "ms", detail)]


def _missing(take: Take, instants: list[Instant]) -> str | None:
    """Opening or closing, where such events were made and none of them was seen."""
    seen = {instant.at_s for instant in instants}
    for phase in (OPENING, CLOSING):
        made = [mark for mark in take.shared if mark.phase == phase]
        if made and not any(mark.board_s in seen for mark in made):
            return phase
    return None


def _light_ms(take: Take) -> float:
    """How well the board's own times of light are known (ms): it looks so often, by its clock."""
    known_to_s: float = getattr(take.rig.panel, "clock_uncertainty_s", 0.0)
    return (known_to_s + LIGHT_EACH_S) * 1e3


def _in_words(name: str, fit: ClockFit) -> str:
    return (
        f"{name} {fit.offset_ms:+.2f} ms from the board, drift {fit.drift_ms_an_hour:+.2f} ms an "
        f"hour, known to {fit.uncertainty_ms:.2f} ms by {fit.instants} events over "
        f"{fit.last_s - fit.first_s:.0f} s"
    )


def _of_sound(take: Take, clock: TimeLine) -> list[Instant]:
    file = take.rig.file
    travel_s = dist(file.device.at, file.sound.listener) / _SOUND_M_S
    heard = [
        (mark, heard_at(take.rig.microphone, clock.index(mark.board_s + travel_s)))
        for mark in take.shared
    ]
    return [
        Instant(
            mark.board_s,
            clock.at(index) - travel_s - mark.board_s,
            mark.board_off_s + HEARD_TO_S,
        )
        for mark, index in heard
        if index is not None
    ]


def heard_at(microphone: Microphone, expected: float) -> float | None:
    """The index at which a click began for the listener, near `expected`; None if unheard."""
    rate_hz = microphone.rate_hz
    start = round(expected - (_BEFORE_S + _QUIET_S) * rate_hz)
    count = round((_BEFORE_S + _QUIET_S + _AFTER_S) * rate_hz)
    try:
        found = click_onset(microphone.read("listener", start, count), rate_hz)
    except RigError:
        return None
    return None if found is None else start + found


def click_onset(heard: Samples, rate_hz: int) -> int | None:
    """Where a click begins in what was heard, whose first 0.1 s are without; None where none is."""
    quiet = round(_QUIET_S * rate_hz)
    band = scipy.signal.butter(2, _BAND_HZ, "bandpass", fs=rate_hz, output="sos")
    loud = np.abs(scipy.signal.hilbert(scipy.signal.sosfiltfilt(band, heard)))
    noise = float(np.sqrt(np.mean(loud[:quiet] ** 2)))
    peak = float(loud[quiet:].max())
    if peak <= _STANDS_OUT * noise or peak <= 0.0:
        return None
    return quiet + int(np.argmax(loud[quiet:] >= _FIRST_SHARE * peak))
