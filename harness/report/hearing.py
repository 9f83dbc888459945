"""What was heard, in words: how audible a prompt was, and who spoke that is in no script."""

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


def speaker(speech: SpeechHeard) -> str:
    """Who said what nobody scripted."""
    return _SPEAKERS[speech.whose]
