"""Each message that nobody consented to beside what it hangs on, and its upload with it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from harness.judge.chain import Consent, broken_links, context_of, delivered_again
from harness.judge.context import Context
from harness.judge.facts import Facts, Reason
from harness.judge.findings import Broken
from harness.judge.left import Left
from harness.judge.sessions import Session, window
from harness.judge.uploads import Activation, activations
from harness.judge.wording import clock_text
from harness.model.ruling import Part
from harness.model.timeline import MessageReceived, Upload


@dataclass(frozen=True, slots=True)
class Placed:
    """Messages without consent with what they hang on, and accidental activations.

    `orphans`: uploads that carried a message nobody consented to, out of a real session; the
    message's findings speak for them, and they are not covered.
    """

    contexts: dict[MessageReceived, Context]
    groups: tuple[Activation, ...]
    orphans: tuple[Upload, ...]


def is_stray(consent: Consent) -> bool:
    """Whether a message is to be explained by what nobody consented to."""
    return not consent.given and not consent.undecided and consent.used_by is None


def place(facts: Facts, found: tuple[Session, ...], left: Left) -> Placed:
    """Give each message without consent its context, and its upload to the same context."""
    decided = tuple(consent for consent, _ in left.carried)
    groups = activations(facts, found, left.alone)
    contexts: dict[MessageReceived, Context] = {}
    orphans: list[Upload] = []
    for consent, upload in left.carried:
        if consent.used_by is not None and upload is not None:
            orphans.append(upload)
        if not is_stray(consent):
            continue
        message = consent.message
        context = context_of(facts, found, groups, decided, message)
        if context.session is not None:
            orphans += [upload] if upload is not None else []
        elif upload is not None:
            groups = _with_carrier(facts, found, groups, upload, context)
            context = context_of(facts, found, groups, decided, message)
        contexts[message] = context
    return Placed(contexts, groups, tuple(orphans))


def _with_carrier(
    facts: Facts,
    found: tuple[Session, ...],
    groups: tuple[Activation, ...],
    upload: Upload,
    context: Context,
) -> tuple[Activation, ...]:
    """The groups with a message's upload: in its activation's group, or as one of its own."""
    grown = [
        g.with_upload(upload) if g.start_s == context.start_s and g.waker == context.waker else g
        for g in groups
    ]
    if any(upload in g.uploads for g in grown):
        return tuple(grown)
    own = activations(facts, found, (upload,))
    return tuple(sorted((*grown, *own), key=lambda g: (g.start_s, repr(g))))


def links(
    facts: Facts, decided: tuple[Consent, ...], contexts: dict[MessageReceived, Context]
) -> tuple[list[Broken], list[Reason]]:
    """What is broken in each message's chain; and where nothing is, that no link was found."""
    broken: list[Broken] = []
    unnamed: list[Reason] = []
    for consent in decided:
        if consent.used_by is not None:
            broken.append(delivered_again(facts, consent))
        elif consent.message in contexts:
            named = broken_links(contexts[consent.message])
            broken += named
            if not named:
                to, at = consent.message.recipient, clock_text(consent.message.at_s)
                text = f"No consent was found for the message to {to} at {at}, and no broken link."
                unnamed.append(Reason(text, Part.MESSAGES))
    return broken, unnamed


def local(facts: Facts, found: tuple[Session, ...], placed: Placed) -> tuple[float, ...]:
    """When the device lit up or spoke outside any session, without sending anything."""
    listening = (from_s for from_s, _ in facts.near.listening)
    times = sorted([*listening, *(p.start_s for p in facts.prompts)])
    taken = [(window(s, facts.limits)[0], s.tail_s) for s in found]
    reach_s = facts.limits.wake_reach_s
    # Some devices send what they heard only when somebody has done speaking.
    taken += [
        (
            min(min(u.start_s, u.sound_from_s) for u in g.uploads) - reach_s,
            max(g.until_s, g.uploads[-1].end_s),
        )
        for g in placed.groups
    ]
    taken += [(c.start_s - reach_s, c.high_s) for c in placed.contexts.values()]
    kept: list[float] = []
    for at_s in _outside(times, sorted(taken)):
        if not kept or at_s > kept[-1] + facts.limits.answer_window_s:
            kept.append(at_s)
    return tuple(kept)


def _outside(times: list[float], spans: list[tuple[float, float]]) -> Iterator[float]:
    """The times, in order, that lie in none of the spans, which stand in order too."""
    reached_s, ahead = -math.inf, 0
    for at_s in times:
        while ahead < len(spans) and spans[ahead][0] <= at_s:
            reached_s = max(reached_s, spans[ahead][1])
            ahead += 1
        if at_s > reached_s:
            yield at_s
