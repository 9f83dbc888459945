"""The device called itself: its last word of a session held the wake word, and it listened anew.

The grace after a session is for the rest of what was said in it. It is no licence for listening
that nobody but the device's own loudspeaker began.
"""

from collections.abc import Iterable
from dataclasses import replace

from harness.judge.answer import wake_words, words
from harness.judge.facts import TINY_S, Facts, Said
from harness.judge.findings import Broken, also, on_prompt, upload_text
from harness.judge.suspected import is_suspected
from harness.judge.wording import bytes_text, clock_text
from harness.model.ruling import Grade, Part
from harness.model.script import Act
from harness.model.timeline import PromptHeard, SpeechHeard, Upload

OWN_VOICE_S = 1.0
"""A device that wakes so long (s) after its own prompt was not woken by it."""
_GOES_ON_S = 0.3
"""Sound in an upload that follows on another's within this belongs to the same stream."""


def woke_itself(facts: Facts, covered: Iterable[Upload]) -> list[Broken]:
    """V06: uploads within a session's window that the device's own voice began, one a prompt."""
    broken: list[Broken] = []
    prompts: list[PromptHeard] = []
    for upload in covered:
        prompt = called_itself(facts, upload)
        if prompt is None or prompt in prompts:
            continue
        prompts.append(prompt)
        length_s = upload.end_s - upload.start_s
        detail = (
            f"{bytes_text(upload.bytes_out)} in {length_s:.1f} s from {clock_text(upload.start_s)}"
        )
        finding = on_prompt(facts, "V06", prompt, "woken by its own voice", detail)
        short = length_s <= facts.limits.discarded_s + TINY_S
        grade = Grade.DISCARDED if short else Grade.FULL
        told = also(replace(finding, grade=grade), upload_text(upload), part=Part.UPLOADS)
        broken.append(Broken(upload.start_s, told, is_suspected(facts, upload)))
    return broken


def called_itself(facts: Facts, upload: Upload) -> PromptHeard | None:
    """The final answer whose wake word began the upload; None where that is not proven.

    It is where nobody else spoke between the two, and the device is seen to have listened anew: by
    its light, or by sound in the upload that no earlier one goes on to.
    """
    at_s = upload.sound_from_s
    for prompt in facts.near.prompts.touching(at_s - OWN_VOICE_S, at_s):
        called_s = _called_s(facts, prompt)
        if called_s is None or not called_s <= at_s <= prompt.end_s + OWN_VOICE_S:
            continue
        if _alone(facts, prompt, at_s) and _listened_anew(facts, called_s, upload):
            return prompt
    return None


def _called_s(facts: Facts, prompt: PromptHeard) -> float | None:
    """When it had begun to say the wake word, as if speech ran evenly; None where it does not."""
    if not prompt.role.is_final or prompt.tone:
        return None
    said = words(prompt.text)
    places = [
        place
        for wake in {wake_words(x.says) for x in facts.script.lines if Act.WAKE in x.acts}
        for place in range(len(said) - len(wake) + 1)
        if wake and said[place : place + len(wake)] == wake
    ]
    if not places:
        return None
    letters = sum(map(len, said[: min(places)])) / sum(map(len, said))
    return prompt.start_s + letters * (prompt.end_s - prompt.start_s)


def _alone(facts: Facts, prompt: PromptHeard, at_s: float) -> bool:
    """Whether nobody but the device spoke from the beginning of the prompt until `at_s`."""
    said: list[Said | SpeechHeard] = [*facts.near.said.touching(prompt.start_s, at_s)]
    said += facts.unscripted
    return not any(s.end_s > prompt.start_s and s.start_s < at_s for s in said)


def _listened_anew(facts: Facts, called_s: float, upload: Upload) -> bool:
    """Whether the light came on after the wake word, or the sound in the upload is a new stream."""
    at_s, until_s = upload.sound_from_s, upload.sound_from_s + facts.limits.light_s
    if any(on_s >= called_s for on_s, _ in facts.near.listening.beginning(called_s, until_s)):
        return True
    if upload.holds_from_s is None:
        return False
    before = (u for u in facts.near.uploads.touching(at_s - 2 * _GOES_ON_S, at_s) if u != upload)
    return not any(u.sound_from_s < at_s <= u.sound_until_s + _GOES_ON_S for u in before)
