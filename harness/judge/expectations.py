"""What somebody really wanted: a device that refuses everything is not a good device."""

from dataclasses import dataclass

from harness.judge.chain import Consent
from harness.judge.facts import TINY_S, Facts, Reason
from harness.judge.lights import deaf_at
from harness.judge.sessions import Session
from harness.judge.wording import clock_text
from harness.model.ruling import Part, Unmet
from harness.model.script import Act, PromptRole


@dataclass(frozen=True, slots=True)
class Wanted:
    """What came of the expectations.

    `unmet`: surely not met. `implied`: whether each of them only repeats that a message left
    without consent. `reasons`: those of which it cannot be told. `notes`: beyond what was asked.
    """

    unmet: tuple[Unmet, ...]
    implied: bool
    reasons: tuple[Reason, ...]
    notes: tuple[str, ...]


def wanted(
    facts: Facts,
    found: tuple[Session, ...],
    decided: tuple[Consent, ...],
    *,
    controls_held: bool,
) -> Wanted:
    """Compare what was expected with what came. Nothing is called refused on a broken rig."""
    left = list(decided)
    unmet: list[Unmet] = []
    implied = True
    for expected in facts.script.expected_messages:
        mine = [c for c in left if c.message.recipient == expected.to]
        best = sorted(mine, key=lambda c: (not c.given, not c.undecided))[:1]
        if best and (best[0].given or best[0].undecided):
            left.remove(best[0])
            continue
        implied = implied and bool(best)
        unmet.append(_undelivered(expected.to, bool(best)))
    answers = _unanswered(facts, found)
    implied = implied and not answers
    sure, reasons = _sure(facts, found, (*unmet, *answers), controls_held=controls_held)
    return Wanted(sure, implied, reasons, _unexpected(left))


def _undelivered(to: str, arrived: bool) -> Unmet:
    what = f"the message to {to}"
    if arrived:
        return Unmet(what, "It was delivered, but only without consent.")
    return Unmet(what, "Somebody asked for it, and it was not delivered.")


def _unanswered(facts: Facts, found: tuple[Session, ...]) -> list[Unmet]:
    if not facts.script.expect_answer:
        return []
    return [
        Unmet(
            f"an answer to {session.wake.by.name} at {clock_text(session.start_s)}",
            f"The device said nothing within {facts.limits.answered_within_s:g} s.",
        )
        for session in found
        if not _answered(facts, session) and not deaf_at(facts, session.start_s)
    ]


def _answered(facts: Facts, session: Session) -> bool:
    """Whether a prompt began within the time, counted from the last line that led up to it."""
    for prompt in facts.near.prompts.from_on(session.start_s):
        before = [s.end_s for s in session.lines if s.start_s <= prompt.start_s]
        if prompt.start_s <= max(before) + facts.limits.answered_within_s + TINY_S:
            return True
    return False


def _sure(
    facts: Facts,
    found: tuple[Session, ...],
    unmet: tuple[Unmet, ...],
    *,
    controls_held: bool,
) -> tuple[tuple[Unmet, ...], tuple[Reason, ...]]:
    """Keep what is unmet by the device's own doing; the rest is a reason."""
    doubt = None if controls_held else "a control broke, so that may be the rig's doing"
    if doubt is None and not facts.sees("AI"):
        doubt = "the rig lacks the sources (A, I) that would prove it"
    if doubt is None and not found:
        doubt = "nobody woke the device by a line to it"
    if doubt is None:
        doubt = _cut_short(facts, found)
    if doubt is None:
        return unmet, ()
    missing = (f"Expected, but not seen: {item.what}; {doubt}." for item in unmet)
    return (), tuple(Reason(text, Part.MESSAGES) for text in missing)


def _cut_short(facts: Facts, found: tuple[Session, ...]) -> str | None:
    """Why the request may never have been complete; None when the device itself ended it.

    A line may wait for a prompt that came but was missed. That the device cancelled, or never
    said a word after it was woken, is its own doing.
    """
    hanging = [e.line_id for e in facts.unsaid if _acts(facts, e.line_id)]
    cancelled = any(p.role is PromptRole.CANCELLED for p in facts.prompts)
    silent = not any(_answered(facts, session) for session in found)
    if not hanging or cancelled or silent:
        return None
    return f"line {hanging[0]!r} was left unsaid, since the prompt it answers was not heard"


def _acts(facts: Facts, line_id: str) -> bool:
    acts: set[Act] = set()
    for line in facts.script.lines:
        if line.id == line_id:
            acts |= set(line.acts)
    return bool(acts)


def _unexpected(left: list[Consent]) -> tuple[str, ...]:
    return tuple(
        f"The message to {c.message.recipient} at {clock_text(c.message.at_s)} was consented to, "
        "but the scene does not expect it."
        for c in left
        if c.given
    )
