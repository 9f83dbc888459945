"""Whether the relay in the device's cord is heard to switch, by the microphone where people sit.

A relay clicks when its contact moves, whatever the board says: of one that cannot be asked how it
stands, the click is the proof.
"""

import numpy as np
import scipy

from harness.bench.ports.sound import Samples
from harness.errors import RigError
from harness.model.timeline import Control
from harness.stage.session import Take

NAME = "relay_heard"
CLICK_DB = 20.0
"""So far a click stands out of the room; the loudest of steady noise does by half as much."""
_BAND_HZ = (1500.0, 7000.0)
_AROUND_S, _EDGE_S, _LATE_S = 1.0, 0.02, 0.3


def relay_heard(take: Take) -> Control:
    """The click at power-on and power-off: the weaker of both, in dB above the room's noise.

    Not heard, it is a fault only of a switch that cannot be asked: others prove themselves.
    """
    power = take.rig.power
    if not power.clicks:
        detail = "not applicable: nothing that clicks is in the device's cord"
        return Control("rig", NAME, True, None, None, "", detail)
    found_db, told = _weaker_db(take)
    heard = found_db is not None and found_db >= CLICK_DB
    if heard:
        detail = "the relay was heard to switch on and off"
    elif power.proves_itself:
        detail = f"the relay was not heard: {told}; it says itself how it stands"
    else:
        detail = (
            f"the relay was not heard: {told}. It cannot be asked how it stands, so nothing shows "
            "that it switches: listen to it, and put the board nearer to the microphone"
        )
    measured = None if found_db is None else round(found_db, 1)
    return Control("rig", NAME, heard or power.proves_itself, measured, CLICK_DB, "dB", detail)


def _weaker_db(take: Take) -> tuple[float | None, str]:
    """Of power-on and power-off the click that stands out less; None, and why, for no figure."""
    if len(take.switched) < 2:
        return None, "it was not switched on and off"
    try:
        found_db = min(_loudest_db(take, *span) for span in take.switched)
    except (RigError, ValueError, IndexError) as error:  # the last two: no clock of the recording
        return None, str(error)
    return found_db, "no click when the device was switched on and off"


def _loudest_db(take: Take, from_unix_s: float, until_unix_s: float) -> float:
    """The loudest instant while a switch was told to switch, in dB above the noise around it."""
    microphone, line = take.rig.microphone, take.rig.microphone.clock_line()
    rate_hz = microphone.rate_hz
    first = round(line.index(from_unix_s) - _EDGE_S * rate_hz)
    last = round(line.index(until_unix_s) + _LATE_S * rate_hz)
    start = max(microphone.started_at(), first - round(_AROUND_S * rate_hz))
    end = min(microphone.heard_until(), last + round(_AROUND_S * rate_hz))
    heard = microphone.read("listener", start, end - start)
    return stands_out_db(heard, rate_hz, range(max(0, first - start), min(last, end) - start))


def stands_out_db(heard: Samples, rate_hz: int, within: range) -> float:
    """How far the loudest of `within` stands out of all that was heard (dB, 1.5 to 7 kHz).

    Raises `RigError` where nothing was heard.
    """
    if not len(within) or len(heard) < rate_hz // 10:
        raise RigError("too little was recorded around it")
    band = scipy.signal.butter(2, _BAND_HZ, "bandpass", fs=rate_hz, output="sos")
    loud = np.abs(scipy.signal.hilbert(scipy.signal.sosfiltfilt(band, heard)))
    noise, peak = float(np.median(loud)), float(loud[within.start : within.stop].max())
    if noise <= 0.0:
        raise RigError("the microphone gives nothing but silence")
    return float(20 * np.log10(max(peak, 1e-12) / noise))
