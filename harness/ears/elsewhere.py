"""Did a prompt come from the device? The listener's microphone and the one beside it tell."""

from harness.bench.ports.sound import Samples
from harness.ears.cancel import RATE_HZ
from harness.ears.lines import hear_clip, lead_samples

LEAD = lead_samples(RATE_HZ)
"""How many samples before a prompt's start the recordings begin, and after its end they end."""

_SPEED_OF_SOUND_M_S = 343.0
# What nobody plays reaches half of this by chance.
_FOUND = 0.1
# A source on the device reaches its microphone so much of the way before the listener's.
_SHARE_OF_WAY = 0.5
# And is so much louder there: the listener is more than twice as far away as that microphone.
_LOUDER_DB = 6.0


def is_elsewhere(
    prompt: Samples, at_listener: Samples, at_device: Samples, apart_m: float
) -> bool | None:
    """Whether a prompt came from another place than the device's; None where that is not told.

    Both recordings, at 16 kHz and in step, begin `LEAD` samples before the prompt was heard at the
    listener's place. `apart_m`: from the listener's microphone to the device's.
    """
    listener = hear_clip(prompt, at_listener, RATE_HZ, None)
    device = hear_clip(prompt, at_device, RATE_HZ, None)
    if min(listener.score, device.score) < _FOUND:
        return None
    lead_s, louder_db = listener.late_s - device.late_s, device.level_db - listener.level_db
    return not is_at_device(lead_s, louder_db, apart_m)


def is_at_device(lead_s: float, louder_db: float, apart_m: float) -> bool:
    """Whether what is so much earlier and louder beside the device can come from it."""
    way_s = _SHARE_OF_WAY * apart_m / _SPEED_OF_SOUND_M_S
    return lead_s >= way_s and louder_db >= _LOUDER_DB
