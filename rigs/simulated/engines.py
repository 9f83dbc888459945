"""The parts of the stepped device: fresh at each power-on, but for what takes long to load."""

from collections.abc import Callable
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
        self._ending: list[RememberedWake] = []

    def parts(self) -> Parts:
        """The device's parts as they are when it is switched on."""
        fresh = make_parts(self._options, self._voice)
        # These hold nothing of what they heard before, and take long to load.
        parts = replace(fresh, recogniser=self._first.recogniser, voice=self._first.voice)
        return parts if self._answers is None else self._remembered(parts, self._answers)

    def end(self) -> None:
        """The device that had the newest parts is off."""
        for wake in self._ending:
            wake.end()
        self._ending.clear()

    def close(self) -> None:
        """Let go of everything."""
        self.end()
        if self._answers is not None:
            self._answers.close()

    def _remembered(self, parts: Parts, answers: Answers) -> Parts:
        options = self._options

        def remembered(name: str, make: Callable[[], WakeEngine], cutoff: float) -> WakeEngine:
            engine = RememberedWake(answers, name, make, cutoff)
            self._ending.append(engine)
            return engine

        second = make_engine(options.second_engine)
        first = parts.wake
        return replace(
            parts,
            wake=remembered(options.wake_engine, lambda: first, first.cutoff),
            make_second=lambda: remembered(
                options.second_engine, lambda: make_engine(options.second_engine), second.cutoff
            ),
            vad=RememberedVoiceActivity(answers, parts.vad),
            recogniser=RememberedRecogniser(answers, options.stt, parts.recogniser),
        )
