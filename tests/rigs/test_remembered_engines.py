"""Kept answers are always the engine's own, whatever was heard before."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.faults.machine import full_disk
from rigs.reference_device.sound_format import Pcm
from rigs.simulated.remembered import (
    Answers,
    RememberedRecogniser,
    RememberedVoiceActivity,
    RememberedWake,
)

_BLOCKS = st.lists(st.sampled_from((0, 1, 2)), max_size=12)


class _Adding:
    """An engine whose answer depends on all it heard since it was made, in order."""

    cutoff = 0.5
    made = 0

    def __init__(self) -> None:
        type(self).made += 1
        self._heard = 0.0

    def score(self, pcm: Pcm) -> float:
        self._heard = self._heard * 0.5 + float(pcm.sum())
        return self._heard


def _sound(which: int) -> Pcm:
    return np.full(160, which, np.int16)


def _answers(wake: _Adding | RememberedWake, stream: list[int]) -> list[float]:
    return [wake.score(_sound(which)) for which in stream]


@settings(max_examples=60)
@given(streams=st.lists(_BLOCKS, min_size=1, max_size=6))
def test_every_stream_gets_the_answers_of_an_engine_of_its_own(streams: list[list[int]]) -> None:
    with TemporaryDirectory() as folder:
        answers = Answers(Path(folder))
        for stream in streams:
            kept = RememberedWake(answers, "adding", _Adding, 0.5)
            assert _answers(kept, stream) == _answers(_Adding(), stream)
        answers.close()


def test_what_was_heard_before_needs_no_engine(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    stream = [1, 2, 0, 1]
    for _ in range(2):
        before = _Adding.made
        _answers(RememberedWake(answers, "adding", _Adding, 0.5), stream)
    assert _Adding.made == before
    _answers(RememberedWake(answers, "another", _Adding, 0.5), stream)
    assert _Adding.made == before + 1  # another engine has heard nothing yet


class _AddingVoice(_Adding):
    chunk = 160

    def probability(self, pcm: Pcm) -> float:
        return self.score(pcm)

    def reset(self) -> None:
        raise AssertionError("each beginning has an engine of its own")


def test_voice_activity_begins_anew_at_each_reset(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    said = []
    for _ in range(2):
        before = _AddingVoice.made
        vad = RememberedVoiceActivity(answers, _AddingVoice, _AddingVoice.chunk)
        first = [vad.probability(_sound(which)) for which in (1, 2)]
        vad.reset()
        said.append((first, [vad.probability(_sound(which)) for which in (1, 2, 2)]))
    engine, again = _AddingVoice(), _AddingVoice()
    assert said[0][0] == [engine.score(_sound(which)) for which in (1, 2)]
    assert said[0][1] == [again.score(_sound(which)) for which in (1, 2, 2)]
    assert said[1] == said[0]
    assert _AddingVoice.made == before + 2  # the second time round, none but those of this test


def test_an_utterance_is_recognised_once(tmp_path: Path) -> None:
    class Counting:
        heard = 0

        def transcribe(self, pcm: Pcm) -> str:
            self.heard += 1
            return f"{len(pcm)} samples"

    engine, answers = Counting(), Answers(tmp_path)
    recogniser = RememberedRecogniser(answers, "counting", engine)
    said = [recogniser.transcribe(np.zeros(n, np.int16)) for n in (10, 20, 10)]
    assert (said, engine.heard) == (["10 samples", "20 samples", "10 samples"], 2)


def test_on_a_full_disk_answers_are_not_kept_and_still_given(tmp_path: Path) -> None:
    answers = Answers(tmp_path)
    answers.keep(b"before", b"there")
    with full_disk():
        answers.keep(b"too large", bytes(1_000_000))
        assert answers.get(b"too large") is None
    answers.keep(b"after", b"again")
    assert [answers.get(key) for key in (b"before", b"after")] == [b"there", b"again"]
    answers.close()
