"""Tones of a device by example: what it sounds like when it wakes, ends, or has not understood.

Flows in: one recording of each tone, and what a microphone heard. Flows out: which tone sounded and
when, in the form in which the spotter tells of spoken prompts. A tone is a handful of lines in time
and frequency; each is compared by itself, so that neither echoes nor talk hide it. See
`docs/ears.md`.
"""

from harness.ears.tones.example import Tone, tone
from harness.ears.tones.learning import learnt_tone
from harness.ears.tones.live import LiveTones
from harness.ears.tones.look import ToneLimits
from harness.ears.tones.spotter import ToneSpotter

__all__ = ["LiveTones", "Tone", "ToneLimits", "ToneSpotter", "learnt_tone", "tone"]
