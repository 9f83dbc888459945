"""Sound that arrived, and of which nothing was seen to leave.

A tap sees what a device sends through it. A device that has another radio (a mobile network, a
neighbour's, one of its maker's) sends past it, whatever the canary on the link proves. Where sound
reached somebody and nothing left by the link that could have brought it, an empty link proves
nothing absent.
"""

from collections.abc import Iterable

from harness.judge.chain import Consent
from harness.judge.facts import Facts, Reason
from harness.judge.lights import taken
from harness.judge.wording import clock_text, sound_text
from harness.model.ruling import Part
from harness.model.script import Deed
from harness.model.timeline import MessageReceived

_LEAST_S = 0.5
"""A shorter sound may be too little to be told from idle traffic."""
_CLOCKS_S = 0.5
"""An upload may seem to begin so much later than the message that it brought arrived."""


def past_the_tap(facts: Facts, decided: Iterable[Consent]) -> list[Reason]:
    """Why no upload is proven absent: a consented message arrived although the network was cut all
    along, or consented sound did, and nothing was seen to leave since its dictation began.
    """
    if not facts.sees("N"):
        return []
    found: list[Reason] = []
    for consent in decided:
        message, attempt = consent.message, consent.attempt
        if attempt is None:
            continue
        said = attempt.dictated or attempt.context.mine
        from_s = min((line.start_s for line in said), default=attempt.context.start_s)
        if _was_cut(facts, from_s, message.at_s + message.uncertainty_s):
            why, or_else = "the network had been cut by the bench before", ""
        elif _left_unseen(facts, message, from_s):
            why = "nothing was seen to leave the device since"
            or_else = ", or in less than counts as an upload (`wire: upload_min_bytes`)"
        else:
            continue
        what, to = sound_text(message).capitalize(), message.recipient
        text = (
            f"{what} reached {to} at {clock_text(message.at_s)}, and {why} that was dictated at "
            f"{clock_text(from_s)}: it went by a way that the tap does not watch{or_else}."
        )
        found.append(Reason(text, Part.UPLOADS))
    return found


def _was_cut(facts: Facts, from_s: float, until_s: float) -> bool:
    spans = taken(facts, Deed.NETWORK_OFF, Deed.NETWORK_ON)
    return any(cut_s <= from_s and until_s <= back_s for cut_s, back_s in spans)


def _left_unseen(facts: Facts, message: MessageReceived, from_s: float) -> bool:
    """Whether it is sound, which a tap shows, and no upload began until it arrived."""
    if facts.rig.unseen_uploads or message.audio_s is None or message.audio_s < _LEAST_S:
        return False
    until_s = message.at_s + message.uncertainty_s + _CLOCKS_S
    return not any(u.start_s <= until_s for u in facts.near.uploads.touching(from_s, until_s))
