"""Finds tones by example in what a microphone heard."""

from collections.abc import Sequence

import numpy as np

from harness.bench.ports.sound import Samples
from harness.ears.spotter import Spotted
from harness.ears.tones.example import Tone
from harness.ears.tones.frames import Levels, Scale
from harness.ears.tones.look import Look, ToneLimits

_BLOCK_S = 20.0


class TonesOfScale:
    """Tones that are told by frames of one scale."""

    def __init__(self, scale: Scale, looks: Sequence[Look]) -> None:
        self.scale, self._looks = scale, looks
        self.apart = max(look.apart for look in looks)
        self.memory = max(look.memory for look in looks)
        """How many frames before new ones must be kept."""
        begins = max(look.shape.begins_s for look in looks)
        self.before = self.apart + round(begins / scale.hop_s) + 1
        """How many hops of silence go before a recording, so that a tone may begin with it."""

    def spot(self, levels: Levels, known: int, begins_s: float) -> list[Spotted]:
        """Tones that can be told only now that there are more than the first `known` frames.

        `begins_s`: when the first frame begins.
        """
        power = np.square(levels)
        return [hit for look in self._looks for hit in look.spot(levels, power, known, begins_s)]

    def spot_all(self, recording: Samples, rate_hz: int) -> list[Spotted]:
        """All that are in a recording."""
        scale, step, size = self.scale, self.scale.hop(rate_hz), self.scale.length(rate_hz)
        block = round(_BLOCK_S / scale.hop_s)
        padded = np.pad(recording, (self.before * step, size + self.apart * step))
        found: list[Spotted] = []
        for at in range(0, (len(padded) - size) // step + 1, block):
            first = max(0, at - self.memory)
            part = padded[first * step : (at + block - 1) * step + size]
            begins_s = (first - self.before) * scale.hop_s
            found += self.spot(scale.levels(part, rate_hz), at - first, begins_s)
        return found


class ToneSpotter:
    """Some tones, ready to be looked for in one recording after another."""

    def __init__(self, tones: Sequence[Tone], limits: ToneLimits | None = None) -> None:
        limits = limits or ToneLimits()
        by_scale: dict[Scale, list[Look]] = {}
        for tone in tones:
            by_scale.setdefault(tone.shape.scale, []).append(Look(tone, limits))
        self.scales = tuple(TonesOfScale(scale, looks) for scale, looks in by_scale.items())
        self.longest_s = max((tone.seconds for tone in tones), default=0.0)

    def spot(self, recording: Samples, rate_hz: int) -> list[Spotted]:
        """All tones in a recording, in order of time, none overlapping.

        `start_s` is a tone's first sound, `end_s` when it is over in the example. Raises
        `ValueError` for a rate that is no multiple of 16 kHz.
        """
        return best_apart([f for each in self.scales for f in each.spot_all(recording, rate_hz)])


def best_apart(found: Sequence[Spotted]) -> list[Spotted]:
    """Of those that overlap only the one that more speaks for; in order of time."""
    kept: list[Spotted] = []
    for one in sorted(found, key=lambda f: (-f.weight, f.start_s, f.key)):
        if not any(one.overlaps(other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda f: f.start_s)
