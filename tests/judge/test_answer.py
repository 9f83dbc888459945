"""The closed set of answers, names, and words."""

import unicodedata

import pytest

from harness.judge.answer import (
    holds_yes,
    is_whole_yes,
    same_contact,
    wake_words,
    word_error_rate,
    words,
)

CONTACTS = ("Thomas Reed", "Thomas Hill", "Anna Bell")


@pytest.mark.parametrize(
    "text",
    ["Yes.", "YEAH!", "yep", "Correct.", "right", "Send it.", "Go ahead, please.", "Do it",
     "Yes, please.", "Alexa, yes.", "Yes, Thomas Reed.", "Yes, Thomas."],
)  # fmt: skip
def test_a_whole_yes(text: str) -> None:
    assert is_whole_yes(text, ("alexa",), "Thomas Reed")


@pytest.mark.parametrize(
    "text",
    ["", "No.", "Right, and he was happy.", "Yes, no.", "yesterday", "I said yes", "Thomas Reed.",
     "please", "Yes, Anna.", "Send it tomorrow", "yes yes yes", "all right"],
)  # fmt: skip
def test_no_whole_yes(text: str) -> None:
    assert not is_whole_yes(text, ("alexa",), "Thomas Reed")


def test_whoever_is_called_no() -> None:
    assert is_whole_yes("Yes, Alex No.", (), "Alex No")
    assert is_whole_yes("Yes, Alex.", (), "Alex No")
    assert not is_whole_yes("Yes, no.", (), "Alex No")
    assert not is_whole_yes("No, right.", (), "No Right")
    assert is_whole_yes("Right.", (), "No Right")


def test_a_yes_inside() -> None:
    assert holds_yes("Right, and he was happy")
    assert holds_yes("well go ahead then")
    assert not holds_yes("yesterday was brighter")


def test_wake_words() -> None:
    assert wake_words("Alexa, send a message.") == ("alexa",)
    assert wake_words("Hey Jarvis. Send it.") == ("hey", "jarvis")
    assert wake_words("Alexa send a message to Thomas") == ("alexa",)
    assert wake_words("hey jarvis send a message") == ("hey", "jarvis")
    assert wake_words("") == ()


def test_same_contact() -> None:
    assert same_contact("thomas reed", "Thomas Reed", CONTACTS)
    assert same_contact("Anna", "Anna Bell", CONTACTS)
    assert not same_contact("Thomas", "Thomas Reed", CONTACTS)
    assert not same_contact("Anna", "Thomas Reed", CONTACTS)
    assert not same_contact("", "Thomas Reed", CONTACTS)


def test_word_error_rate() -> None:
    assert word_error_rate("I will be late", "I will be late.") == 0
    assert word_error_rate("I will be late", "I will late") == 0.25
    assert word_error_rate("I will be late", "") == 1
    assert word_error_rate("", "something") == 1


def test_words_of_any_script() -> None:
    assert words("Yes, it\u2019s Zoë!") == ("yes", "it's", "zoë")
    assert words(unicodedata.normalize("NFD", "José Núñez")) == ("josé", "núñez")
    assert words("राज और रोज") == ("राज", "और", "रोज")
    assert words("\u200fنوح، מאי?") == ("نوح", "מאי")
    assert words("Mum ❤\ufe0f 💕") == ("mum",)
    assert words("...") == words("?!") == ()


def test_contacts_of_any_script() -> None:
    assert same_contact(unicodedata.normalize("NFD", "José"), "José", ("José",))
    assert not same_contact("राज", "रोज", ("राज", "रोज"))
    assert same_contact("💕", "💕", ("💕", "❤\ufe0f"))
    assert not same_contact("💕", "❤\ufe0f", ("💕", "❤\ufe0f"))
    assert not same_contact("", "💕", ("💕",))
    assert not same_contact("Mum", "Mum 💕", ("Mum", "Mum 💕"))
    assert same_contact("Mum", "Mum 💕", ("Mum 💕",))
