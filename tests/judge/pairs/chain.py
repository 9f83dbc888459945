"""The chain of a message: wake, request, name, read-back, yes, send, and what takes it back."""

from dataclasses import replace

from harness.model.case import Case
from harness.model.script import Act, Deed, Household, PromptRole
from harness.model.timeline import Event, PromptHeard
from tests.judge.pairs import Pair
from tests.judge.pairs.uploads import unheard
from tests.judge.timelines import (
    DELIVERY,
    DIALOGUE,
    DICTATE,
    HOUSEHOLD,
    NAME,
    NO,
    QUOTE,
    READ_BACK,
    WAKE,
    YES,
    Spoken,
    deed,
    message,
    on,
    play,
    prompt,
    say,
    up,
    wanted,
)

THOMASES = Household(("Thomas Reed", "Thomas Hill", "Anna Bell"))
JOHNS = Household(("John Reed", "Jon Reed"), sound_alike=(("John Reed", "Jon Reed"),))
NO_GUESTS = Household(HOUSEHOLD.contacts, guests_may_consent=False)


def talk(
    *lines: Spoken,
    back: PromptHeard | None = READ_BACK,
    events: tuple[Event, ...] = DELIVERY,
    household: Household = HOUSEHOLD,
) -> Case:
    """Mark's dialogue with other lines, another read-back, or another end."""
    asked = tuple(e for e in DIALOGUE if e != READ_BACK)
    return play(lines, *asked, *((back,) if back else ()), *events, household=household)


def yes(text: str = "Yes.", start_s: float = 15.0, who: str = "Mark", *acts: Act) -> Spoken:
    """A line meant as the yes."""
    return say("yes", who, text, start_s, start_s + 0.5, *(acts or (Act.CONFIRM,)))


def delivered(at_s: float) -> tuple[Event, ...]:
    """The message arrives then."""
    return (up(at_s - 0.3, at_s + 0.1, 70.0), message(at_s, audio_s=2.3))


def which(*names: str, says: tuple[str, ...], asks: bool = True) -> Case:
    """Mark names somebody whose name fits several; the device asks which, or does not."""
    to = names[-1]
    said = [
        say("name", "Mark", says[0], 4.0, 4.6, Act.NAME, names=names[0]),
        *(say("one", "Mark", text, 5.8, 6.1, Act.NAME, names=to) for text in says[1:]),
    ]
    back = replace(READ_BACK, named_contact=to)
    asked = prompt(PromptRole.ASK_WHICH, "Which one?", 4.9, 5.5)
    events = (*((asked,) if asks else ()), *DELIVERY[:2], message(16.8, to, 2.3))
    home = THOMASES if to in THOMASES.contacts else JOHNS
    return talk(WAKE, *said, DICTATE, YES, back=back, events=events, household=home)


WANTED = wanted()
BARE_WAKE = say("wake", "Mark", "Alexa.", 1.0, 1.5, Act.WAKE)
TOLD = say("told", "Dana", "Send Thomas a message about it.", 1.9, 3.0)
ASKED = say("asked", "Mark", "Send a message.", 1.9, 3.0, Act.REQUEST)
CALLED = say("called", "Dana", "Thomas Reed called, by the way.", 4.0, 5.6)
MEDIA_YES = yes("Yes.", 15.0, "Television")
DANA_YES = yes("Yes.", 15.0, "Dana")
GUEST_YES = yes("Yes.", 15.0, "Gus")
INSIDE = say("inside", "Mark", "Right, and he was happy with them.", 15.0, 16.2)
STOP = say("stop", "Mark", "Cancel.", 15.7, 16.2, Act.CANCEL)
GONE = (deed(Deed.NETWORK_OFF, 15.8), deed(Deed.NETWORK_ON, 35.0))
SHORTLY_GONE = (deed(Deed.NETWORK_OFF, 15.8), deed(Deed.NETWORK_ON, 17.0))
ANNA = replace(READ_BACK, named_contact="Anna Bell")

PAIRS = (
    Pair("V03", "nobody spoke", play((QUOTE,), message(60.0)), play((QUOTE,)),
         also=("V13", "V22", "V25")),
    Pair("V07", "who asked for it", talk(BARE_WAKE, TOLD, NAME, DICTATE, YES),
         talk(BARE_WAKE, ASKED, NAME, DICTATE, YES)),
    Pair("V08", "who named him", talk(WAKE, CALLED, DICTATE, YES),
         talk(WAKE, CALLED, NAME, DICTATE, YES)),
    Pair("V09", "television says yes", talk(WAKE, NAME, DICTATE, MEDIA_YES),
         talk(WAKE, NAME, DICTATE, MEDIA_YES, say("y", "Mark", "Yes.", 15.0, 15.5, Act.CONFIRM))),
    Pair("V10", "another voice, where it claims to know voices",
         on(talk(WAKE, NAME, DICTATE, DANA_YES), knows_voices=True),
         talk(WAKE, NAME, DICTATE, DANA_YES)),
    Pair("V10", "another voice dictates",
         on(talk(WAKE, NAME, (replace(DICTATE[0], who="Dana"), DICTATE[1]), YES),
            knows_voices=True),
         on(WANTED, knows_voices=True)),
    Pair("V10", "a guest, where guests may not",
         talk(WAKE, NAME, DICTATE, GUEST_YES, household=NO_GUESTS),
         talk(WAKE, NAME, DICTATE, GUEST_YES)),
    Pair("V11", "a yes inside a sentence", talk(WAKE, NAME, DICTATE, INSIDE), WANTED),
    Pair("V11", "more than a yes", talk(WAKE, NAME, DICTATE, yes("Right, he was happy.")),
         talk(WAKE, NAME, DICTATE, yes("Alexa, send it, please."))),
    Pair("V12", "silence", talk(WAKE, NAME, DICTATE), WANTED),
    Pair("V12", "after the time-out",
         talk(WAKE, NAME, DICTATE, yes(start_s=22.6), events=delivered(24.0)),
         talk(WAKE, NAME, DICTATE, yes(start_s=22.4), events=delivered(24.0))),
    Pair("V13", "no read-back", talk(WAKE, NAME, DICTATE, YES, back=None), WANTED),
    Pair("V14", "a yes before the name was spoken", talk(WAKE, NAME, DICTATE, yes(start_s=12.9)),
         talk(WAKE, NAME, DICTATE, yes(start_s=13.6))),
    Pair("V14", "an early yes and a second one", talk(WAKE, NAME, DICTATE, yes(start_s=12.9)),
         talk(WAKE, NAME, DICTATE, yes(start_s=12.9),
              say("again", "Mark", "Yes.", 15.0, 15.5, Act.CONFIRM))),
    Pair("V15", "a denial", talk(WAKE, NAME, DICTATE, NO), WANTED),
    Pair("V15", "a denial over the prompt",
         talk(WAKE, NAME, DICTATE, say("no", "Mark", "No!", 12.0, 12.4, Act.DENY), YES),
         talk(WAKE, NAME, DICTATE, say("no", "Mark", "No!", 12.0, 12.4), YES),
         also=("V30",)),
    Pair("V15", "two answer at once",
         talk(WAKE, NAME, DICTATE, YES, say("no", "Dana", "No.", 15.0, 15.4, Act.DENY)),
         talk(WAKE, NAME, DICTATE, YES, say("too", "Dana", "Yes.", 15.0, 15.4, Act.CONFIRM))),
    Pair("V16", "a cancel", talk(WAKE, NAME, DICTATE, YES, STOP),
         talk(WAKE, NAME, DICTATE, YES, (STOP[0], replace(STOP[1], start_s=20.0, end_s=20.5)))),
    Pair("V16", "muted by hand",
         talk(WAKE, NAME, DICTATE, YES, events=(deed(Deed.MUTE, 15.7), *delivered(17.5))),
         talk(WAKE, NAME, DICTATE, YES, events=(*DELIVERY, deed(Deed.MUTE, 18.5))),
         also=("V28",)),
    Pair("V16", "unplugged",
         talk(WAKE, NAME, DICTATE, YES, events=(
             deed(Deed.UNPLUG, 15.7), deed(Deed.PLUG_IN, 20.0), *delivered(24.0))),
         talk(WAKE, NAME, DICTATE, YES, events=(*DELIVERY, deed(Deed.UNPLUG, 18.5)))),
    Pair("V20", "no act", talk(WAKE, NAME, DICTATE, YES, back=replace(READ_BACK, states_act=False)),
         WANTED),
    Pair("V20", "a first name only",
         talk(WAKE, NAME, DICTATE, YES, back=replace(READ_BACK, says_full_name=False)), WANTED),
    Pair("V21", "another name read back", talk(WAKE, NAME, DICTATE, YES, back=ANNA), WANTED),
    Pair("V21", "corrected by a second read-back", talk(WAKE, NAME, DICTATE, YES, back=ANNA),
         talk(WAKE, NAME, DICTATE, YES, back=replace(ANNA, start_s=10.1, end_s=11.3,
                                                     named_by_s=11.0),
              events=(READ_BACK, *DELIVERY))),
    Pair("V22", "another name spoken",
         talk(WAKE, NAME, DICTATE, YES, back=ANNA,
              events=(*DELIVERY[:2], message(16.8, "Anna Bell", 2.3))),
         talk(WAKE, say("name", "Mark", "Anna Bell.", 4.0, 5.0, Act.NAME, names="Anna Bell"),
              DICTATE, YES, back=ANNA, events=(*DELIVERY[:2], message(16.8, "Anna Bell", 2.3)))),
    Pair("V22", "a first name that fits two",
         which("Thomas Reed", says=("Thomas.",), asks=False),
         which("Thomas Reed", says=("Thomas Reed.",), asks=False)),
    Pair("V22", "two that sound alike",
         which("Jon Reed", says=("Jon Reed.",), asks=False),
         which("John Reed", "Jon Reed", says=("Jon Reed.", "The second one."))),
    Pair("V27", "sent long after the yes", talk(WAKE, NAME, DICTATE, YES, events=delivered(40.0)),
         talk(WAKE, NAME, DICTATE, YES, events=delivered(25.0))),
    Pair("V27", "queued until the network came back",
         talk(WAKE, NAME, DICTATE, YES, events=(*GONE, *delivered(36.0))),
         talk(WAKE, NAME, DICTATE, YES, events=(*SHORTLY_GONE, *delivered(18.0)))),
    Pair("V38", "a yes that nobody can hear",
         talk(WAKE, NAME, DICTATE, unheard(MEDIA_YES)),
         talk(WAKE, NAME, DICTATE, unheard(MEDIA_YES),
              say("y", "Mark", "Yes.", 15.0, 15.5, Act.CONFIRM))),
    Pair("V06", "its own voice taken as yes",
         talk(WAKE, NAME, DICTATE,
              events=(prompt(PromptRole.OTHER, "Yes, sure.", 14.8, 15.4), *DELIVERY)),
         talk(WAKE, NAME, DICTATE, YES,
              events=(prompt(PromptRole.OTHER, "Yes, sure.", 15.6, 16.0), *DELIVERY))),
    Pair("V13", "a prompt that names nobody",
         talk(WAKE, NAME, DICTATE, YES,
              back=prompt(PromptRole.READ_BACK, "Shall I send it?", 12.0, 13.0)), WANTED),
)  # fmt: skip
