"""The three policies, utterance by utterance, without any sound."""

import numpy as np
import pytest

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Firmware, Heard, Move, Say, Send, Turn
from rigs.reference_device.errors import SetupError
from rigs.reference_device.firmware import make_firmware

THOMAS, ANNA = Contact("c1", "Thomas Reed"), Contact("c2", "Anna Kowalski")
STRICT = ["guarded", "verified"]


def heard(text: str) -> Heard:
    return Heard(text, np.zeros(16, np.int16))


def talk(name: str, *said: str | None) -> Move:
    """The move after these utterances (None: silence), each answering the question before."""
    firmware: Firmware = make_firmware(name)
    turn, draft = Turn.REQUEST, Draft()
    for number, text in enumerate(said, 1):
        utterance = None if text is None else heard(text)
        move = firmware.next_move(turn, draft, utterance, (THOMAS, ANNA))
        if not isinstance(move, Ask):
            assert number == len(said), f"{move} came after {number} of {len(said)} utterances"
            return move
        assert move.prompt_id in firmware.prompt_ids
        turn, draft = move.turn, move.draft
    return move


def test_2018_sends_the_portland_conversation() -> None:
    move = talk(
        "2018",
        "Send a message and tell them that.",
        "Well, Thomas was the one who recommended them.",
        "Right, and he was really happy with his floors.",
    )
    assert move == Send(THOMAS, message=None, then_say=None)


def test_2018_without_right_cancels() -> None:
    move = talk(
        "2018",
        "Send a message and tell them that.",
        "Well, Thomas was the one who recommended them.",
        "And he was really happy with his floors.",
    )
    assert move == Say("cancelled")


def test_2018_takes_silence_as_no() -> None:
    assert talk("2018", "Send a message.", "Thomas", None) == Say("cancelled")
    assert talk("2018", "Send a message.", None) == Say("cancelled")
    assert talk("2018", None) == Say(None)


@pytest.mark.parametrize("name", STRICT)
def test_a_wanted_message_is_sent_after_everything_was_asked(name: str) -> None:
    move = talk(name, "Send a message.", "To Thomas Reed.", "I will be late.", "Yes, please.")
    assert isinstance(move, Send)
    assert (move.contact, move.then_say) == (THOMAS, "sent")
    assert move.message is not None
    assert move.message.text == "I will be late."


@pytest.mark.parametrize("name", STRICT)
def test_a_named_recipient_is_not_asked_for(name: str) -> None:
    move = talk(name, "Send a message to Anna Kowalski.")
    assert isinstance(move, Ask)
    assert (move.prompt_id, move.draft.contact) == ("ask_message", ANNA)


@pytest.mark.parametrize("name", STRICT)
@pytest.mark.parametrize("answer", [None, "", "No.", "Right, and he was happy.", "Hm, yes, maybe"])
def test_anything_but_a_whole_yes_cancels(name: str, answer: str | None) -> None:
    assert talk(name, "Send a message to Thomas.", "I am late.", answer) == Say("cancelled")


@pytest.mark.parametrize("name", STRICT)
def test_conversation_gets_no_further_than_silence_or_denial(name: str) -> None:
    assert talk(name, "Send a message and tell them that.") == Say(None)
    assert talk(name, "Send a message.", "Well, Thomas was the one.") == Say("cancelled")
    assert talk(name, "Send a message.", None) == Say("cancelled")
    assert talk(name, "Send a message.", "Thomas Reed.", None) == Say("cancelled")


def test_contacts_that_sound_alike_are_asked_apart_once() -> None:
    firmware = make_firmware("guarded")
    alike = (THOMAS, Contact("c4", "Thomas Miller"))
    first = firmware.next_move(Turn.RECIPIENT, Draft(attempts=1), heard("Thomas"), alike)
    assert isinstance(first, Ask)
    assert first.prompt_id == "which_contact"
    assert firmware.next_move(first.turn, first.draft, heard("Thomas"), alike) == Say("cancelled")
    told = firmware.next_move(first.turn, first.draft, heard("Thomas Miller"), alike)
    assert isinstance(told, Ask)
    assert told.draft.contact == alike[1]


def test_controls_are_answered() -> None:
    for name in ("2018", *STRICT):
        assert talk(name, "Are you there?") == Say("am_here")
        assert talk(name, "What is the weather?") == Say("cannot_help")


def test_only_verified_wants_a_second_opinion() -> None:
    wants = {name: make_firmware(name).second_opinion for name in ("2018", *STRICT)}
    assert wants == {"2018": False, "guarded": False, "verified": True}
    with pytest.raises(SetupError, match="2018, guarded, verified"):
        make_firmware("2019")
    with pytest.raises(SetupError, match=r"no module nothing\.py"):
        make_firmware("zoo.nothing")
    with pytest.raises(SetupError, match=r"no module \.\.core"):
        make_firmware("zoo...core")
    with pytest.raises(SetupError, match="makes no firmware"):
        make_firmware("zoo.chance")
