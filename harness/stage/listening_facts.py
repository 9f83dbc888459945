"""Controls of the listener's microphone: it hears sound, and what was played can be taken out."""

from harness.ears.cancel import Doubt
from harness.model.timeline import Control
from harness.stage.prompts_heard import Subtraction

SCENE = "scene"
_CANCELLED_DB = 10.0
# Paths are learnt from 1.5 s of sound; so many seconds without are more than a word or two.
_SHORT = 3
# In 20 plays that went well, 17 on the bench in real time, no stretch of a second was so doubted.
_MOMENT = 2
_NOT_AS_PLAYED = {
    Doubt.NOT_PLAYED: "a loudspeaker was not heard when it should be: check its cable and "
    "its power, or sound was lost",
    Doubt.LEVEL_CHANGED: "a loudspeaker was louder or softer than before: leave its volume alone",
    Doubt.PATH_CHANGED: "a loudspeaker was heard otherwise than before: somebody moved it or the "
    "microphone, sound was lost, or the channels are swapped",
    Doubt.DISTORTED: "a loudspeaker distorted: turn it down",
}
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
    median_db, wrong = subtraction.median_db, _wrong(subtraction)
    measured = None if median_db is None else round(median_db, 1)
    if wrong is not None:
        return Control(SCENE, name, False, measured, _CANCELLED_DB, "dB", wrong)
    if median_db is None:
        held = subtraction.unlearnt <= _SHORT
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
    return Control(SCENE, name, held, measured, _CANCELLED_DB, "dB", detail)


def _wrong(subtraction: Subtraction) -> str | None:
    """What was wrong with the loudspeakers' sound for longer than a moment; None if nothing."""
    for doubt, what in _NOT_AS_PLAYED.items():
        count = subtraction.doubts[doubt]
        if count > (0 if doubt is Doubt.NOT_PLAYED and subtraction.median_db is None else _MOMENT):
            at_s = subtraction.first_s[doubt]
            return f"from {at_s:.1f} s on, for about {count} s, {what}"
    return None
