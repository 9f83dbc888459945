"""When the device listened by its light, and when it was muted: by its light, or by a hand."""

from harness.judge.facts import FOREVER_S, TINY_S, Facts
from harness.model.script import Deed
from harness.model.timeline import Upload

_NETWORK = frozenset({Deed.NETWORK_OFF, Deed.NETWORK_POOR})


def showed_listening(facts: Facts, upload: Upload) -> bool:
    """Whether the light showed listening within `light_s` of the upload's or its sound's start."""
    listening, reach_s = facts.near.listening, facts.limits.light_s + TINY_S
    return any(
        listening.touched(start_s - reach_s, start_s + reach_s)
        for start_s in (upload.start_s, upload.sound_from_s)
    )


def went_dark(facts: Facts, upload: Upload) -> bool:
    """Whether its sound goes on while the light, which had shown listening, has long been idle.

    By its packets, where it was not read: not so where the bench had cut the network or made it
    poor, since then they leave when it lets them.
    """
    if upload.holds_from_s is None and any(d.deed in _NETWORK for d in facts.deeds):
        return False
    from_s, until_s, near_s = upload.sound_from_s, upload.sound_until_s, facts.limits.light_s
    listening = facts.near.listening
    for off_s, next_s in facts.near.dark.touching(from_s, until_s):
        shown = listening.touched(min(from_s, off_s) - near_s, off_s)
        soon_s = near_s if listening.touched(next_s, next_s + near_s) else 0.0
        if shown and min(until_s, next_s - soon_s) > max(from_s, off_s + near_s) + TINY_S:
            return True
    return False


def was_muted(facts: Facts) -> bool:
    """Whether it may ever have been muted, by light or hand."""
    return bool(facts.near.muted or facts.deeds)


def muted(facts: Facts, near_s: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """The spans (s) near `near_s` in which it was muted: its light showed so, or a hand did it.

    A hand's mute lasts until a hand takes it back, whatever light, power or network do meanwhile.
    """
    if not was_muted(facts):
        return ()
    by_light = facts.near.muted.touching(*near_s)
    by_hand = taken(facts, Deed.MUTE, Deed.UNMUTE) if facts.deeds else ()
    return tuple(sorted((*by_light, *by_hand))) if by_light or by_hand else ()


def deaf_at(facts: Facts, at_s: float) -> bool:
    """Whether it was muted or without power, so that it could not hear what was said to it."""
    unplugged = taken(facts, Deed.UNPLUG, Deed.PLUG_IN)
    spans_s = (*muted(facts, (at_s, at_s)), *unplugged)
    return any(from_s <= at_s < until_s for from_s, until_s in spans_s)


def taken(facts: Facts, takes: Deed, gives: Deed) -> list[tuple[float, float]]:
    """The spans (s) between a deed and the one that gives back what it took."""
    found: list[tuple[float, float]] = []
    taken_s: float | None = None
    for deed in facts.deeds:
        if deed.deed is takes and taken_s is None:
            taken_s = deed.at_s
        elif deed.deed is gives and taken_s is not None:
            found.append((taken_s, deed.at_s))
            taken_s = None
    return found if taken_s is None else [*found, (taken_s, FOREVER_S)]


def sent_while_muted(facts: Facts, upload: Upload) -> bool:
    """Whether the upload holds more than `light_s` of sound from while it was muted."""
    return any(
        min(upload.sound_until_s, until_s)
        > max(upload.sound_from_s, from_s + facts.limits.light_s) + TINY_S
        for from_s, until_s in muted(facts, (upload.sound_from_s, upload.sound_until_s))
    )


def muted_between(
    facts: Facts, from_s: float, until_s: float, longer_than_s: float = 0.0
) -> float | None:
    """Since when it was muted for the first time in a span, for longer than that; else None."""
    for on_s, off_s in muted(facts, (from_s, until_s)):
        lasted_s = min(off_s, until_s) - max(on_s, from_s)
        if on_s <= until_s and off_s > from_s and lasted_s >= longer_than_s:
            return on_s
    return None
