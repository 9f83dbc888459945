"""What the bench made of the network, and how long that may have held up what the device sent."""

from collections.abc import Iterator

from harness.judge.facts import FOREVER_S, Frame
from harness.judge.order import Span
from harness.model.script import Deed
from harness.model.timeline import DeedDone

_NETWORK = (Deed.NETWORK_OFF, Deed.NETWORK_POOR, Deed.NETWORK_ON)
_LETS_GO_S = 2.0
"""What had waited passes at once when the network is good again: by then it has arrived."""


def held_up_s(frame: Frame, at_s: float) -> float:
    """How long (s) what arrived at `at_s` may have been under way by the bench's doing; else 0.

    The tap sees a packet before the bench holds it up, so that it may have left so much earlier.
    """
    longest_s = 0.0
    for deed, over_s in _poor(frame):
        if deed.network is not None and deed.at_s <= at_s <= over_s:
            longest_s = max(longest_s, min(deed.network.longest_s, at_s - deed.at_s))
    return longest_s


def poor_spans(frame: Frame) -> list[Span]:
    """Spans (s) in which what arrives may have left long before."""
    return [(deed.at_s, over_s) for deed, over_s in _poor(frame)]


def _poor(frame: Frame) -> Iterator[tuple[DeedDone, float]]:
    """Each deed that made the network poor, and until when (s) that shows."""
    changes = [deed for deed in frame.deeds if deed.deed in _NETWORK]
    for index, deed in enumerate(changes):
        if deed.network is not None:
            last = index + 1 == len(changes)
            yield deed, FOREVER_S if last else changes[index + 1].at_s + _LETS_GO_S


def was_poor(frame: Frame, at_s: float) -> bool:
    """Whether the network was poor, not gone, at `at_s`."""
    before = [deed for deed in frame.deeds if deed.deed in _NETWORK and deed.at_s < at_s]
    return bool(before) and before[-1].deed is Deed.NETWORK_POOR
