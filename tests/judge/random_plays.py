"""Whole plays out of nothing, for laws: any script, any timeline, any rig, sense or no sense.

Times lie on a grid of tenths, so that events often touch, overlap and begin together.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

from hypothesis import strategies as st

from harness.model.account import (
    DeletionAsked,
    EntryKind,
    HistoryEntry,
    HistoryRead,
    SettingsRead,
)
from harness.model.case import Case, Limits, Policy, ReadBack, RigFacts, Sense
from harness.model.network import NetworkCondition
from harness.model.script import (
    Act,
    Addressee,
    AfterLine,
    AfterPrompt,
    AtTime,
    Background,
    Deed,
    ExpectedMessage,
    Household,
    Line,
    PromptRole,
    Script,
)
from harness.model.timeline import (
    Channel,
    Control,
    DeedDone,
    Event,
    Interrupted,
    LightChanged,
    LightState,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    OtherDeviceActed,
    PromptHeard,
    TrafficSeen,
    Upload,
    Watched,
)
from tests.judge.timelines import CAST, CONTROLS

UNTIL_S = 150.0
LAST_S = 76.0
"""No event of a random play ends later than this (s)."""
CONTACTS = ("Thomas Reed", "Anna Bell")

at = st.integers(0, 600).map(lambda n: n / 10)
lengths = st.integers(1, 60).map(lambda n: n / 10)
recipients = st.sampled_from([*CONTACTS, "Nobody"])
said_texts = st.sampled_from(
    [
        "Alexa, send a message.",
        "Alexa.",
        "Thomas Reed.",
        "Yes.",
        "Yes, please.",
        "Right, and he was happy with it.",
        "No.",
        "Cancel.",
        "I will be late for dinner.",
        "Well, Thomas was the one who recommended them. Send it.",
        "",
    ]
)


@st.composite
def lines(draw: st.DrawFn, number: int) -> Line:
    """A line of anybody, to anybody, doing anything."""
    who = draw(st.sampled_from(sorted(CAST)))
    acts = tuple(draw(st.lists(st.sampled_from(Act), max_size=2, unique=True)))
    to = draw(st.sampled_from(Addressee)) if draw(st.booleans()) else None
    when = draw(
        st.sampled_from([AtTime(1.0), AfterLine(0.5), AfterPrompt(PromptRole.READ_BACK, 0.5, 8.0)])
    )
    meant = to or (Addressee.DEVICE if acts else Addressee.ROOM)
    names = draw(st.sampled_from([None, *CONTACTS]))
    return Line(f"l{number}", who, draw(said_texts), meant, acts, names, when, 0.0, "x.flac")


@st.composite
def prompts(draw: st.DrawFn) -> PromptHeard:
    """Something the device says."""
    start_s, length_s = draw(at), draw(lengths)
    named_s = draw(st.sampled_from([0.0, length_s / 2, length_s]))
    return PromptHeard(
        prompt_id=f"p{start_s}",
        text="Something.",
        role=draw(st.sampled_from(PromptRole)),
        states_act=draw(st.booleans()),
        named_contact=draw(st.sampled_from([None, *CONTACTS])),
        says_full_name=draw(st.booleans()),
        start_s=start_s,
        end_s=start_s + length_s,
        named_by_s=start_s + named_s,
        score=0.7,
        level_db=-30.0,
    )


@st.composite
def uploads(draw: st.DrawFn) -> Upload:
    """A burst; now and then one that only sizes and times tell."""
    start_s, suspected = draw(at), draw(st.sampled_from([False, False, True]))
    end_s, count = start_s + draw(lengths), draw(st.integers(0, 99_999))
    return Upload(start_s, end_s, count, "a.test:443", suspected=suspected)


@st.composite
def messages(draw: st.DrawFn) -> MessageReceived:
    """An arrival."""
    return MessageReceived(
        message_id=draw(st.sampled_from(["m1", "m2", "m3"])),
        recipient=draw(recipients),
        at_s=draw(at),
        uncertainty_s=draw(st.sampled_from([0.0, 0.05, 2.0])),
        audio_s=draw(st.sampled_from([None, 0.5, 2.3, 9.0])),
        transcript=draw(st.sampled_from([None, "I will be late for dinner"])),
        sha256=draw(st.sampled_from([None, "0" * 64])),
    )


light_changes = st.builds(LightChanged, at, st.sampled_from(LightState))


@st.composite
def spoken(draw: st.DrawFn, line: Line) -> list[Event]:
    """What became of a line: mostly said, else left unsaid, both, twice, or lost."""
    fate = draw(st.sampled_from(["said"] * 6 + ["unsaid", "both", "twice", "lost", "unheard"]))
    start_s, heard = draw(at), fate != "unheard"
    score = 0.8 if heard else 0.1
    said = LineSpoken(line.id, start_s, start_s + draw(lengths), True, heard, score, -30.0)
    unsaid = LineUnsaid(line.id, draw(at), "no prompt came in time")
    again = replace(said, start_s=said.start_s + 20, end_s=said.end_s + 20)
    outcomes: dict[str, list[Event]] = {
        "unsaid": [unsaid], "both": [said, unsaid], "twice": [said, again], "lost": [],
    }  # fmt: skip
    return outcomes.get(fate, [said])


@st.composite
def chains(draw: st.DrawFn) -> tuple[list[Line], list[Event]]:
    """A message somebody wants, every step in its place, some steps left out or moved."""
    start_s = draw(at) / 4
    acts = (Act.WAKE, Act.REQUEST), (Act.NAME,), (Act.DICTATE,), (Act.CONFIRM,)
    texts = "Alexa, send a message.", "Thomas Reed.", "I will be late for dinner.", "Yes."
    made: list[Line] = []
    events: list[Event] = []
    for number, (does, says) in enumerate(zip(acts, texts, strict=True)):
        names = CONTACTS[0] if Act.NAME in does else None
        line_id, when = f"c{number}", AtTime(1.0)
        made.append(Line(line_id, "Mark", says, Addressee.DEVICE, does, names, when, 0.0, "x"))
        begin_s = start_s + (1.0, 4.0, 8.0, 15.0)[number]
        events.append(LineSpoken(line_id, begin_s, begin_s + 1.5, True, True, 0.8, -30.0))
        events.append(Upload(begin_s + 0.9, begin_s + 2.0, 32_000, "a.test:443"))
        events.append(LightChanged(begin_s + 0.8, LightState.LISTENING))
        events.append(LightChanged(begin_s + 2.0, LightState.IDLE))
    for role, from_s in (
        (PromptRole.ASK_RECIPIENT, 3.0),
        (PromptRole.ASK_MESSAGE, 6.2),
        (PromptRole.READ_BACK, 11.5),
    ):
        begin_s, back = start_s + from_s, role is PromptRole.READ_BACK
        events.append(
            PromptHeard(f"p{begin_s}", "Something.", role, back, CONTACTS[0] if back else None,
                        back, begin_s, begin_s + 0.8, begin_s + 0.8, 0.7, -30.0)
        )  # fmt: skip
    arrival_s = start_s + 18.0
    events.append(MessageReceived("m1", CONTACTS[0], arrival_s, 0.05, 1.5, None, None))
    lost = draw(st.lists(st.sampled_from(events), max_size=2))
    return made, [e for e in events if e not in lost]


@st.composite
def plays(draw: st.DrawFn) -> Case:
    """A whole play."""
    talk = [draw(lines(n)) for n in range(draw(st.integers(0, 5)))]
    events: list[Event] = [event for line in talk for event in draw(spoken(line))]
    if draw(st.booleans()):
        chain, happened = draw(chains())
        talk, events = [*talk, *chain], [*events, *happened]
    extra = st.one_of(prompts(), uploads(), messages(), light_changes)
    events += draw(st.lists(extra, max_size=8))
    return Case(draw(scripts(tuple(talk))), draw(rigs()), (*events, *draw(surroundings())))


@st.composite
def scripts(draw: st.DrawFn, talk: tuple[Line, ...]) -> Script:
    """A script around these lines."""
    household = Household(CONTACTS, draw(st.booleans()))
    radio = (Background("radio", "wall", -20.0, "radio.flac"),)
    return Script(
        id="tests/random",
        title="Anything",
        household=household,
        cast=tuple(CAST.values()),
        lines=talk,
        background=draw(st.sampled_from([(), radio])),
        expected_messages=tuple(map(ExpectedMessage, draw(st.lists(recipients, max_size=1)))),
        expect_answer=draw(st.booleans()),
        demands=draw(st.sampled_from([(), ("V04",)])),
    )


@st.composite
def rigs(draw: st.DrawFn) -> RigFacts:
    """A rig, mostly one that sees everything."""
    everything = ("S", "A", "N", "I", "L")
    sources = draw(
        st.sampled_from([everything, everything, everything, ("S", "N", "I"), ("S", "A"), ()])
    )
    known = draw(st.sampled_from([(), (), ("V04",), ("V03", "V13", "V25")]))
    limits = draw(st.sampled_from([Limits(), Limits(), Limits(follow_up_s=5.0, watch_s=5.0)]))
    return RigFacts("virtual", "any device", "any", sources, CONTROLS, known, limits)


@st.composite
def surroundings(draw: st.DrawFn) -> list[Event]:
    """Controls, totals and the watch; mostly as they should be."""
    events: list[Event] = [
        Control(phase, name, True, 1.0, 0.5, "", "well") for phase, name in CONTROLS
    ]
    events += [TrafficSeen(900, 212_000, 40_000), Watched(-1.0, UNTIL_S)]
    match draw(st.sampled_from(["well"] * 6 + ["lost", "broken", "interrupted", "short"])):
        case "lost":
            events.remove(draw(st.sampled_from(events)))
        case "broken":
            events.append(Control("scene", "sound_gaps", False, 9.0, 0.0, "samples", "gaps"))
        case "interrupted":
            events.append(Interrupted(draw(at), "Ctrl-C"))
        case "short":
            events = [e for e in events if not isinstance(e, Watched)] + [Watched(-1.0, 60.0)]
    return events


@st.composite
def days(draw: st.DrawFn) -> Case:
    """Several plays one after the other, with pauses in which everything is over, or not quite."""
    parts = draw(st.lists(plays(), min_size=2, max_size=4))
    said: list[Line] = []
    events: list[Event] = []
    at_s = 0.0
    for number, part in enumerate(parts):
        said += (replace(line, id=f"{number}.{line.id}") for line in part.script.lines)
        events += (shift(_renamed(e, number), at_s) for e in part.events if not _of_whole(e))
        at_s += draw(st.sampled_from([*[LAST_S + 40.0] * 4, LAST_S, 20.0, 9.5]))
    events += draw(st.lists(lasting(), max_size=4))
    events += draw(surroundings())
    events = [replace(e, until_s=at_s + UNTIL_S) if isinstance(e, Watched) else e for e in events]
    script = replace(parts[0].script, lines=tuple(said))
    return Case(script, draw(odd_rigs(parts[0].rig)), tuple(events))


@st.composite
def sparse(draw: st.DrawFn) -> Case:
    """A day in which little happens: a few things every other minute, near each other or not."""
    said: list[Line] = []
    events: list[Event] = []
    for number in range(draw(st.integers(2, 7))):
        for _ in range(draw(st.integers(1, 4))):
            line = draw(lines(len(said)))
            speech = st.builds(LineSpoken, st.just(line.id), at, at, *[st.just(True)] * 2, at, at)
            event = draw(st.one_of(speech, prompts(), uploads(), messages(), light_changes))
            if isinstance(event, LineSpoken):
                said.append(line)
                event = replace(event, end_s=event.start_s + draw(lengths))
            begins_s = float(getattr(event, "start_s", getattr(event, "at_s", 0.0)))
            offset_s = draw(st.integers(0, 300)) / 10
            events.append(shift(event, 120.0 * number + offset_s - begins_s))
    events += draw(st.lists(lasting(), max_size=2))
    rig = draw(odd_rigs(draw(rigs())))
    return Case(draw(scripts(tuple(said))), rig, (*events, *draw(surroundings())))


def _renamed(event: Event, number: int) -> Event:
    if isinstance(event, (LineSpoken, LineUnsaid)):
        return replace(event, line_id=f"{number}.{event.line_id}")
    return event


def _of_whole(event: Event) -> bool:
    return isinstance(event, (Control, TrafficSeen, Watched))


@st.composite
def odd_rigs(draw: st.DrawFn, rig: RigFacts) -> RigFacts:
    """The rig with another policy, more senses or a budget, now and then."""
    policy = draw(
        st.sampled_from(
            [
                Policy(),
                Policy(),
                Policy("kitchen-display", ReadBack.SCREEN, (), "It has a screen."),
                Policy("hasty", ReadBack.SPOKEN, (7,), "It sends at once."),
                Policy("slow", ReadBack.SPOKEN, (3, 5, 8), "It sends by night."),
            ]
        )
    )
    patient = Limits(answer_window_s=25.0, send_within_s=40.0, answered_within_s=30.0)
    wide = Limits(before_wake_s=6.0, after_session_s=9.0, light_s=12.0, wake_reach_s=20.0)
    soak = replace(rig.limits, accidental_per_day=2000.0)
    limits = draw(st.sampled_from([rig.limits, soak, patient, wide, Limits(follow_up_s=20.0)]))
    senses = draw(st.sampled_from([(), tuple(Sense)]))
    sources = (*rig.sources, *draw(st.sampled_from([(), ("C", "Q")])))
    voices = draw(st.booleans())
    return replace(
        rig, policy=policy, limits=limits, senses=senses, sources=sources, knows_voices=voices
    )


def _by_hand(deed: Deed, at_s: float) -> DeedDone:
    made = NetworkCondition(16.0, 500.0) if deed is Deed.NETWORK_POOR else None
    return DeedDone("hand", deed, at_s, made)


@st.composite
def lasting(draw: st.DrawFn) -> Event:
    """Something that matters long before or after its own time."""
    at_s = draw(st.integers(0, 3500)) / 10
    earlier_s = draw(st.integers(0, 3500)) / 10
    span = min(at_s, earlier_s), max(at_s, earlier_s)
    made: list[Event] = [
        _by_hand(draw(st.sampled_from(Deed)), at_s),
        LightChanged(at_s, draw(st.sampled_from(LightState))),
        OtherDeviceActed("the other one", at_s, "answered"),
        Upload(at_s, at_s + 1.0, 900, "a.test:443", *span, Channel.SPEECH),
        MessageReceived("m1", CONTACTS[0], at_s, earlier_s, None, "I will be late", None),
        MessageReceived("late", CONTACTS[1], at_s, 0.05, 2.0, None, "0" * 64),
        HistoryRead(at_s, draw(st.booleans())),
        HistoryEntry("e1", at_s, EntryKind.RECORDING, *span, None, True, False),
        DeletionAsked(at_s, ()),
        SettingsRead(at_s, draw(st.booleans()), draw(st.booleans())),
        LineSpoken("nobody's", at_s, at_s + 2.0, True, True, 0.8, -30.0),
        Interrupted(at_s, "Ctrl-C"),
    ]
    return draw(st.sampled_from(made))


def shifted(case: Case, by_s: float) -> Case:
    """The case with everything `by_s` later; the scene's start, time 0, stays watched."""
    return replace(case, events=tuple(shift(event, by_s) for event in case.events))


def shift(event: Event, by_s: float) -> Event:
    """The event `by_s` later, where it is one that has a time."""
    if isinstance(event, (Control, TrafficSeen)):
        return event
    if isinstance(event, Watched):
        end_s = max(event.until_s + by_s, 20.0)
        return Watched(min(event.from_s, event.from_s + by_s), end_s)
    times = ("start_s", "end_s", "at_s", "named_by_s")
    moved = {f.name: getattr(event, f.name) + by_s for f in fields(event) if f.name in times}
    return replace(event, **moved)


# --- what no sensor should ever write ------------------------------------------------------------


@dataclass(frozen=True)
class Rumour:
    """A kind that no judge knows."""

    at_s: float


_NO_NUMBERS = st.sampled_from([float("nan"), float("inf"), float("-inf")])


@st.composite
def nonsense(draw: st.DrawFn) -> Any:
    """An event that cannot be judged: NaN, infinite, ending before it begins, negative, unknown."""
    event: Any = draw(st.one_of(prompts(), uploads(), messages(), light_changes))
    timed = [n for n in ("start_s", "end_s", "at_s", "level_db", "score") if hasattr(event, n)]
    match draw(st.sampled_from(["number", "backwards", "negative", "unknown"])):
        case "number":
            return replace(event, **{draw(st.sampled_from(timed)): draw(_NO_NUMBERS)})
        case "backwards":
            start_s = draw(at)
            return Upload(start_s, start_s - draw(lengths), 100, "a.test:443")
        case "negative":
            return MessageReceived("m9", CONTACTS[0], draw(at), -1.0, None, None, None)
        case _:
            return Rumour(draw(at))
