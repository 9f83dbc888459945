"""The room between loudspeakers and microphones: one impulse response for each path.

Image-source method (Allen & Berkley 1979, by pyroomacoustics); wall absorption from the wanted
reverberation time by Sabine's formula inverted. Level: a path of 1 m has a direct sound of gain 1,
so levels at a microphone are levels at the loudspeaker less 20 log10(distance in metres).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Point = tuple[float, float, float]

# A device's own loudspeaker sits centimetres from its microphone, but behind its housing: no path
# is louder than one of this length.
NEAREST_M = 0.5


@dataclass(frozen=True, slots=True)
class RoomSpec:
    """A shoebox room. `size_m`: length, width, height. `t60_s`: reverberation time; 0 is anechoic.

    `noise_db`: level of the noise at each microphone, dB re full scale. `seed`: of that noise.
    """

    size_m: Point
    t60_s: float
    noise_db: float
    seed: int


def impulse_responses(
    room: RoomSpec, sources: Sequence[Point], microphones: Sequence[Point], rate_hz: int
) -> NDArray[np.float32]:
    """Impulse responses, shape (sources, microphones, taps).

    Raises `ValueError` when a point lies outside the room or the room cannot be that dry.
    """
    # It brings half of scipy with it: only who opens a room waits for that.
    import pyroomacoustics as pra

    if room.t60_s > 0:
        absorption, order = pra.inverse_sabine(room.t60_s, room.size_m)
    else:
        absorption, order = 1.0, 0
    shoebox = pra.ShoeBox(
        room.size_m, fs=rate_hz, materials=pra.Material(absorption), max_order=min(order, 30)
    )
    for source in sources:
        shoebox.add_source(source)
    shoebox.add_microphone_array(np.array(microphones, dtype=float).T)
    shoebox.compute_rir()
    # pyroomacoustics centres its fractional-delay filters, so every path starts 40 samples late.
    late = pra.constants.get("frac_delay_length") // 2
    rir = [[path[late:] for path in paths] for paths in shoebox.rir]
    return _scaled(rir, room, sources, microphones, rate_hz)


def _scaled(
    rir: list[list[NDArray[np.float64]]],
    room: RoomSpec,
    sources: Sequence[Point],
    microphones: Sequence[Point],
    rate_hz: int,
) -> NDArray[np.float32]:
    longest = max(len(path) for paths in rir for path in paths)
    taps = min(longest, int((room.t60_s + 0.1) * rate_hz))
    out = np.zeros((len(sources), len(microphones), taps), dtype=np.float32)
    for m, microphone in enumerate(microphones):
        for s, source in enumerate(sources):
            distance_m = float(np.linalg.norm(np.subtract(source, microphone)))
            gain = min(1.0, distance_m / NEAREST_M)
            path = rir[m][s][:taps]
            out[s, m, : len(path)] = gain * path
    return out
