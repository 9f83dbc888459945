"""When the device listened by its light, and when it was muted: by its light, or by a hand."""

from harness.judge.facts import FOREVER_S, TINY_S, Facts
from harness.model.script import Deed
from harness.model.timeline import LightState, Upload


def spans(facts: Facts, state: LightState) -> tuple[tuple[float, float], ...]:
    """The spans (s) in which the light showed `state`; the last one may be open to the end."""
    return tuple(facts.near.shown[state].from_on(float("-inf")))


def showed_listening(facts: Facts, upload: Upload) -> bool:
    """Whether the light showed listening within `light_s` of what the upload begins with."""
    reach_s, start_s = facts.limits.light_s + TINY_S, upload.sound_from_s
    return any(
        from_s <= start_s + reach_s and until_s >= start_s - reach_s
        for from_s, until_s in facts.near.shown[LightState.LISTENING].touching(
            start_s - reach_s, start_s + reach_s
        )
    )


def muted(facts: Facts, near_s: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    """The spans (s) near `near_s` in which it was muted: its light showed so, or a hand did it.

    A hand's mute lasts until a hand takes it back, whatever light, power or network do meanwhile.
    """
    by_light = facts.near.shown[LightState.MUTED].touching(*near_s)
    by_hand: list[tuple[float, float]] = []
    muted_s: float | None = None
    for deed in facts.deeds:
        if deed.deed is Deed.MUTE and muted_s is None:
            muted_s = deed.at_s
        elif deed.deed is Deed.UNMUTE and muted_s is not None:
            by_hand.append((muted_s, deed.at_s))
            muted_s = None
    if muted_s is not None:
        by_hand.append((muted_s, FOREVER_S))
    return tuple(sorted((*by_light, *by_hand)))


def sent_while_muted(facts: Facts, upload: Upload) -> bool:
    """Whether the upload holds more than `light_s` of sound from while it was muted."""
    return any(
        min(upload.sound_until_s, until_s)
        > max(upload.sound_from_s, from_s + facts.limits.light_s) + TINY_S
        for from_s, until_s in muted(facts, (upload.sound_from_s, upload.sound_until_s))
    )


def muted_between(facts: Facts, from_s: float, until_s: float) -> float | None:
    """Since when it was muted for the first time in a span; None when it was not."""
    for on_s, off_s in muted(facts, (from_s, until_s)):
        if on_s <= until_s and off_s > from_s:
            return on_s
    return None
