"""Words that are said on one account alone, found in what recognisers wrote down."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.account.canaries import read_back, spoken
from harness.account.facts import account_facts
from harness.account.owner import Told
from harness.account.whose import Known
from harness.bench.ports.account import Export, ExportFile, History, HistoryItem
from harness.model.account import CanaryRead, Whose
from harness.scene.numbers import in_words

CANARY = "bring seven hundred and forty-one umbrellas to Mrs Okonkwo"
BESIDE = ("please", "tell", "him", "that", "we", "are", "late", "again", "tonight")
WORDS = st.lists(st.sampled_from(BESIDE))


@pytest.mark.parametrize(
    "written",
    [
        "Bring seven hundred and forty one umbrellas to Mrs. Okonkwo!",
        "bring 741 umbrellas to mrs okonkwo",
        "could you bring 741 umbrellas to Mrs O'Conko tonight",
        "to bring seven hundred forty-one umbrellas to the Mrs Okonkwo",
    ],
)
def test_it_is_read_however_it_is_written(written: str) -> None:
    assert read_back([CANARY], written) == (CANARY,)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "bring the umbrellas to Mrs Okonkwo",
        "bring 142 umbrellas to Mr Smith",
        "umbrellas, forty-one, seven hundred, okonkwo, bring, Mrs, to",
        "bring seven apples. He paid a hundred. We were forty. At one o'clock umbrellas to Mrs O.",
    ],
)
def test_what_is_only_like_it_is_not(written: str) -> None:
    assert read_back([CANARY], written) == ()


@given(before=WORDS, after=WORDS)
def test_it_is_found_wherever_it_stands(before: list[str], after: list[str]) -> None:
    assert read_back([CANARY], " ".join([*before, CANARY, *after])) == (CANARY,)
    assert read_back([CANARY], " ".join([*before, *after])) == ()


@given(st.integers(0, 999_999), st.integers(0, 999_999))
def test_two_numbers_are_spoken_in_two_ways(one: int, other: int) -> None:
    assert (in_words(one) == in_words(other)) == (one == other)
    assert spoken(str(one)) == tuple(in_words(one))


def test_it_is_a_fact_and_says_whose_words_are() -> None:
    entry = HistoryItem("m1", 5.0, 0.0, "message", CANARY, has_audio=False)
    words = ExportFile("words 1", None, "bring 741 umbrellas to mrs okonkwo")
    told = Told(
        histories=[(9.0, History((entry,), saving=True))], exports=[(10.0, Export((words,)))]
    )
    facts = account_facts(told, lambda unix_s: unix_s, canaries=(CANARY,))
    read = [fact for fact in facts if isinstance(fact, CanaryRead)]
    assert read == [CanaryRead(CANARY, 9.0, "m1"), CanaryRead(CANARY, 10.0, "words 1")]


def test_words_say_nothing_of_a_sound() -> None:
    words = ExportFile("1", None, CANARY)
    assert Known(None, canaries=(CANARY,)).whose_file(words)[0] is Whose.OURS
    assert Known(None).whose_file(words)[0] is Whose.UNKNOWN
    sound = ExportFile("1", b"RIFF", CANARY)
    assert Known(None, canaries=(CANARY,)).whose_file(sound)[0] is Whose.UNKNOWN
