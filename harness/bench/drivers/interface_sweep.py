"""A short soft sweep by which a loudspeaker is found in what a microphone heard."""

import numpy as np
import scipy

from harness.bench.drivers.pulse_server import RATE_HZ
from harness.bench.ports.sound import Samples

SWEEP_S = 0.2
_PEAK, _FROM_HZ, _TO_HZ = 0.15, 400.0, 6000.0
_STANDS_OUT = 10.0
_FIRST_WITHIN_S, _FIRST_SHARE = 0.01, 0.6


def short_sweep() -> Samples:
    """The sweep, 16 dB below full scale at its loudest."""
    t = np.arange(int(SWEEP_S * RATE_HZ)) / RATE_HZ
    sweep = scipy.signal.chirp(t, _FROM_HZ, SWEEP_S, _TO_HZ) * np.hanning(len(t))
    soft: Samples = (_PEAK * sweep).astype(np.float32)
    return soft


def first_arrival(heard: Samples, sweep: Samples) -> int | None:
    """Where a sweep begins in what was heard: its first arrival, not its loudest echo.

    None where nothing stands out that could be it.
    """
    match = np.abs(scipy.signal.hilbert(scipy.signal.fftconvolve(heard, sweep[::-1], mode="valid")))
    peak = int(np.argmax(match))
    if not match[peak] > _STANDS_OUT * float(np.median(match)):
        return None
    before = max(0, peak - int(_FIRST_WITHIN_S * RATE_HZ))
    early = before + int(np.argmax(match[before : peak + 1] >= _FIRST_SHARE * match[peak]))
    # The first arrival's own top is the first maximum from there on.
    while early < peak and match[early + 1] > match[early]:
        early += 1
    return early
