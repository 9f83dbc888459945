"""Names of voices, `engine:name`, and what is known of each engine."""

import difflib
from dataclasses import dataclass

from harness.errors import CorpusError


@dataclass(frozen=True, slots=True)
class Engine:
    """A synthesiser: the voices it has here, and the licence that its speech comes under.

    `human_like`: fit for what is shipped. `program`: the apt package it needs, if any.
    """

    name: str
    voices: tuple[str, ...]
    licence: str
    human_like: bool
    program: str | None


_KOKORO_VOICES = (
    "af_alloy af_aoede af_bella af_heart af_jessica af_kore af_nicole af_nova af_river af_sarah "
    "af_sky am_adam am_echo am_eric am_fenrir am_liam am_michael am_onyx am_puck am_santa "
    "bf_alice bf_emma bf_isabella bf_lily bm_daniel bm_fable bm_george bm_lewis"
)
_ESPEAK_VOICES = "en-us en-us+f3 en-us+m3 en-gb en-gb-scotland en-gb-x-rp"

ENGINES = {
    engine.name: engine
    for engine in (
        # Kokoro's phonemes come from espeak-ng.
        Engine("kokoro", tuple(_KOKORO_VOICES.split()), "Apache-2.0", True, "espeak-ng"),
        Engine("piper", ("joe",), "CC0-1.0", True, None),
        Engine("flite", ("slt", "awb", "rms", "kal16"), "LicenseRef-flite", False, "flite"),
        Engine("espeak", tuple(_ESPEAK_VOICES.split()), "CC0-1.0", False, "espeak-ng"),
    )
}


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of an engine."""

    engine: Engine
    name: str

    def __str__(self) -> str:
        return f"{self.engine.name}:{self.name}"


def parse_voice(text: str) -> Voice:
    """The voice called `engine:name`; `CorpusError` with a suggestion when there is none."""
    engine_name, _, name = text.partition(":")
    engine = ENGINES.get(engine_name)
    if engine is not None and name in engine.voices:
        return Voice(engine, name)
    near = difflib.get_close_matches(text, all_voices(), n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]}?" if near else "."
    known = f"engines are {', '.join(ENGINES)}" if engine is None else _voices_of(engine)
    raise CorpusError(f"no voice {text!r}{hint} A voice is engine:name, and {known}.")


def all_voices() -> tuple[str, ...]:
    """Every voice that can be rendered."""
    return tuple(f"{engine.name}:{name}" for engine in ENGINES.values() for name in engine.voices)


def _voices_of(engine: Engine) -> str:
    return f"{engine.name} has {', '.join(engine.voices)}"
