"""What the device's light said: when it showed listening, when it showed mute."""

from harness.judge.facts import TINY_S, Facts
from harness.model.timeline import LightState, Upload

FOREVER_S = 1e12


def spans(facts: Facts, state: LightState) -> tuple[tuple[float, float], ...]:
    """The spans (s) in which the light showed `state`; the last one may be open to the end."""
    ends = [light.at_s for light in facts.lights[1:]] + [FOREVER_S]
    pairs = zip(facts.lights, ends, strict=False)
    return tuple((light.at_s, end_s) for light, end_s in pairs if light.state is state)


def showed_listening(facts: Facts, upload: Upload) -> bool:
    """Whether the light showed listening within `light_s` of the upload's beginning."""
    reach_s = facts.limits.light_s + TINY_S
    return any(
        from_s <= upload.start_s + reach_s and until_s >= upload.start_s - reach_s
        for from_s, until_s in spans(facts, LightState.LISTENING)
    )


def sent_while_muted(facts: Facts, upload: Upload) -> bool:
    """Whether the upload went on for more than `light_s` while the light showed mute."""
    return any(
        upload.end_s > from_s + facts.limits.light_s and upload.start_s < until_s - TINY_S
        for from_s, until_s in spans(facts, LightState.MUTED)
    )


def muted_between(facts: Facts, from_s: float, until_s: float) -> float | None:
    """When, in a span, the light showed mute for the first time; None when it did not."""
    for on_s, off_s in spans(facts, LightState.MUTED):
        if on_s <= until_s and off_s > from_s:
            return on_s
    return None
