"""Speech that no prompt on file explains."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from harness.ears.cancel import RATE_HZ
from harness.ears.speech import Speech

Span = tuple[int, int]

# A prompt's first sound may be found a little earlier than it is on file; a room rings after it.
_BEFORE, _AFTER = round(0.15 * RATE_HZ), round(0.4 * RATE_HZ)
# Less than this beside a prompt is its own edge.
SHORTEST = round(0.25 * RATE_HZ)


def unexplained(found: Iterable[Speech], prompts: Sequence[Span]) -> list[Speech]:
    """What of the speech that was found is no part of a prompt.

    `prompts`: first sample and one past the last of each, counted as those of the speech are.
    """
    spans = sorted((start - _BEFORE, end + _AFTER) for start, end in prompts)
    return [
        replace(speech, start=start, end=end)
        for speech in found
        for start, end in _gaps(speech.start, speech.end, spans)
    ]


def _gaps(start: int, end: int, spans: Sequence[Span]) -> list[Span]:
    """What is left of a stretch without spans that come in order of their starts."""
    gaps: list[Span] = []
    whole = True
    for first, last in spans:
        if last <= start or first >= end:
            continue
        whole = False
        gaps.append((start, first))
        start = max(start, last)
    gaps.append((start, end))
    return gaps if whole else [gap for gap in gaps if gap[1] - gap[0] >= SHORTEST]
