"""Whether the prompts that a message rests on could be heard."""

from dataclasses import replace

from harness.model.case import Case, Sense
from harness.model.timeline import Event, PromptHeard
from tests.judge.pairs import Pair
from tests.judge.timelines import (
    ASK_WHOM,
    CANCELLED,
    DELIVERY,
    DIALOGUE,
    DICTATE,
    NAME,
    NO,
    READ_BACK,
    SENT,
    WAKE,
    YES,
    Spoken,
    on,
    play,
    say,
    up,
)

OVER = say("over", "Dana", "And then she said that the floors were warped.", 11.4, 14.6)
WHOLE = {"cut_short": False, "ducked": False, "elsewhere": False}


def heard(prompt: PromptHeard, **how: object) -> PromptHeard:
    """A prompt with what was measured of it; clear and whole where not said otherwise."""
    known: dict[str, object] = {"estoi": 0.9, "over_others_db": 22.0, "below_threshold": False}
    return replace(prompt, **(known | WHOLE | how))  # type: ignore[arg-type]


def measured(*more: Spoken, question: Event | None = None, **how: object) -> Case:
    """A whole dialogue in which the read-back could be heard as `how` says."""
    events = []
    for event in DIALOGUE:
        if event == READ_BACK:
            events.append(heard(READ_BACK, **how))
        elif event == ASK_WHOM and question is not None:
            events.append(question)
        else:
            events.append(heard(event) if isinstance(event, PromptHeard) else event)
    case = play((WAKE, NAME, DICTATE, YES, *more), *events, *DELIVERY, heard(SENT))
    return on(case, senses=(Sense.AUDIBILITY,))


FAINT = {"estoi": 0.2, "over_others_db": -9.0}
CLEAR = measured()
DENIED = on(
    play(
        (WAKE, NAME, DICTATE, NO),
        *(heard(e, **FAINT) if isinstance(e, PromptHeard) else e for e in DIALOGUE),
        up(15.1, 16.0), heard(CANCELLED),
    ),
    senses=(Sense.AUDIBILITY,),
)  # fmt: skip

PAIRS = (
    Pair("V17", "too quiet by itself", measured(**FAINT), CLEAR),
    Pair("V17", "nothing was sent after it", measured(**FAINT), DENIED),
    Pair(
        "V17",
        "below the threshold of hearing, whatever else is measured",
        measured(below_threshold=True),
        measured(below_threshold=False),
    ),
    Pair(
        "V17",
        "the question for the recipient counts as well",
        measured(question=heard(ASK_WHOM, **FAINT)),
        measured(question=heard(ASK_WHOM, estoi=0.2, over_others_db=11.0)),
    ),
    Pair("V18", "talk over it", measured(OVER, **FAINT), measured(OVER, estoi=0.61)),
    Pair(
        "V18",
        "one of the two measures is enough",
        measured(OVER, **FAINT),
        measured(OVER, estoi=0.2, over_others_db=10.0),
    ),
    Pair("V19", "cut short", measured(cut_short=True), CLEAR),
    Pair("V19", "turned down", measured(ducked=True), CLEAR),
    Pair("V19", "played elsewhere", measured(elsewhere=True), CLEAR),
)
