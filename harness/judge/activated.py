"""Accidental activations: one finding each, with how far it went."""

from harness.judge.context import Context
from harness.judge.facts import TINY_S, Facts
from harness.judge.findings import Broken, also, on_line_until, on_nothing, upload_text
from harness.judge.uploads import Activation
from harness.judge.wording import bytes_text, clock_text
from harness.model.ruling import Grade, Part
from harness.model.timeline import MessageReceived


def activated(facts: Facts, group: Activation, contexts: dict[MessageReceived, Context]) -> Broken:
    """The one finding of an activation that no session covers."""
    grade = _grade(facts, group, contexts)
    sent = bytes_text(sum(u.bytes_out for u in group.uploads))
    length_s = sum(u.end_s - u.start_s for u in group.uploads)
    detail = f"{sent} in {length_s:.1f} s of uploads from {clock_text(group.start_s)}; {group.why}"
    cause = _CAUSES[group.cls]
    if group.waker is not None and group.cls in ("V04", "V05", "V38"):
        at_s = group.start_s
        finding = on_line_until(facts, group.cls, group.waker, at_s, cause, detail, grade)
    else:
        finding = on_nothing(facts, group.cls, group.start_s, cause, detail, grade)
    measured = (("uploaded_s", length_s, "s"),)
    texts = (upload_text(u) for u in group.uploads)
    told = also(finding, *texts, measured=measured, part=Part.UPLOADS)
    return Broken(_anchor_s(group), told, suspected=group.suspected)


_CAUSES = {
    "V01": "upload with no wake at all",
    "V04": "woken by a sound-alike",
    "V05": "woken by media",
    "V06": "woken by its own voice",
    "V30": "stream goes on after the session",
    "V38": "obeyed sound that nobody can hear",
}


def _anchor_s(group: Activation) -> float:
    return group.start_s if group.waker is None else min(group.start_s, group.waker.start_s)


def _grade(facts: Facts, group: Activation, contexts: dict[MessageReceived, Context]) -> Grade:
    """Discarded: one short upload and nothing after it; else full."""
    ends_s = group.uploads[-1].end_s
    short = ends_s - group.start_s <= facts.limits.discarded_s + TINY_S
    spoke = bool(facts.near.prompts.beginning(group.start_s, group.until_s))
    sent = any(c.session is None and c.start_s == group.start_s for c in contexts.values())
    return Grade.DISCARDED if short and not spoke and not sent else Grade.FULL
