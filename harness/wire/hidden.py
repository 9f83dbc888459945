"""What TCP connections send again: beyond measure it is data, whatever it calls itself.

It is no payload by the rules, and ordinary in small measure, since segments are lost. But who
repeats a number with other bytes sends as much as he likes, so what is beyond measure counts.
"""

from dataclasses import replace

import numpy as np

from harness.wire.traffic import Packets

_ORDINARY_BYTES = 16_384
"""A segment sent again until its connection is given up, or more often than anything is."""
_ORDINARY_IN_ALL_BYTES = 65_536
"""The same for all flows together that repeat more than they say: openings that nobody answers."""
_OF_SAID = 1.25
"""What was captured at a bridge and its port repeats all that it says, and what was lost."""


def with_hidden(sent: Packets) -> Packets:
    """The same packets; of flows that repeat more than they say, what they repeat is payload.

    `sent`: in one direction. Nothing changes for a flow that repeats no more than a quarter beyond
    its payload; nor for one that repeats no more than 16 KiB beyond that, unless all such flows
    together repeat more than 64 KiB.
    """
    hidden = sent.repeated
    if hidden.sum() <= _ORDINARY_BYTES:
        return sent
    lanes, lane = np.unique(2 * sent.flow + sent.from_b, return_inverse=True)
    lane = lane.reshape(-1)
    beside = np.bincount(lane, hidden, len(lanes))
    said = _OF_SAID * np.bincount(lane, sent.payload, len(lanes))
    odd = beside > said
    spread = beside[odd].sum() > _ORDINARY_IN_ALL_BYTES
    hides = odd if spread else beside > _ORDINARY_BYTES + said
    return replace(sent, payload=sent.payload + np.where(hides[lane], hidden, 0))
