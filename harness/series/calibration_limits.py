"""What a calibration should say of a good rig, and what to do where it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.bench.calibration import MOST_OFF_DB, CalibrationText, PairText, differences

SPEECH_DBA = (60.0, 70.0)
"""How loud people speak at the device: raised to loud speech at a metre or two (ISO 9921)."""
_DISTORTION = 0.05
_NOISE_DB = -40.0
_T60_S = 0.8
_MIDDLE = slice(2, 5)  # 500 Hz to 2 kHz


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line: `measured` against `limit` in `unit`; `detail` says what to do where not `held`."""

    name: str
    held: bool
    measured: str
    limit: str
    detail: str

    @property
    def line(self) -> str:
        """As the terminal shows it."""
        sign = "ok  " if self.held else "FAIL"
        return f"{sign} {self.name:34} {self.measured:>14} {self.limit:>14}  {self.detail}"

    def as_json(self) -> dict[str, Any]:
        """As a program reads it."""
        return {
            "name": self.name,
            "held": self.held,
            "measured": self.measured,
            "limit": self.limit,
            "detail": self.detail,
        }


def verdicts(now: CalibrationText, before: CalibrationText | None) -> tuple[Verdict, ...]:
    """A line for each thing measured; with `before`, whether that still holds."""
    lines = [line for pair in now.pairs for line in _of_pair(pair)]
    lines += _polarity(now)
    if not now.full_scale_db_spl:
        lines.append(
            Verdict(
                "sound pressure",
                True,
                "relative",
                "",
                "no microphone was calibrated: levels "
                "are relative, in dB re full scale (--calibrator listener)",
            )
        )
    if before is not None:
        lines += _still(before, now)
    return tuple(lines)


def _of_pair(pair: PairText) -> Iterator[Verdict]:
    name = f"{pair.loudspeaker} to {pair.microphone}"
    yield Verdict(f"{name}: latency", True, f"{1000 * pair.latency_s:.1f} ms", "", "")
    noise = pair.noise_db <= _NOISE_DB
    yield Verdict(
        f"{name}: noise",
        noise,
        f"{pair.noise_db:.0f} dB",
        f"{_NOISE_DB:.0f} dB",
        "" if noise else "a quieter room, a longer sweep (--sweep-s) or a louder one (--level-db)",
    )
    if pair.distortion is not None:
        clean = pair.distortion <= _DISTORTION
        yield Verdict(
            f"{name}: distortion",
            clean,
            f"{100 * pair.distortion:.2f} %",
            f"{100 * _DISTORTION:.0f} %",
            ""
            if clean
            else "turn the loudspeaker down, or use a better one: what it adds cannot "
            "be subtracted",
        )
    yield _echoes(name, pair)
    if pair.speech_dba is not None:
        yield _loudness(name, pair)


def _echoes(name: str, pair: PairText) -> Verdict:
    told = [t for t in pair.t60_s[_MIDDLE] if t is not None]
    if not told:
        return Verdict(f"{name}: T60", True, "not told", "", "noise hides it")
    t60_s = sum(told) / len(told)
    dry = t60_s <= _T60_S
    advice = "" if dry else "a curtain or a carpet: prompts are hard to find in so long an echo"
    return Verdict(f"{name}: T60", dry, f"{t60_s:.2f} s", f"{_T60_S:g} s", advice)


def _loudness(name: str, pair: PairText) -> Verdict:
    assert pair.speech_dba is not None
    low, high = SPEECH_DBA
    off_db = max(low - pair.speech_dba, 0.0) - max(pair.speech_dba - high, 0.0)
    at_device = pair.microphone == "device"
    held = not at_device or off_db == 0.0
    advice = (
        "" if held else f"change `sound: speech_level_db:` or the amplifier by {off_db:+.0f} dB"
    )
    limit = f"{low:.0f}-{high:.0f} dBA" if at_device else ""
    return Verdict(f"{name}: speech", held, f"{pair.speech_dba:.1f} dBA", limit, advice)


def _polarity(now: CalibrationText) -> list[Verdict]:
    lines = []
    for microphone in dict.fromkeys(pair.microphone for pair in now.pairs):
        here = [pair for pair in now.pairs if pair.microphone == microphone]
        turned = [p.loudspeaker for p in here if p.polarity != here[0].polarity]
        detail = f"{', '.join(turned)}: the wires are the other way round" if turned else ""
        lines.append(
            Verdict(
                f"{microphone}: polarity", not turned, f"{here[0].polarity:+d}", "alike", detail
            )
        )
    return lines


def _still(before: CalibrationText, now: CalibrationText) -> list[Verdict]:
    off = differences(before, now)
    limit = f"{MOST_OFF_DB:g} dB"
    if not off:
        return [Verdict(f"as on {before.date}", True, "yes", limit, "")]
    return [
        Verdict(f"as on {before.date}", False, "no", limit, f"{each}: calibrate again")
        for each in off
    ]
