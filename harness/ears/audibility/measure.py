"""Everything that is measured of how well one prompt could be heard."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.bench.ports.sound import Samples
from harness.ears.audibility.estoi import estoi
from harness.ears.audibility.spectrum import spectrum_while
from harness.ears.audibility.speech_band import checked, speech_band
from harness.ears.audibility.threshold import over_threshold_db
from harness.ears.audibility.transmission import transmission_index
from harness.sound.active_level import ActiveLevel, active_level
from harness.sound.blocks import BLOCKS_HZ, Values, by_blocks

# The last of 24 bits; what is quieter than that was never heard by a microphone.
_LAST_BIT_DB = -150.0


@dataclass(frozen=True, slots=True)
class Audibility:
    """How well a prompt could be heard at the listener's place. None: not measured, see `measure`.

    `level_db`: active speech level (ITU-T P.56); `others_db`: level of everything else while the
    device spoke; both dB re full scale, where an rms of 1.0 is 0 dB. `over_others_db`: the one over
    the other. `estoi`: ESTOI against the device's speech alone. `sti`: STI of path and other sound.
    `overlap_percent`: how much of the time other speech was there too. `over_threshold_db`: how far
    it was over the threshold of hearing where it was farthest. `full_scale_db_spl`: what makes dB
    SPL of dB re full scale, where the microphone was calibrated.
    """

    level_db: float | None = None
    others_db: float | None = None
    over_others_db: float | None = None
    estoi: float | None = None
    sti: float | None = None
    overlap_percent: float | None = None
    over_threshold_db: float | None = None
    full_scale_db_spl: float | None = None

    @property
    def below_threshold(self) -> bool | None:
        """Whether nobody could have heard it even in silence; None where not calibrated."""
        return None if self.over_threshold_db is None else self.over_threshold_db < 0.0

    @property
    def level_db_spl(self) -> float | None:
        """Active speech level in dB SPL; None where not calibrated."""
        return self._in_db_spl(self.level_db)

    @property
    def others_db_spl(self) -> float | None:
        """Level of everything else in dB SPL; None where not calibrated."""
        return self._in_db_spl(self.others_db)

    @property
    def unit(self) -> str:
        """What levels can be told in: "dB SPL", or "dB re full scale" where not calibrated."""
        return "dB re full scale" if self.full_scale_db_spl is None else "dB SPL"

    def _in_db_spl(self, level_db: float | None) -> float | None:
        if level_db is None or self.full_scale_db_spl is None:
            return None
        return level_db + self.full_scale_db_spl


def measure(
    device: Samples,
    others: Samples,
    rate_hz: int,
    *,
    modulation: Values | None = None,
    full_scale_db_spl: float | None = None,
    other_speech: Sequence[tuple[float, float]] | None = None,
) -> Audibility:
    """Measure one prompt, taken apart: the device's speech alone, and everything else meanwhile.

    Both as they arrive at the listener, in step, of one length, at 16 or 48 kHz; best with 0.3 s
    before and after the prompt. `modulation`: the path from the device as
    `modulation_transfer` gives it. `full_scale_db_spl`: dB SPL of sound whose rms is full scale,
    where the microphone was calibrated. `other_speech`: when others spoke (start and end, s from
    the first sample); None where nobody knows.

    What cannot be measured is None: everything, where the device said nothing (silence, a click,
    nothing handed in); what compares with everything else, where that is digital silence or an
    offset, which no working microphone delivers; ESTOI below 0.4 s of speech; STI without
    `modulation`; what needs dB SPL without calibration. `ValueError` for what no caller may hand
    in, `RigError` for samples that are no numbers.
    """
    _check(device, others, rate_hz, modulation, full_scale_db_spl)
    level = active_level(speech_band(device, rate_hz), rate_hz)
    if level is None or level.level_db < _LAST_BIT_DB:
        return Audibility(full_scale_db_spl=full_scale_db_spl)
    others_db = _level_while(others, rate_hz, level)
    sti = over_threshold = None
    if full_scale_db_spl is not None or modulation is not None:
        speech = spectrum_while(device, rate_hz, level.spoken)
        if full_scale_db_spl is not None:
            over_threshold = over_threshold_db(speech, full_scale_db_spl)
        if modulation is not None and others_db is not None:
            rest = spectrum_while(others, rate_hz, level.spoken)
            sti = transmission_index(modulation, speech, rest, full_scale_db_spl)
    return Audibility(
        level_db=level.level_db,
        others_db=others_db,
        over_others_db=None if others_db is None else level.level_db - others_db,
        estoi=None if others_db is None else estoi(device, device + others, rate_hz),
        sti=sti,
        overlap_percent=None if other_speech is None else _overlap_percent(level, other_speech),
        over_threshold_db=over_threshold,
        full_scale_db_spl=full_scale_db_spl,
    )


def _check(
    device: Samples,
    others: Samples,
    rate_hz: int,
    modulation: Values | None,
    full_scale_db_spl: float | None,
) -> None:
    checked(device, rate_hz, "device speech")
    checked(others, rate_hz, "everything else")
    if len(device) != len(others):
        raise ValueError(
            f"device speech is {len(device)} samples long and everything else {len(others)}; they "
            "must be cut from the same stretch of a recording"
        )
    if full_scale_db_spl is not None and not np.isfinite(full_scale_db_spl):
        raise ValueError(f"calibration: {full_scale_db_spl} dB SPL at full scale is no level")
    if modulation is not None and modulation.shape != (7, 14):
        raise ValueError(
            f"modulation: it has the shape {modulation.shape}; hand in what `modulation_transfer` "
            "makes of an impulse response"
        )


def _level_while(others: Samples, rate_hz: int, speech: ActiveLevel) -> float | None:
    """The level while something is said, dB re full scale; None where nothing else is there."""
    powers = by_blocks(np.square(speech_band(others, rate_hz)), rate_hz)
    power = float(np.mean(powers[speech.spoken]))
    level_db = 10 * float(np.log10(power)) if power > 0.0 else -np.inf
    return level_db if level_db >= _LAST_BIT_DB else None


def _overlap_percent(speech: ActiveLevel, spans: Sequence[tuple[float, float]]) -> float:
    """How much of the time in which something is said lies in one of some spans (s)."""
    middles_s = (np.flatnonzero(speech.spoken) + 0.5) / BLOCKS_HZ
    covered = np.zeros(len(middles_s), dtype=np.bool_)
    for start_s, end_s in spans:
        if not start_s <= end_s:
            raise ValueError(f"other speech from {start_s} s to {end_s} s: that is no span of time")
        covered |= (middles_s >= start_s) & (middles_s < end_s)
    return 100 * float(np.mean(covered))
