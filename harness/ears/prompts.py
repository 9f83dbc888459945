"""The prompts and tones of a device that are on file, and the search for them in a recording."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy
import soundfile
from numpy.typing import NDArray

from harness.ears.band import RATE_HZ, Samples, band
from harness.ears.beginnings import Beginnings
from harness.ears.prompt_rows import PromptOnFile, check_length, prompt_of
from harness.ears.spotter import SpotLimits, Spotted, Spotter, template
from harness.ears.tones import LiveTones, ToneSpotter, tone
from harness.errors import RigError
from harness.model.script import PromptKind
from harness.model.timeline import PromptHeard

_NAME_UNSURE_S = 0.1
_SHORTEST_S = {PromptKind.SPEECH: 0.1, PromptKind.TONE: 0.05}

# With nobody else to be heard, a stretch counts as there when it is 18 dB down.
_IN_QUIET = SpotLimits(gain=0.12)


class PromptBook:
    """All prompts on file, as they sound at the listener's place.

    `path`: impulse response from the device to the microphone at `rate_hz`, where it is known.
    Words are looked for in what `band` makes of a recording; tones, which need no path, in the
    recording itself.
    """

    def __init__(
        self, prompts: Sequence[PromptOnFile], rate_hz: int, path: Samples | None = None
    ) -> None:
        self.prompts = {prompt.id: prompt for prompt in prompts}
        sounds = {prompt.id: _sound(prompt, rate_hz) for prompt in prompts}
        spoken = [prompt for prompt in prompts if prompt.kind is PromptKind.SPEECH]
        templates = [template(p.id, sounds[p.id], rate_hz, path) for p in spoken]
        tones = [tone(p.id, sounds[p.id], rate_hz) for p in prompts if p.kind is PromptKind.TONE]
        self._tones = ToneSpotter(tones)
        self._spotter = Spotter(templates)
        self._in_quiet = self._spotter.asking(_IN_QUIET)
        self._beginnings = Beginnings(templates)
        self._seconds = {t.key: t.seconds for t in templates}
        self._rate_hz = rate_hz
        lengths_s = [*self._seconds.values(), self._tones.longest_s]
        self.longest_s = max(lengths_s)

    @classmethod
    def load(cls, folder: Path, rate_hz: int, path: Samples | None = None) -> "PromptBook":
        """Read `prompts.json` and its files; `RigError` when they are missing or make no sense."""
        listing = folder / "prompts.json"
        try:
            rows = json.loads(listing.read_text())
            if not isinstance(rows, list) or not rows:
                raise ValueError("it must be a list of prompts, with one at least")
            prompts = [prompt_of(row, folder) for row in rows]
            if len({prompt.id for prompt in prompts}) < len(prompts):
                raise ValueError("two prompts have the same id")
        except (OSError, ValueError) as error:
            raise RigError(
                f"the device's prompts cannot be read from {listing} ({error}); check "
                "`device: prompts:` in the rig file, see docs/device-contract.md"
            ) from error
        return cls(prompts, rate_hz, path)

    def spot(self, recording: Samples, rate_hz: int) -> list[Spotted]:
        """Prompts and tones in a recording; times from its start."""
        found = self.spot_banded(band(recording, rate_hz)) + self.spot_tones(recording, rate_hz)
        return sorted(found, key=lambda f: f.start_s)

    def spot_tones(self, recording: Samples, rate_hz: int) -> list[Spotted]:
        """Only the tones; the rate is a multiple of 16 kHz. They may lie over what is spoken."""
        return self._tones.spot(recording, rate_hz)

    def tones_live(self, rate_hz: int) -> LiveTones:
        """The same while a recording grows, from where it is handed over on."""
        return LiveTones(self._tones, rate_hz)

    def is_tone(self, key: str) -> bool:
        """Whether a prompt is a tone."""
        return self.prompts[key].kind is PromptKind.TONE

    def spot_banded(self, banded: Samples, fresh: int | None = None) -> list[Spotted]:
        """Spoken prompts in what `band` made of a recording; `fresh` as in `Spotter.spot`."""
        return self._spotter.spot(banded, fresh)

    def spot_left(self, banded: Samples) -> list[Spotted]:
        """The same in what subtraction left: a stretch that was turned down is still heard."""
        return self._in_quiet.spot(banded)

    def spot_broken_off(self, banded: Samples, whole: Sequence[Spotted]) -> list[Spotted]:
        """Prompts of which only the beginning is there, beside those that were found `whole`."""
        found = self._beginnings.spot(banded, whole)
        return [f for f in found if f.start_s + self._seconds[f.key] <= len(banded) / RATE_HZ]

    def sound(self, key: str, rate_hz: int) -> Samples:
        """What is on file of a prompt, at a rate of which the microphone's is a multiple."""
        sound = _sound(self.prompts[key], self._rate_hz)
        step = self._rate_hz // rate_hz
        at_rate: Samples = sound if step == 1 else scipy.signal.resample_poly(sound, 1, step)
        return at_rate.astype(np.float32)

    def heard(self, spotted: Spotted, offset_s: float, level_db: float) -> PromptHeard:
        """A spotted prompt as a fact; `offset_s` is added to its times."""
        prompt = self.prompts[spotted.key]
        by_s = prompt.named_by_s
        named_by_s = spotted.end_s if by_s is None else min(spotted.start_s + by_s, spotted.end_s)
        # One that broke off before it had said the name names nobody.
        whole_s = self._seconds.get(spotted.key, 0.0) if by_s is None else by_s
        named = bool(spotted.end_s - spotted.start_s >= whole_s - _NAME_UNSURE_S)
        return PromptHeard(
            prompt_id=prompt.id,
            text=prompt.text,
            role=prompt.role,
            states_act=prompt.states_act,
            named_contact=prompt.named_contact if named else None,
            says_full_name=prompt.says_full_name and named,
            start_s=spotted.start_s + offset_s,
            end_s=spotted.end_s + offset_s,
            named_by_s=named_by_s + offset_s,
            score=spotted.score,
            level_db=level_db,
            tone=self.is_tone(prompt.id),
        )


def _sound(prompt: PromptOnFile, rate_hz: int) -> Samples:
    try:
        samples, found_hz = soundfile.read(prompt.file, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise RigError(f"the prompt {prompt.file} cannot be read: {error}") from error
    least_s = _SHORTEST_S[prompt.kind]
    if found_hz != rate_hz or len(samples) < least_s * rate_hz:
        raise RigError(
            f"the prompt {prompt.file} is at {found_hz} Hz and {len(samples)} samples long; the "
            f"rig needs {rate_hz} Hz and at least {least_s:g} s: record or render it again"
        )
    mono: NDArray[np.float32] = samples[:, 0]
    if not np.isfinite(mono).all() or not mono.any():
        wrong = "nothing but silence" if np.isfinite(mono).all() else "samples that are no numbers"
        raise RigError(f"the prompt {prompt.file} holds {wrong}: record or render it again")
    try:
        check_length(prompt, len(mono) / rate_hz)
    except ValueError as error:
        raise RigError(f"the device's prompts do not hold together: {error}") from error
    return mono
