"""Sound that arrived, and of which nothing was seen to leave.

A tap sees what a device sends through it. A device that has another radio (a mobile network, a
neighbour's, one of its maker's) sends past it, whatever the canary on the link proves. Where sound
reached somebody and nothing left by the link that could have brought it, an empty link proves
nothing absent.
"""

from collections.abc import Iterable

from harness.judge.chain import Consent
from harness.judge.facts import Facts, Reason
from harness.judge.wording import clock_text, sound_text
from harness.model.ruling import Part

_LEAST_S = 0.5
"""A shorter sound may be too little to be told from idle traffic."""
_CLOCKS_S = 0.5
"""An upload may seem to begin so much later than the message that it brought arrived."""


def past_the_tap(facts: Facts, decided: Iterable[Consent]) -> list[Reason]:
    """Why no upload is proven absent: consented sound arrived, and none was seen to leave since its
    dictation began.
    """
    if not facts.sees("N") or facts.rig.unseen_uploads:
        return []
    found: list[Reason] = []
    for consent in decided:
        message, attempt = consent.message, consent.attempt
        if attempt is None or message.audio_s is None or message.audio_s < _LEAST_S:
            continue
        said = attempt.dictated or attempt.context.mine
        from_s = min((line.start_s for line in said), default=attempt.context.start_s)
        until_s = message.at_s + message.uncertainty_s + _CLOCKS_S
        if any(u.start_s <= until_s for u in facts.near.uploads.touching(from_s, until_s)):
            continue
        text = (
            f"{sound_text(message).capitalize()} reached {message.recipient} at "
            f"{clock_text(message.at_s)}, and nothing was seen to leave the device since it was "
            f"dictated at {clock_text(from_s)}: it went by a way that the tap does not watch, or "
            "in less than counts as an upload (`wire: upload_min_bytes`)."
        )
        found.append(Reason(text, Part.UPLOADS))
    return found
