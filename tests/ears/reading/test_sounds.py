"""How words sound, and how far apart that is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.ears.reading.distance import Spoken, Window
from harness.ears.reading.sounds import ALPHABET, word_sounds

NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=10)


def apart(one: str, other: str) -> float:
    return float(Spoken([one.split()]).whole(other.split())[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Reed", "Read"),
        ("Reed", "Reid"),
        ("Sean", "Shawn"),
        ("Stephen", "Steven"),
        ("Kowalski", "Kovalsky"),
        ("Johansson", "Johanson"),
        ("Schmidt", "Shmit"),
        ("Catherine", "Katherine"),
        ("Philip", "Phillip"),
        ("Clark", "Clarke"),
        ("Nguyen", "Win"),
        ("Wright", "Right"),
        ("Zoë", "Zoe"),
        ("Meyer", "Mayer"),
        ("Ann", "Anne"),
    ],
)
def test_what_sounds_alike_is_near(one: str, other: str) -> None:
    assert apart(one, other) < 1.0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "Emma"),
        ("Reed", "Green"),
        ("Thomas", "Tom"),
        ("Mark", "Marcus"),
        ("Lopez", "Lambert"),
        ("Maria", "Marian"),
    ],
)
def test_what_sounds_different_is_not(one: str, other: str) -> None:
    assert apart(one, other) > 0.7


@given(NAMES)
def test_every_word_has_sounds_of_the_alphabet(word: str) -> None:
    assert set(word_sounds(word)) <= set(ALPHABET)


@given(NAMES, NAMES)
def test_distance_is_a_distance(one: str, other: str) -> None:
    assert apart(one, one) == 0.0
    assert apart(one, other) >= 0.0
    assert apart(one, other) == pytest.approx(apart(other, one), abs=1e-4)


@given(st.lists(NAMES, min_size=1, max_size=8), NAMES)
def test_windows_are_what_the_words_alone_would_be(words: list[str], name: str) -> None:
    spoken = Spoken([[name], ["other"]])
    windows, costs = spoken.distances(words)
    assert len(windows) == costs.shape[1]
    for place, window in enumerate(windows):
        alone = spoken.whole(words[window.first : window.after])
        assert costs[:, place] == pytest.approx(alone, abs=1e-4)
    assert Window(0, 1) in windows
