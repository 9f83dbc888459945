"""Controls of the listener's microphone: it hears sound, and what was played can be taken out."""

from harness.ears.cancel import Doubt
from harness.model.timeline import Control
from harness.stage.prompts_heard import Subtraction

SCENE = "scene"
_CANCELLED_DB = 10.0
# Paths are learnt from 1.5 s of sound; so many seconds without are more than a word or two.
_SHORT = 3
_BROKEN = {
    Doubt.NOT_NUMBERS: "gives samples that are no numbers: its driver is broken",
    Doubt.DEAD: "is dead (digital silence, or a constant): check its cable and its power",
    Doubt.HUM: "hears nothing but mains hum: check its cable and its shield",
    Doubt.CLIPPED: "is overdriven: turn it down",
}


def microphone_sound(subtraction: Subtraction | str) -> Control:
    """Whether the listener's microphone gave sound all the time that can be sound."""
    name = "microphone_sound"
    if isinstance(subtraction, str):
        return Control(SCENE, name, False, None, 0.0, "stretches", f"not checked: {subtraction}")
    broken = [doubt for doubt in _BROKEN if subtraction.doubts[doubt]]
    count = float(sum(subtraction.doubts[doubt] for doubt in broken))
    detail = "the listener's microphone is neither dead nor overdriven, and hears more than hum"
    if broken:
        at_s = subtraction.first_s[broken[0]]
        detail = f"the listener's microphone, at {at_s:.1f} s, {_BROKEN[broken[0]]}"
    return Control(SCENE, name, not broken, count, 0.0, "stretches", detail)


def stimulus_subtracted(subtraction: Subtraction | str) -> Control:
    """Whether what the loudspeakers played could be taken out of what the microphone heard."""
    name = "stimulus_subtracted"
    if isinstance(subtraction, str):
        return Control(SCENE, name, False, None, _CANCELLED_DB, "dB", f"not done: {subtraction}")
    median_db = subtraction.median_db
    if median_db is None:
        held = not subtraction.doubts[Doubt.NOT_PLAYED] and subtraction.unlearnt <= _SHORT
        detail = (
            "nothing was played for long enough, or loud enough, to be taken out"
            if held
            else "what was played could not be taken out of the recording: no path was learnt"
        )
        return Control(SCENE, name, held, None, _CANCELLED_DB, "dB", detail)
    held = median_db >= _CANCELLED_DB
    detail = f"what was played is {median_db:.0f} dB down in what is taken for the device's speech"
    if not held:
        detail += ": somebody moved a loudspeaker or the microphone, or the channels are swapped"
    return Control(SCENE, name, held, round(median_db, 1), _CANCELLED_DB, "dB", detail)
