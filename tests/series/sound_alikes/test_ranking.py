"""What sounds like a wake word comes first, wherever in a word or phrase it does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.ears.reading.sounds import ALPHABET
from harness.errors import UserError
from harness.series.sound_alikes.distance import part_distances, whole_distances
from harness.series.sound_alikes.phones import from_ipa
from harness.series.sound_alikes.ranking import candidates, ranked

SOUNDS = st.text(ALPHABET, min_size=1, max_size=8)


@given(SOUNDS, SOUNDS, SOUNDS)
def test_a_wake_word_inside_a_text_is_no_distance_away(wake: str, before: str, after: str) -> None:
    inside, alone = part_distances(wake, [before + wake + after, wake])
    assert inside == pytest.approx(0.0, abs=1e-6) and alone == pytest.approx(0.0, abs=1e-6)


@given(SOUNDS, st.lists(SOUNDS, min_size=1, max_size=6))
def test_distances_hang_on_the_text_alone_and_a_part_is_never_further_than_the_whole(
    wake: str, texts: list[str]
) -> None:
    parts, wholes = part_distances(wake, texts), whole_distances(wake, texts)
    for text, part, whole in zip(texts, parts, wholes, strict=True):
        assert part == pytest.approx(part_distances(wake, [text])[0], abs=1e-5)
        assert -1e-6 <= part <= min(1.0, whole) + 1e-5


def test_ipa_becomes_the_readers_alphabet() -> None:
    assert from_ipa("\u0250l\u02c8\u025bks\u0259") == "@leks@"
    assert from_ipa("\u028cn\u0250ks\u02c8\u025bpt\u0259b\u0259^l") == "@n@ksept@b@l"
    assert from_ipa("t^\u0283\u02c8e^\u026and^\u0292") == "CAnJ"


def test_words_and_runs_of_words_are_candidates() -> None:
    assert set(candidates(["Let's ask her.", "let's"])) == {
        "let's", "ask", "her", "let's ask", "ask her", "let's ask her",
    }  # fmt: skip


def test_the_nearest_come_first_and_the_wake_word_never() -> None:
    found = ranked("Alexa", ["a Lexus", "banana", "Alexa, stop", "window", "election"], 5)
    texts = [each.text for each in found]
    # With the article, where the sounds come from spelling rules and not from espeak-ng.
    assert texts[0].removeprefix("a ") == "lexus"
    assert not any("alexa" in text for text in texts)
    assert [each.distance for each in found] == sorted(each.distance for each in found)


def test_two_words_are_joined_where_they_fit_together() -> None:
    found = ranked("Alexa", ["banana", "letter", "sum", "lake", "ill"], 3)
    assert any(" " in each.text for each in found)


def test_without_words_or_sounds_it_is_said_what_to_do() -> None:
    with pytest.raises(UserError, match="--words"):
        ranked("Alexa", ["", "123"], 5)
    with pytest.raises(UserError, match="no sounds"):
        ranked("...", ["lexus"], 5)
