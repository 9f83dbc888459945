"""When the device listened by its light, and when it was muted: by its light, or by a hand."""

from harness.judge.facts import TINY_S, Facts
from harness.model.script import Deed
from harness.model.timeline import LightState, Upload

FOREVER_S = 1e12


def spans(facts: Facts, state: LightState) -> tuple[tuple[float, float], ...]:
    """The spans (s) in which the light showed `state`; the last one may be open to the end."""
    ends = [light.at_s for light in facts.lights[1:]] + [FOREVER_S]
    pairs = zip(facts.lights, ends, strict=False)
    return tuple((light.at_s, end_s) for light, end_s in pairs if light.state is state)


def showed_listening(facts: Facts, upload: Upload) -> bool:
    """Whether the light showed listening within `light_s` of what the upload begins with."""
    reach_s, start_s = facts.limits.light_s + TINY_S, upload.sound_from_s
    return any(
        from_s <= start_s + reach_s and until_s >= start_s - reach_s
        for from_s, until_s in spans(facts, LightState.LISTENING)
    )


def muted(facts: Facts) -> tuple[tuple[float, float], ...]:
    """The spans (s) in which it was muted: its light showed so, or a hand had muted it.

    A hand's mute lasts until a hand takes it back, whatever light, power or network do meanwhile.
    """
    by_light = spans(facts, LightState.MUTED)
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
        for from_s, until_s in muted(facts)
    )


def muted_between(facts: Facts, from_s: float, until_s: float) -> float | None:
    """Since when it was muted for the first time in a span; None when it was not."""
    for on_s, off_s in muted(facts):
        if on_s <= until_s and off_s > from_s:
            return on_s
    return None
