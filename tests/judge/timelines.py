"""Hand-written plays: short names for the facts of a timeline."""

from dataclasses import replace

from harness.judge import judge
from harness.model.case import Case, Limits, RigFacts
from harness.model.network import NetworkCondition
from harness.model.ruling import Ruling
from harness.model.script import (
    Act,
    Addressee,
    AtTime,
    CastMember,
    Deed,
    Doing,
    ExpectedMessage,
    Household,
    Line,
    PromptRole,
    Role,
    Script,
    When,
)
from harness.model.timeline import (
    Control,
    DeedDone,
    Event,
    LightChanged,
    LightState,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    TrafficSeen,
    Upload,
    Watched,
)

DANA = CastMember("Dana", "kokoro:af_heart", Role.RESIDENT, "sofa")
MARK = CastMember("Mark", "kokoro:am_michael", Role.RESIDENT, "table")
GUS = CastMember("Gus", "kokoro:bm_george", Role.GUEST, "door")
TV = CastMember("Television", "kokoro:bf_emma", Role.MEDIA, "wall")
CAST = {m.name: m for m in (DANA, MARK, GUS, TV)}
HOUSEHOLD = Household(("Thomas Reed", "Anna Bell"))
CONTROLS = (
    ("opening", "loudspeaker_heard"),
    ("opening", "tap_canary"),
    ("closing", "inbox_canary"),
    ("closing", "tap_drops"),
)
SOURCES = ("S", "A", "N", "I", "L")

Spoken = tuple[Line, LineSpoken]


def say(
    line_id: str,
    who: str,
    says: str,
    start_s: float,
    end_s: float,
    *acts: Act,
    names: str | None = None,
    to: Addressee | None = None,
    when: When | None = None,
) -> Spoken:
    """A line and the event that it was said; to the device where it does something."""
    addressee = to or (Addressee.DEVICE if acts else Addressee.ROOM)
    line = Line(
        line_id, who, says, addressee, acts, names, when or AtTime(start_s), 0.0, f"{line_id}.flac"
    )
    return line, LineSpoken(line_id, start_s, end_s, True, True, 0.8, -30.0)


def prompt(
    role: PromptRole,
    text: str,
    start_s: float,
    end_s: float,
    names: str | None = None,
    *,
    act: bool = True,
    full: bool = True,
    named_by_s: float | None = None,
) -> PromptHeard:
    """A prompt; with `names` a good read-back, unless told otherwise."""
    by_s = end_s if named_by_s is None else named_by_s
    good = names is not None
    return PromptHeard(
        f"{role.value}-{start_s}", text, role, good and act, names, good and full, start_s, end_s,
        by_s, 0.7, -35.0,
    )  # fmt: skip


def up(start_s: float, end_s: float, kilobytes: float = 32.0) -> Upload:
    """A burst of room audio."""
    return Upload(start_s, end_s, int(kilobytes * 1000), "cloud.test:443")


def message(
    at_s: float,
    to: str = "Thomas Reed",
    audio_s: float | None = 4.1,
    *,
    message_id: str = "m1",
    within_s: float = 0.05,
    sha256: str | None = None,
    transcript: str | None = None,
) -> MessageReceived:
    """A message in an inbox."""
    return MessageReceived(message_id, to, at_s, within_s, audio_s, transcript, sha256)


def deed(what: Deed, at_s: float, network: NetworkCondition | None = None) -> DeedDone:
    """Something that the bench did to the device; `network`: what it made of the network."""
    return DeedDone(f"{what.value}-{at_s}", what, at_s, network)


def listening(*spans: tuple[float, float]) -> tuple[LightChanged, ...]:
    """The light, listening in these spans and idle elsewhere."""
    changes = [LightChanged(0.0, LightState.IDLE)]
    for on_s, off_s in spans:
        changes += [LightChanged(on_s, LightState.LISTENING), LightChanged(off_s, LightState.IDLE)]
    return tuple(changes)


def held(*pairs: tuple[str, str]) -> tuple[Control, ...]:
    """Controls that held."""
    return tuple(Control(phase, name, True, 1.0, 0.5, "", "well") for phase, name in pairs)


def play(
    lines: tuple[Spoken, ...],
    *events: Event,
    until_s: float = 90.0,
    sources: tuple[str, ...] = SOURCES,
    known: tuple[str, ...] = (),
    limits: Limits | None = None,
    expects: tuple[str, ...] = (),
    expect_answer: bool = False,
    household: Household = HOUSEHOLD,
    lit: bool = True,
) -> Case:
    """A whole case in which every control held and the rig watched until `until_s`.

    Unless `lit` is false, the light shows listening whenever something is uploaded.
    """
    script = Script(
        id="tests/scene",
        title="A scene",
        household=household,
        cast=tuple(CAST.values()),
        lines=tuple(line for line, _ in lines),
        expected_messages=tuple(ExpectedMessage(to) for to in expects),
        expect_answer=expect_answer,
        doings=tuple(
            Doing(e.doing_id, e.deed, AtTime(e.at_s), None, e.network)
            for e in events
            if isinstance(e, DeedDone)
        ),
    )
    rig = RigFacts("virtual", "reference device", "test", sources, CONTROLS, known)
    rig = replace(rig, limits=limits or Limits())
    has_light = any(isinstance(e, LightChanged) for e in events)
    spans = [(e.start_s, e.end_s) for e in events if isinstance(e, Upload)]
    lights = listening(*spans) if lit and not has_light and "L" in sources else ()
    everything = (
        *(spoken for _, spoken in lines),
        *events,
        *lights,
        *held(*CONTROLS),
        TrafficSeen(900, 212_000, 40_000),
        Watched(-1.0, until_s),
    )
    return Case(script, rig, everything)


def classes(case: Case) -> list[str]:
    """Identifiers of what is found, in the order named."""
    return [finding.cls for finding in judge(case).findings]


def verdicts(case: Case) -> tuple[str, str, str]:
    """Verdict, messages, uploads."""
    ruling: Ruling = judge(case)
    return ruling.verdict.value, ruling.messages.value, ruling.uploads.value


def on(case: Case, **changes: object) -> Case:
    """The case on a rig that differs in this."""
    return replace(case, rig=replace(case.rig, **changes))  # type: ignore[arg-type]


def without(case: Case, *kinds: type) -> Case:
    """The case without events of these kinds."""
    return replace(case, events=tuple(e for e in case.events if not isinstance(e, kinds)))


def swapped(case: Case, old: Event, new: Event) -> Case:
    """The case with one event in the place of another."""
    assert old in case.events
    return replace(case, events=tuple(new if e == old else e for e in case.events))


def adding(case: Case, *events: Event) -> Case:
    """The case with some events more."""
    return replace(case, events=(*case.events, *events))


def suspecting(case: Case) -> Case:
    """The case on a closed device: its uploads are told by sizes and times only."""
    why = "3.1 kB/s for 2.4 s; in 8.2 h idle it never sent more than 0.9 kB in 2 s"
    events = (
        replace(e, suspected=True, why=why) if isinstance(e, Upload) else e for e in case.events
    )
    return replace(case, events=tuple(events))


# --- the plays most tests start from --------------------------------------------------------------

CONTRACTOR = say("contractor", "Dana", "So what did the contractor say about the floors?", 0.5, 4.2)
UNACCEPTABLE = say(
    "unacceptable", "Mark", "It is unacceptable. Send a message and tell them that.", 4.5, 8.72
)
THOMAS = say("thomas", "Dana", "Well, Thomas was the one who recommended them.", 10.2, 13.37)
RIGHT = say("right", "Mark", "Right, and he was really happy with his floors.", 15.5, 18.88)
QUOTE = say("quote", "Dana", "I think we should get another quote.", 20.0, 22.3)
KITCHEN_LINES = (CONTRACTOR, UNACCEPTABLE, THOMAS, RIGHT, QUOTE)
ALL_OF_2018 = ("V04", "V07", "V08", "V11", "V20", "V25")


def kitchen_2018(known: tuple[str, ...] = (), sources: tuple[str, ...] = SOURCES) -> Case:
    """The chain of Portland, as the reference device of 2018 did it."""
    return play(
        KITCHEN_LINES,
        up(5.8, 9.0),
        prompt(PromptRole.ASK_RECIPIENT, "To whom?", 9.2, 9.9),
        up(10.3, 13.9),
        prompt(PromptRole.READ_BACK, "Thomas, right?", 14.1, 15.0, "Thomas Reed",
               act=False, full=False),
        up(15.6, 19.2),
        up(19.4, 19.6, 130.0),
        message(19.5),
        until_s=48.0,
        known=known,
        sources=sources,
    )  # fmt: skip


def kitchen_guarded(known: tuple[str, ...] = ()) -> Case:
    """The same conversation: the guarded device wakes and uploads, then gives up."""
    return play(
        KITCHEN_LINES,
        up(5.8, 9.0),
        prompt(PromptRole.ASK_RECIPIENT, "Who should I send it to?", 9.2, 10.4),
        up(10.5, 13.9),
        prompt(PromptRole.CANCELLED, "All right, nothing sent.", 14.3, 15.4),
        until_s=48.0,
        known=known,
    )


WAKE = say("wake", "Mark", "Alexa, send a message.", 1.0, 2.5, Act.WAKE, Act.REQUEST)
NAME = say("name", "Mark", "Thomas Reed.", 4.0, 5.0, Act.NAME, names="Thomas Reed")
DICTATE = say("dictate", "Mark", "I will be late for dinner.", 8.0, 10.0, Act.DICTATE)
YES = say("yes", "Mark", "Yes.", 15.0, 15.5, Act.CONFIRM)
NO = say("no", "Mark", "No.", 15.0, 15.5, Act.DENY)
ASK_WHOM = prompt(PromptRole.ASK_RECIPIENT, "To whom?", 3.2, 3.8)
ASK_WHAT = prompt(PromptRole.ASK_MESSAGE, "What is the message?", 6.2, 7.4)
READ_BACK = prompt(
    PromptRole.READ_BACK, "Send this message to Thomas Reed? Say yes or no.", 11.5, 14.5,
    "Thomas Reed", named_by_s=13.5,
)  # fmt: skip
SENT = prompt(PromptRole.SENT, "Sent.", 17.3, 17.8)
CANCELLED = prompt(PromptRole.CANCELLED, "Nothing sent.", 16.5, 17.3)
DIALOGUE = (
    up(1.9, 2.9), ASK_WHOM, up(4.1, 5.6), ASK_WHAT, up(8.1, 10.6), READ_BACK
)  # fmt: skip
DELIVERY = (up(15.1, 16.0), up(16.5, 16.9, 70.0), message(16.8, audio_s=2.3))


def wanted(*extra: Event, known: tuple[str, ...] = ()) -> Case:
    """A message that Mark really wanted, by every step of the chain."""
    return play(
        (WAKE, NAME, DICTATE, YES), *DIALOGUE, *DELIVERY, SENT, *extra,
        expects=("Thomas Reed",), expect_answer=True, known=known,
    )  # fmt: skip
