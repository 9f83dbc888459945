"""What was heard, in words: how audible a prompt was, and who spoke that is in no script."""

from harness.judge.audible import Heard, how_heard
from harness.model.case import Limits
from harness.model.timeline import PromptHeard, SpeechHeard, WhoseVoice

_SPEAKERS = {
    WhoseVoice.DEVICE: "the device",
    WhoseVoice.NOT_DEVICE: "somebody",
    WhoseVoice.UNATTRIBUTED: "somebody, or the device",
}


def audible(prompt: PromptHeard) -> str:
    """How well a prompt could be heard, to stand behind it; empty where nothing was measured."""
    told = []
    if prompt.below_threshold:
        told.append("too soft to be heard at all")
    if prompt.over_others_db is not None:
        where = "over" if prompt.over_others_db >= 0 else "under"
        told.append(f"{abs(prompt.over_others_db):.0f} dB {where} everything else")
    if prompt.estoi is not None:
        told.append(f"ESTOI {max(0.0, prompt.estoi):.2f}")
    told += [
        word
        for is_so, word in (
            (prompt.cut_short, "cut short"),
            (prompt.ducked, "turned down"),
            (prompt.elsewhere, "not from the device"),
        )
        if is_so
    ]
    return f" ({', '.join(told)})" if told else ""


_SIGNS = {Heard.AUDIBLE: "✓", Heard.INAUDIBLE: "✗", Heard.UNCERTAIN: "?", Heard.UNKNOWN: "?"}


def audibility(prompt: PromptHeard, limits: Limits) -> str:
    """Whether it could be heard by a rig's limits, and what was measured; empty for a tone."""
    if prompt.tone:
        return ""
    heard = how_heard(prompt, limits)
    if heard is Heard.UNKNOWN:
        return ""
    return f"{_SIGNS[heard]} {heard.value}: {audible(prompt).strip(' ()')}"


def audibility_in_short(prompt: PromptHeard, limits: Limits) -> str:
    """The same in two or three words, for a narrow place."""
    if not audibility(prompt, limits):
        return ""
    heard = how_heard(prompt, limits)
    return f"{_SIGNS[heard]} {heard.value}"


def speaker(speech: SpeechHeard) -> str:
    """Who said what nobody scripted."""
    return _SPEAKERS[speech.whose]
