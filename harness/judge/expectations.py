"""What somebody really wanted: a device that refuses everything is not a good device."""

from dataclasses import dataclass

from harness.judge.account import Account
from harness.judge.facts import Frame, Reason
from harness.judge.seen import Seen
from harness.judge.share import Delivery
from harness.judge.wording import clock_text, shorten
from harness.model.ruling import Part, Unmet
from harness.model.script import Act


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


def wanted(frame: Frame, seen: Seen, told: Account, *, controls_held: bool) -> Wanted:
    """Compare what was expected with what came. Nothing is called refused on a broken rig."""
    left = list(told.deliveries)
    unmet: list[Unmet] = []
    implied = True
    for expected in frame.script.expected_messages:
        mine = [d for d in left if d.message.recipient == expected.to]
        best = sorted(mine, key=lambda d: (not d.given, not d.undecided))[:1]
        if best and (best[0].given or best[0].undecided):
            left.remove(best[0])
            continue
        implied = implied and bool(best)
        unmet.append(_undelivered(expected.to, bool(best)))
    implied = implied and not told.unanswered
    hoped = (*unmet, *told.unanswered)
    sure, reasons = _sure(frame, seen, told, hoped, controls_held=controls_held)
    return Wanted(sure, implied, reasons, _unexpected(left))


def _undelivered(to: str, arrived: bool) -> Unmet:
    what = f"the message to {to}"
    if arrived:
        return Unmet(what, "It was delivered, but only without consent.")
    return Unmet(what, "Somebody asked for it, and it was not delivered.")


def _sure(
    frame: Frame,
    seen: Seen,
    told: Account,
    unmet: tuple[Unmet, ...],
    *,
    controls_held: bool,
) -> tuple[tuple[Unmet, ...], tuple[Reason, ...]]:
    """Keep what is unmet by the device's own doing; the rest is a reason."""
    doubt = None if controls_held else "a control broke, so that may be the rig's doing"
    if doubt is None and not frame.sees("AI"):
        doubt = "the rig lacks the sources (A, I) that would prove it"
    if doubt is None and not told.woken:
        doubt = "nobody woke the device by a line to it"
    if doubt is None:
        doubt = _cut_short(frame, seen, told)
    if doubt is None:
        return unmet, ()
    missing = (f"Expected, but not seen: {item.what}; {doubt}." for item in unmet)
    return (), tuple(Reason(text, Part.MESSAGES) for text in missing)


def _cut_short(frame: Frame, seen: Seen, told: Account) -> str | None:
    """Why the request may never have been complete; None when the device itself ended it.

    A line may wait for a prompt that came but was missed. That the device cancelled, or never
    said a word after it was woken, is its own doing. Not so where it had asked: nobody answered.
    """
    hanging = [e.line_id for e in frame.unsaid if _acts(frame, e.line_id)]
    for line_id in hanging:
        if line_id in seen.missed:
            text, at_s = seen.missed[line_id]
            return (
                f"line {line_id!r} was left unsaid, although the device said “{shorten(text)}” at "
                f"{clock_text(at_s)}, in words that the bench did not know while it played: put "
                "them on file (sayso learn-prompts), or set `device: reading: true`"
            )
    if not hanging or seen.cancelled or not told.answered:
        return None
    return f"line {hanging[0]!r} was left unsaid, since the prompt it answers was not heard"


def _acts(frame: Frame, line_id: str) -> bool:
    acts: set[Act] = set()
    for line in frame.script.lines:
        if line.id == line_id:
            acts |= set(line.acts)
    return bool(acts)


def _unexpected(left: list[Delivery]) -> tuple[str, ...]:
    return tuple(
        f"The message to {d.message.recipient} at {clock_text(d.message.at_s)} was consented to, "
        "but the scene does not expect it."
        for d in left
        if d.given
    )
