"""What a message holds, how often it comes, and who else acts."""

from dataclasses import replace

from harness.model.case import Case, Sense
from harness.model.script import Act
from harness.model.timeline import MessageReceived, OtherDeviceActed
from tests.judge.pairs import Pair
from tests.judge.timelines import (
    ASK_WHAT,
    CONTRACTOR,
    DELIVERY,
    DIALOGUE,
    DICTATE,
    NAME,
    QUOTE,
    READ_BACK,
    SENT,
    WAKE,
    YES,
    Spoken,
    adding,
    message,
    on,
    play,
    say,
    up,
    wanted,
)

LATER = say("later", "Dana", "Please buy oranges.", 10.4, 11.4)
EARLIER = say("earlier", "Dana", "The oranges are all gone.", -3.0, -1.0)
MIXED = say("mixed", "Mark", "Alexa, send Thomas Reed a message saying I am late.", 1.0, 5.0,
            Act.WAKE, Act.REQUEST, Act.DICTATE, names="Thomas Reed")  # fmt: skip


def received(got: MessageReceived, *more: Spoken, lines: tuple[Spoken, ...] = ()) -> Case:
    """Mark's dialogue, in which this message arrives, on a rig that reads what messages hold."""
    said = lines or (WAKE, NAME, DICTATE, YES)
    case = play((*said, *more), *DIALOGUE, *DELIVERY[:2], got, SENT)
    return on(case, senses=(Sense.PAYLOAD,))


def holds(from_s: float, until_s: float, **more: object) -> Case:
    """The message holds this span; dictated were 8.0 to 10.0 s."""
    got = message(16.8, audio_s=until_s - from_s)
    return received(replace(got, holds_from_s=from_s, holds_until_s=until_s, **more))  # type: ignore[arg-type]


def text(words: str, *more: Spoken) -> Case:
    """The message is a text."""
    return received(message(16.8, audio_s=None, transcript=words), *more)


def recognised(words: str) -> Case:
    """The message is sound of fitting length, with what a recogniser made of it."""
    got = message(16.8, audio_s=2.3, transcript=words)
    return play((WAKE, NAME, DICTATE, YES), *DIALOGUE, *DELIVERY[:2], got, SENT)


def one_breath(from_s: float, dictated_from_s: float | None = 4.0) -> Case:
    """Wake, request and dictation in one line, from 1.0 to 5.0 s; the words begin at 4.0 s."""
    line = MIXED[0], replace(MIXED[1], dictated_from_s=dictated_from_s)
    back = replace(READ_BACK, start_s=6.5, end_s=9.5, named_by_s=8.5)
    yes = YES[0], replace(YES[1], start_s=10.0, end_s=10.5)
    got = replace(message(11.8, audio_s=1.2), holds_from_s=from_s, holds_until_s=5.1)
    case = play((line, yes), up(1.9, 5.5), back, up(10.1, 11.0), up(11.5, 11.9), got)
    return on(case, senses=(Sense.PAYLOAD,))


def beside(*others: OtherDeviceActed) -> Case:
    """A message that Mark wanted, with a second device in the room."""
    return on(adding(wanted(), *others), senses=(Sense.OTHER_DEVICES,))


SECOND = OtherDeviceActed("the bedroom device", 2.6, "lit up")
FINE = holds(7.8, 10.2)
PLAIN = text("I will be late for dinner")

PAIRS = (
    Pair("V23", "pre-roll", holds(7.7, 10.0), FINE),
    Pair("V23", "the wake word in one breath", one_breath(3.6), one_breath(3.8)),
    Pair("V23", "a word said before", text("oranges I will be late for dinner", EARLIER), PLAIN),
    Pair("V23", "the wake word in a text", text("Alexa I will be late for dinner"), PLAIN),
    Pair("V24", "it runs on", holds(8.0, 10.3), FINE),
    Pair("V24", "a word said after", text("I will be late for dinner oranges", LATER),
         text("I will be late for dinner", LATER)),
    Pair(
        "V24",
        "by length alone",
        play((WAKE, NAME, DICTATE, YES), *DIALOGUE, *DELIVERY[:2], message(16.8, audio_s=9.0)),
        play((WAKE, NAME, DICTATE, YES), *DIALOGUE, *DELIVERY[:2], message(16.8, audio_s=3.0)),
    ),
    Pair("V25", "older sound", holds(1.0, 3.0), FINE),
    Pair(
        "V25", "other sound", recognised("Are you there?"), recognised("Oh, be late for the inner.")
    ),
    Pair("V25", "hardly any of it", holds(9.5, 10.1), holds(8.3, 10.1)),
    Pair("V25", "other words", text("the floors are oak"), PLAIN),
    Pair(
        "V25",
        "nobody dictated",
        play((WAKE, NAME, YES), *(e for e in DIALOGUE if e != ASK_WHAT), *DELIVERY),
        play((WAKE, NAME, DICTATE, YES), *DIALOGUE, *DELIVERY),
    ),
    Pair(
        "V26",
        "delivered again",
        adding(wanted(), message(17.1, audio_s=2.3, message_id="m2")),
        wanted(),
    ),
    Pair("V37", "two devices", beside(SECOND), beside(replace(SECOND, at_s=60.0))),
    Pair("V37", "one of two devices", beside(SECOND), on(adding(play((CONTRACTOR, QUOTE)), SECOND),
                                                         senses=(Sense.OTHER_DEVICES,))),
)  # fmt: skip
