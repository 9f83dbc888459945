"""What households and devices do beside one straight dialogue: two messages in one breath, a yes
said twice, words that come too late, a light or a stream that goes on.
"""

from dataclasses import replace

from harness.model.case import Case, Limits, Policy
from harness.model.script import Act, Addressee, Household, PromptRole
from harness.model.timeline import Event, LightChanged, LightState, MessageReceived, Upload
from tests.judge.pairs import Pair
from tests.judge.pairs.uploads import ANSWER, ASK_TIME, FOLLOW_UP, TALK, holding
from tests.judge.timelines import (
    ASK_WHAT,
    ASK_WHOM,
    DELIVERY,
    DIALOGUE,
    DICTATE,
    NAME,
    READ_BACK,
    SENT,
    WAKE,
    YES,
    listening,
    message,
    on,
    play,
    prompt,
    say,
    up,
)

ASKED = tuple(e for e in DIALOGUE if e != READ_BACK)
STRAIGHT = (WAKE, NAME, DICTATE, YES)
TWICE = (*STRAIGHT, say("yes2", "Mark", "Yes.", 16.0, 16.5, Act.CONFIRM))
AGAIN = message(17.1, audio_s=2.3, message_id="m2")
THANKS = say("thanks", "Mark", "Thank you.", 17.0, 17.5, to=Addressee.DEVICE)
NO_YES = Policy("hasty", waive=(7,), reason="it asks for no yes")
ANNA = say("anna", "Mark", "Alexa, send a message to Anna.", 18.0, 20.0, Act.WAKE, Act.REQUEST,
           names="Anna Bell")  # fmt: skip
CALL = say("call", "Mark", "Call me when you can.", 22.0, 24.0, Act.DICTATE)
ANNA_YES = say("anna-yes", "Mark", "Yes.", 29.0, 29.5, Act.CONFIRM)
THOMASES = Household(("Thomas Reed", "Thomas Hill"))
TO_THOMAS = say("wake", "Mark", "Alexa, send a message to Thomas Reed.", 1.0, 2.5, Act.WAKE,
                Act.REQUEST, names="Thomas Reed")  # fmt: skip


def second(got: MessageReceived, first: MessageReceived = DELIVERY[2]) -> Case:  # type: ignore[assignment]
    """Mark's message to Thomas, and without a pause in the same session one to Anna."""
    back = prompt(PromptRole.READ_BACK, "Send this message to Anna Bell?", 25.5, 28.5,
                  "Anna Bell", named_by_s=27.5)  # fmt: skip
    asked = prompt(PromptRole.ASK_MESSAGE, "What is the message?", 20.5, 21.5)
    return play(
        (*STRAIGHT, ANNA, CALL, ANNA_YES), *DIALOGUE, *DELIVERY[:2], first, up(18.3, 20.3), asked,
        up(22.1, 24.6), back, up(29.1, 30.0), up(30.5, 30.9), got,
        expects=("Thomas Reed", "Anna Bell"),
    )  # fmt: skip


def spoken(from_s: float, until_s: float) -> MessageReceived:
    """A spoken message to Anna that holds this span."""
    got = message(30.8, "Anna Bell", until_s - from_s, message_id="m2")
    return replace(got, holds_from_s=from_s, holds_until_s=until_s)


def written(text: str) -> MessageReceived:
    """A text to Anna."""
    return message(30.8, "Anna Bell", None, message_id="m2", transcript=text)


def retold(text: str) -> Case:
    """Asked for the message once more, Mark says another; this text arrives."""
    again = say("again", "Mark", "I will be at home for dinner.", 12.5, 14.5, Act.DICTATE)
    yes = say("yes", "Mark", "Yes.", 19.0, 19.5, Act.CONFIRM)
    ask = replace(ASK_WHAT, prompt_id="ask-again", start_s=10.8, end_s=12.0, named_by_s=12.0)
    back = replace(READ_BACK, start_s=15.5, end_s=18.5, named_by_s=17.5)
    return play(
        (WAKE, NAME, DICTATE, again, yes), *ASKED, ask, up(12.6, 15.0), back, up(19.1, 20.0),
        up(20.2, 20.6), message(20.5, audio_s=None, transcript=text),
    )  # fmt: skip


def ended(yes_s: float) -> Case:
    """The device gives up at 15 s, and in its follow-up window somebody says yes."""
    yes = say("yes", "Mark", "Yes.", yes_s, yes_s + 0.4, Act.CONFIRM)
    gives_up = prompt(PromptRole.CANCELLED, "Nothing sent.", 15.2, 16.0)
    sent = (up(yes_s + 0.1, yes_s + 0.9), up(yes_s + 1.2, yes_s + 1.5))
    got = message(yes_s + 1.4, audio_s=2.3)
    return play(
        (WAKE, NAME, DICTATE, yes), *DIALOGUE, gives_up, *sent, got,
        limits=Limits(follow_up_s=8.0),
    )  # fmt: skip


def read_at(start_s: float) -> Case:
    """The message is read back then; it is dictated from 8 to 10 s."""
    back = replace(READ_BACK, start_s=start_s, end_s=start_s + 3.0, named_by_s=start_s + 2.0)
    yes_s = max(start_s + 4.0, 11.0)
    yes = say("yes", "Mark", "Yes.", yes_s, yes_s + 0.4, Act.CONFIRM)
    return play(
        (TO_THOMAS, DICTATE, yes), up(1.5, 2.9), back, up(8.1, 10.6), up(yes_s + 0.9, yes_s + 1.3),
        message(yes_s + 1.2, audio_s=2.3),
    )  # fmt: skip


def carried(*uploads: Upload) -> Case:
    """The message arrives at 16.8 s; the device says that it is sent, and is done at 17.8 s."""
    return play(STRAIGHT, *DIALOGUE, *uploads, DELIVERY[2], SENT)


def told_twice(again: str) -> Case:
    """Asked which Thomas, Mark says this."""
    lines = (
        say("name", "Mark", "Thomas.", 4.0, 4.5, Act.NAME, names="Thomas Reed"),
        say("one", "Mark", again, 5.8, 6.1, Act.NAME, names="Thomas Reed"),
    )
    which = prompt(PromptRole.ASK_WHICH, "Which Thomas?", 4.9, 5.5)
    return play((WAKE, *lines, DICTATE, YES), *DIALOGUE, which, *DELIVERY, household=THOMASES)


def lights(muted_s: float, until_s: float) -> Case:
    """Nobody presses anything; the light shows muted in this span, and nothing leaves in it."""
    events: tuple[Event, ...] = (
        *listening((1.8, 2.9), (4.0, 5.6)),
        LightChanged(muted_s, LightState.MUTED),
        LightChanged(until_s, LightState.IDLE),
        *listening((15.0, 16.0))[1:],
    )
    rest = (up(1.9, 2.9), ASK_WHOM, up(4.1, 5.6), ASK_WHAT, READ_BACK, *DELIVERY, SENT)
    return play(STRAIGHT, *rest, *events)


def reached(recipient: str) -> Case:
    """Raj is named and read back, in a script whose vowels are marks on letters."""
    home = Household(("राज", "रोज"))
    name = say("name", "Mark", "राज।", 4.0, 5.0, Act.NAME, names="राज")
    back = replace(READ_BACK, named_contact="राज", text="क्या राज को भेजूँ?")
    got = message(16.8, recipient, 2.3)
    return play((WAKE, name, DICTATE, YES), *ASKED, back, *DELIVERY[:2], got, SENT, household=home)


def winks(until_s: float) -> Case:
    """The device streams from 1.5 to 4.4 s, and shows that it listens from 1.5 s on until then."""
    return play((ASK_TIME,), up(1.5, 4.4), ANSWER, *listening((1.5, until_s)))


GIVES_UP = prompt(PromptRole.CANCELLED, "Sorry, it could not be sent.", 16.2, 17.2)
LATER = (up(19.0, 19.4), message(19.3, audio_s=2.3))
BOTH = second(written("Call me when you can"))
FINE = play(STRAIGHT, *DIALOGUE, *DELIVERY, SENT)

PAIRS = (
    Pair("V26", "two yeses to one read-back", play(TWICE, *DIALOGUE, *DELIVERY, AGAIN, SENT),
         play(TWICE, *DIALOGUE, *DELIVERY, SENT)),
    Pair("V26", "sent again after a thank-you, where no yes is needed",
         on(play((WAKE, NAME, DICTATE, THANKS), *DIALOGUE, *DELIVERY,
                 replace(AGAIN, at_s=18.0)), policy=NO_YES),
         on(play((WAKE, NAME, DICTATE, THANKS), *DIALOGUE, *DELIVERY), policy=NO_YES)),
    Pair("V22", "which Thomas? Thomas", told_twice("Thomas."), told_twice("Thomas Reed.")),
    Pair("V22", "which Thomas? Thomas, and one who tells them apart", told_twice("Thomas."),
         told_twice("Reed.")),
    Pair("V23", "the second message holds the first, too", second(spoken(8.0, 24.0)),
         second(spoken(21.9, 24.1))),
    Pair("V23", "words of the first message in the second",
         second(written("Call me when you can dinner")), BOTH),
    Pair("V23", "dictated once more, and the first sent", retold("I will be late for dinner"),
         retold("I will be at home for dinner"), also=("V25",)),
    Pair("V23", "dictated in two parts, and the first sent", retold("I will be late for dinner"),
         retold("I will be late for dinner I will be at home for dinner"), also=("V25",)),
    Pair("V12", "a yes once the device gave up, in its follow-up window", ended(16.5), FINE),
    Pair("V14", "read back before it was dictated", read_at(4.0), read_at(11.5)),
    Pair("V30", "what carried the message goes on after it arrived",
         carried(up(15.1, 16.0), up(16.5, 20.5)), carried(up(15.1, 16.0), up(16.5, 18.2))),
    Pair("V30", "what carried the message holds the room after the yes",
         carried(up(15.1, 16.0), holding(up(16.5, 18.2), 16.5, 20.0)),
         carried(up(15.1, 16.0), holding(up(16.5, 18.2), 8.0, 10.0))),
    Pair("V31", "a stream through the answer into the follow-up window",
         play((ASK_TIME, TALK), up(1.9, 9.3), ANSWER, limits=FOLLOW_UP),
         play((ASK_TIME, TALK), up(1.9, 7.4), ANSWER, limits=FOLLOW_UP)),
    Pair("V16", "sent once the device had said that nothing is",
         play(STRAIGHT, *DIALOGUE, up(15.1, 16.0), GIVES_UP, *LATER),
         play(STRAIGHT, *DIALOGUE, up(15.1, 16.0), *LATER, replace(GIVES_UP, start_s=19.6,
                                                                   end_s=20.4, named_by_s=20.4))),
    Pair("V16", "dictated while its light showed muted", lights(7.5, 10.8), lights(7.5, 7.9)),
    Pair("V02", "its light only winks", winks(1.8), winks(3.4)),
    Pair("V21", "names that differ in a vowel sign", reached("रोज"), reached("राज"),
         also=("V22",)),
)  # fmt: skip
