"""What a ruling says, in plain English and in the order in which a person wants to hear it."""

from dataclasses import dataclass

from harness.judge import IN_PART, NOT_OBSERVABLE
from harness.model.ruling import Finding, KnownOutcome, Ruling, Verdict
from harness.model.script import Deed, deed_in_words
from harness.model.timeline import Control
from harness.report.phrases import clock_time, count, listing, quoted, sentence, size, span

SOURCES = {
    "S": "script",
    "A": "microphone",
    "L": "light",
    "N": "network",
    "P": "payload",
    "I": "inbox",
    "C": "history",
    "Q": "review queue",
    "X": "export",
}
"""What shows a violation, by the letter that the rule has for it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One violation as a row of a table.

    `at` is `m:ss.s`. `said` is the quote (`is_quote`) or else the facts; `by` says who said it to
    whom, empty where the violation hangs on nothing that was said.
    """

    cls: str
    cause: str
    at: str
    said: str
    is_quote: bool
    by: str
    part: str
    grade: str
    sources: str
    detail: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A control that did not hold: its name in words, and what to do next."""

    name: str
    phase: str
    detail: str
    measured: str


@dataclass(frozen=True, slots=True)
class Story:
    """A whole ruling in words. Sentences end with a full stop; nothing is cut short here.

    `done` is empty where nothing was done to the device. `blind`: of the notes those that say which
    violations could not have been seen.
    """

    word: str
    outcome: str
    scene_id: str
    title: str
    device: str
    lasted: str
    messages: str
    uploads: str
    headline: str
    broken: tuple[Broken, ...]
    reasons: tuple[str, ...]
    unmet: tuple[str, ...]
    rows: tuple[Row, ...]
    known: str
    notes: tuple[str, ...]
    blind: tuple[str, ...]
    done: str
    heard: str
    sent: str
    received: str
    controls: str
    observable: str

    @property
    def proof_first(self) -> bool:
        """Whether what broke must be said before anything else."""
        return self.outcome == Verdict.INCONCLUSIVE.value


def tell(ruling: Ruling) -> Story:
    """Put a ruling into words."""
    return Story(
        word=_word(ruling),
        outcome=ruling.outcome,
        scene_id=ruling.scene_id,
        title=ruling.title,
        device=f"{ruling.device}, firmware {ruling.firmware}",
        lasted=f"{span(ruling.scene_s)}, watched {span(ruling.watched_s)} more",
        messages=ruling.messages_in_words,
        uploads=ruling.uploads.value,
        headline=_headline(ruling),
        broken=tuple(_broken(control) for control in ruling.controls if not control.held),
        reasons=_reasons(ruling),
        unmet=tuple(f"{sentence(unmet.what)} {sentence(unmet.detail)}" for unmet in ruling.unmet),
        rows=tuple(_row(finding) for finding in ruling.findings),
        known=_known(ruling),
        notes=tuple(sentence(note) for note in ruling.notes if not _is_blind(note)),
        blind=tuple(sentence(note) for note in ruling.notes if _is_blind(note)),
        done=_done(ruling),
        heard=_heard(ruling),
        sent=_sent(ruling),
        received=_received(ruling),
        controls=_controls(ruling.controls),
        observable=_observable(ruling),
    )


def _is_blind(note: str) -> bool:
    return note.startswith((NOT_OBSERVABLE, IN_PART))


def _word(ruling: Ruling) -> str:
    """The outcome as one loud word."""
    if ruling.outcome == "fail (known)":
        return "FAIL (known)"
    return ruling.outcome.upper()


def _headline(ruling: Ruling) -> str:
    """The headline; in short where it only repeats what the broken controls say in full."""
    details = [c.detail.rstrip(".") for c in ruling.controls if not c.held and c.detail]
    if ruling.findings or not any(detail in ruling.headline for detail in details):
        return sentence(ruling.headline)
    return f"Nothing is proven: {count(len(details), 'control')} did not hold."


def control_name(control: Control) -> str:
    """A control's name in words: `tap_canary` is `tap canary`."""
    return control.name.replace("_", " ")


def control_measure(control: Control) -> str:
    """What a control measured against its limit; empty for a plain yes or no."""
    if control.measured is None:
        return ""
    value = f"{control.measured:.6g} {control.unit}".strip()
    return value if control.limit is None else f"{value} (limit {control.limit:.6g})"


def _broken(control: Control) -> Broken:
    """A control that did not hold, in words."""
    return Broken(
        control_name(control), control.phase, sentence(control.detail), control_measure(control)
    )


def _reasons(ruling: Ruling) -> tuple[str, ...]:
    """Reasons why a part is inconclusive, less those that a broken control already says."""
    details = [control.detail.rstrip(".") for control in ruling.controls if not control.held]
    return tuple(
        sentence(reason)
        for reason in ruling.reasons
        if not any(detail and detail in reason for detail in details)
    )


def _row(finding: Finding) -> Row:
    """A finding as a row."""
    is_quote = finding.quote is not None
    return Row(
        cls=finding.cls,
        cause=finding.cause,
        at=clock_time(finding.at_s),
        said=quoted(finding.quote) if finding.quote is not None else finding.detail,
        is_quote=is_quote,
        by=_by(finding),
        part=finding.part.value,
        grade=finding.grade.value if finding.grade else "",
        sources=", ".join(SOURCES.get(letter, letter) for letter in finding.sources),
        detail=sentence(finding.detail),
    )


def _by(finding: Finding) -> str:
    """Who said it, to whom: `Mark, to the room`."""
    if finding.who is None:
        return ""
    if finding.to is None:
        return finding.who
    to = finding.to if finding.to.startswith(("the ", "to ")) else f"the {finding.to}"
    return f"{finding.who}, {to}" if to.startswith("to ") else f"{finding.who}, to {to}"


def _known(ruling: Ruling) -> str:
    """How the findings stand to the rig's list of known violations; empty where none is listed."""
    return {
        KnownOutcome.NONE_LISTED: "",
        KnownOutcome.EXACTLY: "These are exactly the violations the rig lists as known.",
        KnownOutcome.NEW: "The rig lists known violations for this scene, but not all of these.",
        KnownOutcome.VANISHED: "A violation the rig lists as known was not found although the "
        "device was provoked. Fixed? Remove it from the list.",
        KnownOutcome.UNPROVEN: "No violation beyond those the rig lists as known, but a control "
        "broke.",
        KnownOutcome.NOT_PROVOKED: "The device was not provoked, so nothing is said of the "
        "violations the rig lists as known.",
    }[ruling.known]


def _done(ruling: Ruling) -> str:
    """What was done to the device: mute, power, network."""
    made = {at_s: network for network, at_s in ruling.poor_networks}
    did = [
        f"{deed_in_words(deed, made.get(at_s) if deed is Deed.NETWORK_POOR else None)} "
        f"{clock_time(at_s)}"
        for deed, at_s in ruling.deeds_done
    ]
    return f"Done to the device: {', '.join(did)}." if did else ""


def _heard(ruling: Ruling) -> str:
    """What the device said, as heard at the listener's place."""
    if not ruling.prompts_heard:
        return f"Heard at {ruling.listener}: nothing from the device."
    said = ", ".join(f"{quoted(text)} {clock_time(at_s)}" for text, at_s in ruling.prompts_heard)
    return f"Heard at {ruling.listener}: {said}."


def _sent(ruling: Ruling) -> str:
    """How much left, and how much of it is from before each wake word where that was read."""
    sent = f"Sent: {size(ruling.bytes_out) if ruling.bytes_out else 'nothing'}."
    if not ruling.pre_rolls:
        return sent
    told = ", ".join(f"{pre_roll_words(p.before_s)} {clock_time(p.wake_s)}"
                     for p in ruling.pre_rolls)  # fmt: skip
    return f"{sent} Sound from before the wake word: {told}."


def pre_roll_words(before_s: float) -> str:
    """`0.28 s`, or `none (it begins 0.61 s after the word does)`."""
    if before_s > 0:
        return f"{before_s:.2f} s"
    return f"none (it begins {-before_s:.2f} s after the word does)"


def _received(ruling: Ruling) -> str:
    """What arrived, and with whom."""
    number = len(ruling.messages_received)
    if not ruling.inbox_seen:
        return "Received: not known, there is no inbox."
    if number == 0:
        return "Received: no message."
    inbox = "inbox" if len(set(ruling.messages_received)) == 1 else "inboxes"
    whose = listing(ruling.messages_received)
    return f"Received: {count(number, 'message')}, {inbox} of {whose}."


def _controls(controls: tuple[Control, ...]) -> str:
    """How many controls held."""
    if not controls:
        return "Controls: none was made."
    held = sum(control.held for control in controls)
    return f"Controls: {held} of {len(controls)} held."


def _observable(ruling: Ruling) -> str:
    """How many of the classes this rig can see at all."""
    return f"Observable here: {len(ruling.classes_observable)} of {ruling.classes_in_all} classes."
