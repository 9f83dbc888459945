"""Sound that never came in, by the time stamps of the blocks that did."""

import numpy as np
from numpy.typing import NDArray

from harness.bench.ports.sound import SoundLoss

_JUMP_S, _SPAN = 0.005, 40


def stamp_jumps(stamps: NDArray[np.float64], rate_hz: int) -> list[SoundLoss]:
    """Where the time of what came in goes on by more than its samples, for good.

    `stamps`: rows of (index, Unix time in s), one a block. What is lost moves all that follow.
    """
    if len(stamps) < 4 * _SPAN:
        return []
    ahead_s = stamps[:, 1] - stamps[0, 1] - (stamps[:, 0] - stamps[0, 0]) / rate_hz
    # The upper envelope: stamps of blocks that waited lie too early, never too late.
    latest = np.lib.stride_tricks.sliding_window_view(ahead_s, _SPAN).max(axis=1)
    step_s = latest[_SPAN:] - latest[:-_SPAN]
    jumps = []
    at = 0
    while at < len(step_s):
        if step_s[at] > _JUMP_S:
            worst = at + int(np.argmax(step_s[at : at + 2 * _SPAN]))
            what = f"{step_s[worst] * 1e3:.0f} ms of sound never came in, by its time stamps"
            jumps.append(SoundLoss(int(stamps[worst + _SPAN, 0]), what))
            at = worst + 2 * _SPAN
        at += 1
    return jumps
