"""The parts of the stepped device: fresh at each power-on, but for what takes long to load.

Where answers are kept, an engine is made only once something is new to it; what must be known of
it before then is asked of one of its kind, once a process.
"""

from dataclasses import replace
from functools import cache
from pathlib import Path

from rigs.reference_device.core import Parts
from rigs.reference_device.firmware import make_firmware
from rigs.reference_device.habits import habits_of
from rigs.reference_device.options import Options, make_parts
from rigs.reference_device.stt import LazyRecogniser
from rigs.reference_device.vad import SileroVoiceActivity
from rigs.reference_device.wake import WakeEngine, make_engine
from rigs.simulated.remembered import (
    Answers,
    RememberedRecogniser,
    RememberedVoiceActivity,
    RememberedWake,
)


@cache
def _recogniser(name: str) -> LazyRecogniser:
    """One for all rigs of a process: it holds nothing of what it heard, and takes long to load."""
    return LazyRecogniser(name)


class Engines:
    """Makes parts. `voice`: folder for rendered prompts. `cache`: folder for answers, or None."""

    def __init__(self, options: Options, voice: Path, cache: Path | None) -> None:
        self._options = options
        self._voice = voice if cache is None else cache / "voice"
        self._answers = None if cache is None else Answers(cache)
        self._first = make_parts(options, self._voice)

    def parts(self) -> Parts:
        """The device's parts as they are when it is switched on."""
        if self._answers is not None:
            return self._remembered(self._answers)
        fresh = make_parts(self._options, self._voice)
        return replace(fresh, recogniser=_recogniser(self._options.stt), voice=self._first.voice)

    def close(self) -> None:
        """Let go of everything."""
        if self._answers is not None:
            self._answers.close()

    def _remembered(self, answers: Answers) -> Parts:
        options, first = self._options, self._first
        firmware = make_firmware(options.firmware, options.seed)
        return replace(
            first,
            firmware=firmware,
            habits=habits_of(firmware),
            wake=_wake(answers, options.wake_engine, first.wake.cutoff),
            make_second=lambda: _wake(answers, options.second_engine),
            vad=RememberedVoiceActivity(answers, SileroVoiceActivity, first.vad.chunk),
            recogniser=RememberedRecogniser(answers, options.stt, _recogniser(options.stt)),
        )


def _wake(answers: Answers, name: str, cutoff: float | None = None) -> WakeEngine:
    """`cutoff`: as the options say; None for the engine's own."""
    usual = _cutoff(name) if cutoff is None else cutoff
    return RememberedWake(answers, name, lambda: make_engine(name), usual)


@cache
def _cutoff(name: str) -> float:
    return make_engine(name).cutoff
