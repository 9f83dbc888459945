"""Who else speaks while a prompt on file sounds.

The prompt as it arrived is taken out of the residual, and counts as played from then on: what is
left of it is to the finder of speech what leaks of any loudspeaker, and is not taken for somebody.
"""

from dataclasses import replace

import numpy as np

from harness.ears.apart import Apart
from harness.ears.cancel import RATE_HZ, Cancelled
from harness.ears.devicespeech import DeviceSpeech
from harness.ears.speech import Speech, find
from harness.ears.unfiled import SHORTEST

# The finder learns the room's noise from so much before; what it finds it must hear the end of.
_LEAD, _TAIL = 4 * RATE_HZ, RATE_HZ


def talked_over(piece: Apart, device: DeviceSpeech) -> list[Speech]:
    """Speech that shares time with a prompt and is not that prompt.

    `device`: the prompt as it arrived. Samples of what is found count as those of the piece's
    recording do. What sounds before the prompt or after it may be another prompt.
    """
    first = max(0, device.start - _LEAD)
    last = min(len(piece.residual), device.end + _TAIL)
    alone = np.zeros(last - first, dtype=np.float32)
    alone[device.first - first :][: len(device.samples)] = device.samples
    residual, stimulus = piece.residual[first:last] - alone, piece.stimulus[first:last] + alone
    at = piece.start + first
    span = piece.start + device.start, piece.start + device.end
    within = (
        replace(one, start=max(at + one.start, span[0]), end=min(at + one.end, span[1]))
        for one in find(Cancelled(0, residual, stimulus, ())).speech
    )
    return [one for one in within if one.end - one.start >= SHORTEST]
