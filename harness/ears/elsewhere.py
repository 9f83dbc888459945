"""Did a prompt come from the device? The listener's microphone and the one beside it tell."""

from harness.bench.ports.sound import Samples
from harness.ears.cancel import RATE_HZ
from harness.ears.lines import hear_clip, lead_samples
from harness.ears.speech.whose import compared

LEAD = lead_samples(RATE_HZ)
"""How many samples before a prompt's start the recordings begin, and after its end they end."""

_SPEED_OF_SOUND_M_S = 343.0
# What nobody plays reaches half of this by chance.
_FOUND = 0.1
# A source on the device reaches its microphone so much of the way before the listener's.
_SHARE_OF_WAY = 0.5
# And is so much louder there: the listener is more than twice as far away as that microphone.
_LOUDER_DB = 6.0
# A prompt that was learnt at the listener's place sounds like this there, and less so elsewhere.
_AS_LEARNT, _LESS_LIKE = 0.9, 0.75
# All of a sound differs less than what comes straight: 7 dB between 5 cm and 2.7 m, at T60 0.25 s.
_ALL_LOUDER_DB = 3.0


def is_elsewhere(
    prompt: Samples, at_listener: Samples, at_device: Samples, apart_m: float, *, alone: bool
) -> bool | None:
    """Whether a prompt came from another place than the device's; None where that is not told.

    Both recordings, at 16 kHz and in step, begin `LEAD` samples before the prompt was heard at the
    listener's place. `apart_m`: from the listener's microphone to the device's. `alone`: nothing
    that was played can be heard in them.
    """
    listener = hear_clip(prompt, at_listener, RATE_HZ, None)
    device = hear_clip(prompt, at_device, RATE_HZ, None)
    if min(listener.score, device.score) < _FOUND:
        return None
    if listener.score > _AS_LEARNT and device.score < _LESS_LIKE * listener.score:
        return _by_all_of_it(at_listener, at_device, apart_m) if alone else None
    lead_s, louder_db = listener.late_s - device.late_s, device.level_db - listener.level_db
    return not is_at_device(lead_s, louder_db, apart_m)


def _by_all_of_it(at_listener: Samples, at_device: Samples, apart_m: float) -> bool | None:
    """The same without the prompt on file, which holds the room as it is at the listener's."""
    count = min(len(at_listener), len(at_device))
    told = compared(at_listener[:count], at_device[:count])
    if told is None:
        return None
    lead_s, louder_db = told
    if lead_s < _least_lead_s(apart_m):
        return True
    return False if louder_db >= _ALL_LOUDER_DB else None


def is_at_device(lead_s: float, louder_db: float, apart_m: float) -> bool:
    """Whether what is so much earlier and louder beside the device can come from it."""
    return lead_s >= _least_lead_s(apart_m) and louder_db >= _LOUDER_DB


def _least_lead_s(apart_m: float) -> float:
    return _SHARE_OF_WAY * apart_m / _SPEED_OF_SOUND_M_S
