"""What a calibration found, as a folder: `calibration.json`, with impulse responses beside it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, ValidationError

from harness.bench.ports.sound import Samples
from harness.errors import RigError
from harness.forms.strict import StrictModel

LISTING, PATHS = "calibration.json", "paths.npz"
MOST_OFF_DB = 3.0
_DAY_S = 86_400.0
Octaves = Annotated[tuple[float, ...], Field(min_length=7, max_length=7)]
Decays = Annotated[tuple[float | None, ...], Field(min_length=7, max_length=7)]


class PairText(StrictModel):
    """A loudspeaker and a microphone, and what lies between them."""

    loudspeaker: str
    microphone: str
    latency_s: Annotated[float, Field(ge=0)]
    """From handing the sound over to its strongest arrival."""
    polarity: Literal[-1, 1]
    """-1 where a push of the loudspeaker pulls at the microphone: a wire is the wrong way round."""
    octaves_db: Octaves
    """What the path does to the level in the octaves from 125 Hz to 8 kHz."""
    t60_s: Decays
    """Reverberation time in the same octaves; null where noise hides it."""
    distortion: float | None
    """Harmonics 2 to 5 against the fundamental: 0.01 is 1 %."""
    noise_db: float
    """Noise in the measured path, dB re its peak."""
    speech_dba: float | None
    """Active level of scripted speech here, dBA; null where the microphone was not calibrated."""


class CalibrationText(StrictModel):
    """A calibration of a rig."""

    format: Literal[1] = 1
    rig: str
    measured_unix_s: float
    rate_hz: int
    serials: dict[str, str]
    """Serial numbers of what was used, by what it is."""
    sweep_s: float
    sweep_level_db: float
    full_scale_db_spl: dict[str, float]
    """Of each microphone that was calibrated: dB SPL of sound whose rms is full scale."""
    pairs: tuple[PairText, ...]

    def pair(self, loudspeaker: str, microphone: str) -> PairText | None:
        """One pair, None where it was not measured."""
        wanted = (loudspeaker, microphone)
        found = (p for p in self.pairs if (p.loudspeaker, p.microphone) == wanted)
        return next(found, None)

    def age_days(self, now_unix_s: float) -> float:
        """How old it is."""
        return (now_unix_s - self.measured_unix_s) / _DAY_S

    @property
    def date(self) -> str:
        """The day it was measured on (UTC)."""
        return datetime.fromtimestamp(self.measured_unix_s, UTC).date().isoformat()


def save(
    folder: Path, calibration: CalibrationText, paths: Mapping[tuple[str, str], Samples]
) -> None:
    """Write a calibration, in place of one that was there; the listing comes last.

    `paths`: impulse responses by (loudspeaker, microphone).
    """
    folder.mkdir(parents=True, exist_ok=True)
    pieces = {"\n".join(pair): samples for pair, samples in paths.items()}
    half = folder / f".{PATHS}"
    with half.open("wb") as file:
        np.savez(file, **pieces)  # type: ignore[arg-type]
    half.replace(folder / PATHS)
    text = json.dumps(calibration.model_dump(mode="json"), indent=1) + "\n"
    (folder / f".{LISTING}").write_text(text, encoding="utf-8")
    (folder / f".{LISTING}").replace(folder / LISTING)


def load(folder: Path) -> CalibrationText:
    """Read a calibration. Raises `RigError`, with what to do, where there is none that is sound."""
    try:
        return CalibrationText.model_validate_json((folder / LISTING).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise RigError(
            f"calibration: there is none in {folder}; make one with `sayso calibrate RIG`"
        ) from error
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise RigError(
            f"calibration: {folder / LISTING} cannot be read ({str(error).splitlines()[0]}); "
            "calibrate the rig again"
        ) from error


def load_paths(folder: Path) -> dict[tuple[str, str], Samples]:
    """The impulse responses of a calibration, by (loudspeaker, microphone)."""
    try:
        with np.load(folder / PATHS, allow_pickle=False) as kept:
            pairs = [name.partition("\n") for name in kept.files]
            return {(a, b): kept[f"{a}\n{b}"].astype(np.float32) for a, _, b in pairs}
    except (OSError, ValueError, KeyError) as error:
        raise RigError(
            f"calibration: {folder / PATHS} cannot be read ({error}); calibrate the rig again"
        ) from error


def differences(before: CalibrationText, now: CalibrationText) -> tuple[str, ...]:
    """What no longer holds of a calibration, in words; empty while all of it does.

    A pair that is not there any more, a polarity that turned, or an octave by more than 3 dB.
    """
    found = []
    for old in before.pairs:
        name = f"{old.loudspeaker} to {old.microphone}"
        new = now.pair(old.loudspeaker, old.microphone)
        if new is None:
            found.append(f"{name} was not measured")
            continue
        if new.polarity != old.polarity:
            found.append(f"{name} has turned its polarity")
        off = np.subtract(new.octaves_db, old.octaves_db)
        worst = int(np.abs(off).argmax())
        if not abs(off[worst]) <= MOST_OFF_DB:
            found.append(f"{name} is {off[worst]:+.1f} dB off around {125 * 2**worst} Hz")
    return tuple(found)
