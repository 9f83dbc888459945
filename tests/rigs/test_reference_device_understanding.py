"""What words mean to the device: recognisers' spellings included, conversation excluded."""

import pytest

from rigs.reference_device import understanding as says
from rigs.reference_device.contacts import Contact

THOMAS, ANNA = Contact("c1", "Thomas Reed"), Contact("c2", "Anna Kowalski")
CONTACTS = (THOMAS, ANNA)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Send a message.", None),
        ("Alexa, send a message.", None),
        ("Said a message, please.", None),
        ("Send a message to Thomas Reed.", "thomas reed"),
        ("Sent a message to Thomas Reeve.", "thomas reeve"),
        ("Can you send a message to Anna?", "anna"),
        ("Text Thomas Reed.", "thomas reed"),
    ],
)
def test_a_whole_request_is_one(text: str, name: str | None) -> None:
    assert says.strict_request(text) == says.Request(name)


@pytest.mark.parametrize(
    "text",
    [
        "Send a message and tell them that.",
        "It is unacceptable. Send a message and tell them that.",
        "I told him to send a message.",
        "She said she would send a message to him after the meeting with Thomas.",
        "And then send.",
        "",
    ],
)
def test_conversation_is_no_strict_request(text: str) -> None:
    assert says.strict_request(text) is None


def test_conversation_is_a_loose_request() -> None:
    assert says.loose_request("Send a message and tell them that.")
    assert says.loose_request("Can't stand it. Sent a message and tell him that.")
    assert not says.loose_request("I think we should get another quote.")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Thomas Reed.", (THOMAS,)),
        ("Thomas reeve", (THOMAS,)),
        ("To Thomas Reed, please.", (THOMAS,)),
        ("Anna", (ANNA,)),
        ("Well, Thomas was the one who recommended them.", ()),
        ("Thomas was happy", ()),
        ("Time is three.", ()),
        ("", ()),
    ],
)
def test_only_a_whole_name_is_a_strict_name(text: str, named: tuple[Contact, ...]) -> None:
    assert says.strict_contacts(text, CONTACTS) == named


def test_a_first_name_of_two_contacts_names_both() -> None:
    other = Contact("c3", "Thomas Miller")
    assert says.strict_contacts("Thomas", (*CONTACTS, other)) == (THOMAS, other)
    assert says.strict_contacts("Thomas Miller", (*CONTACTS, other)) == (other,)


def test_names_that_sound_alike_are_not_told_apart_by_their_spelling() -> None:
    alike = Contact("c4", "Thomas Reid")
    assert says.strict_contacts("Thomas Reed", (THOMAS, alike)) == (THOMAS, alike)


def test_conversation_names_a_contact_loosely() -> None:
    assert says.loose_contact("Well, Thomas was the one who recommended them.", CONTACTS) == THOMAS
    assert says.loose_contact("I think we should get another quote.", CONTACTS) is None


@pytest.mark.parametrize(
    "text",
    ["Yes.", "Yes, please.", "Yeah", "Yes, yes.", "Alexa, yes.", "Correct.", "Right!", "Send it.",
     "Send it to Thomas Reed.", "Go ahead.", "Do it, please.", "Yes, Thomas."],
)  # fmt: skip
def test_whole_affirmatives_confirm(text: str) -> None:
    assert says.strict_yes(text, THOMAS)


@pytest.mark.parametrize(
    "text",
    ["", "No.", "Right, and he was really happy with his floors.", "Yes, but not now.", "Thomas.",
     "Alexa.", "Please.", "On Saturday morning, yes.", "Yes. No.", "Anna, yes.", "Send.",
     "Don't do it.", "Do not send it.", "That is not correct.", "Incorrect.", "Yet.", "Uh huh."],
)  # fmt: skip
def test_anything_else_denies(text: str) -> None:
    assert not says.strict_yes(text, THOMAS)


def test_a_yes_inside_a_sentence_is_a_loose_yes() -> None:
    assert says.loose_yes("Right, and he was really happy with his floors.")
    assert not says.loose_yes("And he was really happy with his floors.")


@pytest.mark.parametrize("text", ["Are you there?", "Alexa, are you there?", "All you dare,"])
def test_are_you_there(text: str) -> None:
    assert says.are_you_there(text)


@pytest.mark.parametrize(
    "text",
    ["Play my last message.", "Alexa, play the last message, please.", "Play my last massage"],
)
def test_the_last_message_is_asked_for(text: str) -> None:
    assert says.asks_to_play_back(text)


@pytest.mark.parametrize(
    "text",
    [
        "Play something.",
        "That was my last message to him.",
        "Send a message.",
        "Alexa.",
        "",
    ],
)
def test_talk_of_a_message_asks_for_none(text: str) -> None:
    assert not says.asks_to_play_back(text)


def test_the_wake_word_alone_is_nothing() -> None:
    assert says.without_wake_word("Alexa.") == ""
    assert says.without_wake_word("Alexa, send it") == "send it"
