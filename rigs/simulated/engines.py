"""The parts of the stepped device: fresh at each power-on, but for what takes long to load."""

from dataclasses import replace
from pathlib import Path

from rigs.reference_device.core import Parts
from rigs.reference_device.options import Options, make_parts
from rigs.reference_device.wake import WakeEngine, make_engine
from rigs.simulated.remembered import (
    Answers,
    RememberedRecogniser,
    RememberedVoiceActivity,
    RememberedWake,
)


class Engines:
    """Makes parts. `voice`: folder for rendered prompts. `cache`: folder for answers, or None."""

    def __init__(self, options: Options, voice: Path, cache: Path | None) -> None:
        self._options = options
        self._voice = voice if cache is None else cache / "voice"
        self._answers = None if cache is None else Answers(cache)
        self._first = make_parts(options, self._voice)

    def parts(self) -> Parts:
        """The device's parts as they are when it is switched on."""
        fresh = make_parts(self._options, self._voice)
        # These hold nothing of what they heard before, and take long to load.
        parts = replace(fresh, recogniser=self._first.recogniser, voice=self._first.voice)
        return parts if self._answers is None else self._remembered(parts, self._answers)

    def close(self) -> None:
        """Let go of everything."""
        if self._answers is not None:
            self._answers.close()

    def _remembered(self, parts: Parts, answers: Answers) -> Parts:
        options, first = self._options, parts.wake
        cutoff = make_engine(options.second_engine).cutoff

        def second() -> WakeEngine:
            return make_engine(options.second_engine)

        return replace(
            parts,
            wake=RememberedWake(answers, options.wake_engine, lambda: first, first.cutoff),
            make_second=lambda: RememberedWake(answers, options.second_engine, second, cutoff),
            vad=RememberedVoiceActivity(answers, parts.vad),
            recogniser=RememberedRecogniser(answers, options.stt, parts.recogniser),
        )
