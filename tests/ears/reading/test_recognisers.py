"""Recognisers: what they take, what several readings come to, and real speech."""

from pathlib import Path

import numpy as np
import pytest

from harness.ears.reading import Moonshine, Reader, Reading, Recogniser, Word
from harness.ears.reading.recogniser import RATE_HZ, Samples, checked
from harness.ears.reading.rereading import TAKES, Rereader, combined
from harness.model.script import Household, PromptRole
from harness.scene.clips import read_clip

CLIPS = Path(__file__).parents[3] / "audio_corpus" / "clips"
SILENCE = np.zeros(RATE_HZ, np.float32)


@pytest.fixture(scope="module")
def moonshine() -> Moonshine:
    return Moonshine()


@pytest.mark.parametrize(
    ("sound", "says"),
    [
        (np.zeros((2, 100), np.float32), "shape"),
        (np.zeros(100, np.float64), "float64"),
        (np.zeros(100, np.int16), "int16"),
        (np.array([0.0, np.nan, np.inf], np.float32), "2 samples"),
    ],
)
def test_sound_of_another_kind_is_refused(sound: Samples, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        checked(sound)


def test_the_text_that_is_most_like_the_others_is_the_text() -> None:
    words = (Word("two", 0.0, 0.2), Word("home", 0.2, 0.5))
    first = Reading("Two home.", 1.0, words)
    found = combined(first, ["To whom?", "To whom?", "", "To whom"])
    assert found.text == "To whom?"
    assert found.words == ()
    assert found.alternatives == ("Two home.", "To whom?", "To whom")
    assert 0.3 < found.confidence < 0.8


def test_what_is_read_the_same_every_time_is_sure_and_keeps_its_times() -> None:
    words = (Word("Sent.", 0.0, 0.4),)
    found = combined(Reading("Sent.", 1.0, words), ["Sent."] * 4)
    assert (found.text, found.confidence, found.words) == ("Sent.", 1.0, words)


def test_nothing_read_is_nothing() -> None:
    assert combined(Reading("", 0.0), ["", ""]) == Reading("", 0.0)


class Echo(Recogniser):
    """Writes down how long a sound was, so that a test sees what it was handed."""

    name = "echo"

    def transcribe(self, sound: Samples) -> Reading:
        return Reading(f"{len(sound)}", 1.0)


def test_each_take_is_read() -> None:
    found = Rereader(Echo()).transcribe(SILENCE)
    assert len(found.texts) == 1 + len(TAKES)
    assert all(np.isfinite(take(SILENCE)).all() for take in TAKES)
    assert all(take(SILENCE).dtype == np.float32 for take in TAKES)


def test_moonshine_reads_nothing_into_silence(moonshine: Moonshine) -> None:
    assert moonshine.transcribe(SILENCE[:800]).text == ""
    assert moonshine.transcribe(SILENCE).text == ""


@pytest.mark.slow
def test_moonshine_reads_a_person_and_the_reader_what_it_means(moonshine: Moonshine) -> None:
    clip = read_clip(next(CLIPS.glob("*send-a-message-to-thomas-reed*.flac")), RATE_HZ)
    assert "message" in moonshine.transcribe(clip).text.lower()
    reader = Reader(moonshine, Household(("Thomas Reed", "Anna Kowalski", "Thomas Lambert")))
    found = reader.read(clip)
    assert (found.role, found.named_contact) == (PromptRole.READ_BACK, "Thomas Reed")
    assert found.says_full_name
    assert found.reading.confidence > 0.6
