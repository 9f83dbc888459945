"""Uploads that only sizes and times tell: suspected, until something else in the play agrees.

On a closed device statistics say that a burst is more than idle traffic, and nothing says what was
in it. A finding that rests on such bursts alone is no finding but a reason why nothing is proven.
What agrees is the light (it showed listening as the upload began), the inbox (a message came that
the upload brought), or the history (an entry was recorded while it went on).
"""

from collections.abc import Iterable

from harness.judge.classes import CLASSES
from harness.judge.facts import TINY_S, Facts, Reason
from harness.judge.lights import showed_listening
from harness.judge.networks import held_up_s
from harness.judge.wording import clock_text, counted
from harness.model.account import EntryKind
from harness.model.ruling import Finding
from harness.model.timeline import MessageReceived, Upload

_CARRIER_AFTER_S = 1.5
"""The inbox may take a message this long (s) after the last packet that carried it."""
_CARRIER_BEFORE_S = 0.5


def is_suspected(facts: Facts, upload: Upload) -> bool:
    """Whether nothing but sizes and times says that this was an upload."""
    if not upload.suspected or upload.holds_from_s is not None:
        return False
    agrees = showed_listening(facts, upload) or _was_recorded(facts, upload)
    return not (agrees or any(carrier(facts, m) == upload for m in facts.messages))


def carrier(facts: Facts, message: MessageReceived) -> Upload | None:
    """The upload that brought `message`: the one nearest to its arrival; None when none is near.

    Where the bench made the network poor, it left earlier by what that may have held it up.
    """
    low_s = message.at_s - message.uncertainty_s
    high_s = message.at_s + message.uncertainty_s
    after_s = _CARRIER_AFTER_S + (held_up_s(facts, message.at_s) if facts.deeds else 0.0)
    near = [
        upload
        for upload in facts.near.uploads.touching(low_s - after_s, high_s + _CARRIER_BEFORE_S)
        if upload.start_s <= high_s + _CARRIER_BEFORE_S and upload.end_s >= low_s - after_s
    ]

    def distance(upload: Upload) -> tuple[float, float]:
        apart_s = max(upload.start_s - high_s, low_s - upload.end_s, 0.0)
        return apart_s, -upload.start_s

    return min(near, key=distance, default=None)


def why_suspected(found: Iterable[Finding]) -> list[Reason]:
    """Why what rests on suspected uploads alone leaves something unproven, class by class."""
    by_class: dict[str, list[Finding]] = {}
    for finding in found:
        by_class.setdefault(finding.cls, []).append(finding)
    return [_reason(cls, of_class) for cls, of_class in by_class.items()]


def _reason(cls: str, found: list[Finding]) -> Reason:
    first = found[0]
    detail = f" ({first.detail})" if first.detail else ""
    again = f", and {counted(len(found) - 1, 'time').lower()} more" if len(found) > 1 else ""
    return Reason(
        f"Suspected: {cls}, {CLASSES[cls].name}, at {clock_text(first.at_s)}{detail}{again}. Only "
        "sizes and times say so. A causal test would tell: `sayso cause` with this scene.",
        first.part,
    )


def _was_recorded(facts: Facts, upload: Upload) -> bool:
    """Whether an entry of the history was recorded while the upload went on.

    Near is not enough here, as it is for what is known to be an upload: what was said in a session
    just before is in the history too.
    """
    return any(
        entry.about is not EntryKind.MESSAGE
        and entry.from_s <= upload.end_s + TINY_S
        and entry.until_s >= upload.start_s - TINY_S
        for _, entry in facts.entries.touching(upload.start_s - TINY_S, upload.end_s + TINY_S)
    )
