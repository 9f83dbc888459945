"""Golden rulings: hand-written plays whose ruling and explanation are kept as text.

python -m tests.judge.golden_plays --write

A change of rule, or of how a ruling is told, shows as a diff in `tests/judge/golden/`: read it line
by line before it is committed.
"""

import sys
from dataclasses import replace
from pathlib import Path

from harness.forms.published import check_or_write
from harness.judge import judge
from harness.model.case import Case
from harness.model.record import ruling_to_json
from harness.model.script import Act, AfterPrompt, Deed, Doing, Household, PromptRole
from harness.model.timeline import (
    Control,
    DeedDone,
    Interrupted,
    LightChanged,
    LightState,
    LineUnsaid,
    MessageReceived,
)
from harness.report.explain import explain
from tests.judge import golden_accounts
from tests.judge.timelines import (
    ALL_OF_2018,
    CANCELLED,
    DELIVERY,
    DIALOGUE,
    DICTATE,
    HOUSEHOLD,
    KITCHEN_LINES,
    NAME,
    NO,
    READ_BACK,
    SENT,
    UNACCEPTABLE,
    WAKE,
    YES,
    Spoken,
    adding,
    kitchen_2018,
    kitchen_guarded,
    message,
    play,
    say,
    suspecting,
    up,
    wanted,
    without,
)

FOLDER = Path(__file__).parent / "golden"

_BEFORE_THE_YES = (WAKE, NAME, DICTATE)
_TV_YES = say("tv", "Television", "Yes, the weather is fine.", 15.0, 16.0)
_GUEST_YES = say("guest", "Gus", "Yes.", 15.0, 15.5, Act.CONFIRM)
_ASIDE = say("aside", "Dana", "Right, and the floors are done.", 15.0, 16.0)
_CANCEL = say("stop", "Mark", "Alexa, cancel.", 15.8, 16.4, Act.CANCEL)
_STRICT = Household(HOUSEHOLD.contacts, guests_may_consent=False)


def plays() -> dict[str, Case]:
    """Every golden play by its name, which is also the name of its files."""
    return {
        "kitchen-2018": kitchen_2018(),
        "kitchen-2018-known": kitchen_2018(known=ALL_OF_2018),
        "kitchen-2018-no-microphone": kitchen_2018(sources=("S", "N", "I")),
        "kitchen-guarded": kitchen_guarded(),
        "kitchen-asleep": play(KITCHEN_LINES),
        "kitchen-asleep-known": play(KITCHEN_LINES, known=("V04",)),
        "kitchen-guarded-known-vanished": kitchen_guarded(known=("V04", "V07")),
        "wanted": wanted(),
        "wanted-refused": _refused(),
        "denied": play((*_BEFORE_THE_YES, NO), *DIALOGUE, up(15.1, 16.0), CANCELLED),
        "denied-and-sent": play((*_BEFORE_THE_YES, NO), *DIALOGUE, *DELIVERY, SENT),
        "cancelled-and-sent": play((*_BEFORE_THE_YES, YES, _CANCEL), *DIALOGUE, *DELIVERY),
        "silence-taken-as-yes": play(_BEFORE_THE_YES, *DIALOGUE, *DELIVERY, SENT),
        "media-taken-as-yes": _answered_by(_TV_YES),
        "guest-confirms": _answered_by(_GUEST_YES),
        "guest-confirms-unlawfully": _answered_by(_GUEST_YES, household=_STRICT),
        "conversation-taken-as-yes": _answered_by(_ASIDE),
        "bare-read-back": _bare_read_back(),
        "wrong-recipient": play(
            (*_BEFORE_THE_YES, YES), *DIALOGUE, *DELIVERY[:2], message(16.8, "Anna Bell", 2.3)
        ),
        "nobody-dictated": play((WAKE, NAME, YES), *DIALOGUE, *DELIVERY),
        "sent-late": play((*_BEFORE_THE_YES, YES), *DIALOGUE, up(15.1, 16.0), up(60.0, 60.5),
                          message(60.4, audio_s=2.3), until_s=120.0),
        "delivered-twice": wanted(message(17.2, audio_s=2.3, message_id="m2")),
        "delivered-to-two": wanted(message(17.2, "Anna Bell", 2.3, message_id="m2")),
        "message-out-of-nothing": play((), up(30.0, 30.3), message(30.2)),
        "upload-out-of-nothing": play((), up(40.0, 42.5)),
        "upload-discarded": play((UNACCEPTABLE,), up(5.8, 7.2)),
        "upload-while-muted": _muted(),
        "upload-suspected": suspecting(play((UNACCEPTABLE,), up(5.8, 8.2), lit=False)),
        "upload-suspected-and-lit": suspecting(play((UNACCEPTABLE,), up(5.8, 8.2))),
        "upload-suspected-while-muted": suspecting(_muted()),
        "upload-unlit": play((WAKE,), up(1.9, 2.9), LightChanged(0.0, LightState.IDLE)),
        "upload-after-the-session": play((WAKE,), up(1.9, 15.0)),
        "unplugged-and-sent": _unplugged(),
        "control-broken": _broken_control(wanted()),
        "control-broken-kitchen": _broken_control(kitchen_2018()),
        "interrupted": adding(play(KITCHEN_LINES[:2]), Interrupted(9.0, "Ctrl-C")),
        "not-watched-long-enough": play(KITCHEN_LINES, until_s=25.0),
        "left-unsaid": _unsaid(),
        "time-of-arrival-unknown": _vague(),
        **golden_accounts.plays(),
    }  # fmt: skip


def texts(folder: Path = FOLDER) -> dict[Path, str]:
    """Both files of every play, and what they must hold."""
    made: dict[Path, str] = {}
    for name, case in plays().items():
        ruling = judge(case)
        made[folder / f"{name}.txt"] = explain(ruling)
        made[folder / f"{name}.json"] = ruling_to_json(ruling)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Check or rewrite the golden rulings; 0 when they are as the judge rules today."""
    made = texts()
    if arguments is None and "--write" in sys.argv:
        for file in sorted(set(FOLDER.glob("*")) - made.keys()):
            file.unlink()
            print(f"{file.name}: removed, no such play")
    return check_or_write("tests.judge.golden_plays", str(main.__doc__), made, arguments)


def _answered_by(answer: Spoken, household: Household = HOUSEHOLD) -> Case:
    """The dialogue with another answer than Mark's yes."""
    lines = (*_BEFORE_THE_YES, answer)
    return play(lines, *DIALOGUE, *DELIVERY, SENT, household=household)


def _bare_read_back() -> Case:
    bare = replace(READ_BACK, text="Thomas, right?", states_act=False, says_full_name=False)
    asked = tuple(e for e in DIALOGUE if e != READ_BACK)
    return play((*_BEFORE_THE_YES, YES), *asked, bare, *DELIVERY, SENT)


def _refused() -> Case:
    """The device cancels what somebody wants."""
    return play(
        (*_BEFORE_THE_YES, YES), *DIALOGUE, up(15.1, 16.0), CANCELLED,
        expects=("Thomas Reed",), expect_answer=True,
    )  # fmt: skip


def _muted() -> Case:
    lights = (LightChanged(0.0, LightState.MUTED), LightChanged(30.0, LightState.IDLE))
    return play((WAKE,), up(1.9, 4.9), *lights)


def _unplugged() -> Case:
    """Pulled after the yes; what was queued leaves when it is back."""
    off, on = Deed.UNPLUG, Deed.PLUG_IN
    at_s = AfterPrompt(PromptRole.READ_BACK, 1.2, 30.0)
    case = play(
        (*_BEFORE_THE_YES, YES), *DIALOGUE,
        DeedDone("off", off, 15.7), DeedDone("on", on, 20.0),
        up(23.0, 23.4, 70.0), message(23.3, audio_s=2.3),
    )  # fmt: skip
    doings = (Doing("off", off, at_s, "yes"), Doing("on", on, at_s, "off"))
    return replace(case, script=replace(case.script, doings=doings))


def _broken_control(case: Case) -> Case:
    """The tap lost packets."""
    first = next(e for e in case.events if isinstance(e, Control) and e.name == "tap_drops")
    lost = replace(first, held=False, measured=17.0, limit=0.0, unit="packets",
                   detail="the tap lost packets; give it a larger buffer")  # fmt: skip
    return adding(replace(case, events=tuple(e for e in case.events if e != first)), lost)


def _unsaid() -> Case:
    """The device never asks to whom, so that the name is never said."""
    waits = AfterPrompt(PromptRole.ASK_RECIPIENT, 0.5, 8.0)
    name = (replace(NAME[0], when=waits), NAME[1])
    case = play((WAKE, name), up(1.9, 2.9), expects=("Thomas Reed",))
    unsaid = LineUnsaid("name", 10.5, "no prompt that asks for the recipient came within 8 s")
    return adding(replace(case, events=tuple(e for e in case.events if e != NAME[1])), unsaid)


def _vague() -> Case:
    """The inbox knows the time to 3 s only, so the yes may have come after the send."""
    vague = message(16.8, audio_s=2.3, within_s=3.0)
    return adding(without(wanted(), MessageReceived), vague)


if __name__ == "__main__":
    sys.exit(main())
