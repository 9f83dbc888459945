"""What frames hold beside their payload: more than headers is data, whatever it calls itself.

Two things are no payload by the rules of their protocols: what a TCP connection sends again, and
what stands in a frame behind its IP packet. Both are ordinary in small measure, since segments
are lost and short frames padded. But who repeats a number with other bytes, or fills the end of
frames, sends as much as he likes, so what is beyond measure counts.
"""

from dataclasses import replace

import numpy as np

from harness.wire.traffic import Packets

_MOST_HEADER_BYTES = 120
"""Ethernet, two tags, and IP and TCP with all the options that they usually have."""
_ORDINARY_BYTES = 16_384
"""A segment sent again until its connection is given up, or more often than anything is."""
_ORDINARY_IN_ALL_BYTES = 65_536
"""The same for all flows together that repeat more than they say: openings that nobody answers."""


def with_hidden(sent: Packets) -> Packets:
    """The same packets; what they hide counts as payload, of flows that hide more than they say.

    `sent`: in one direction. Nothing changes for a flow that holds no more than its payload beside
    payload and headers; nor for one that holds no more than 16 KiB beside its payload there, unless
    all such flows together hold more than 64 KiB.
    """
    hidden = np.maximum(sent.frame_bytes - sent.payload - _MOST_HEADER_BYTES, 0)
    if hidden.sum() <= _ORDINARY_BYTES:
        return sent
    lanes, lane = np.unique(2 * sent.flow + sent.from_b, return_inverse=True)
    lane = lane.reshape(-1)
    beside = np.bincount(lane, hidden, len(lanes))
    said = np.bincount(lane, sent.payload, len(lanes))
    odd = beside > said
    spread = beside[odd].sum() > _ORDINARY_IN_ALL_BYTES
    hides = odd if spread else beside > _ORDINARY_BYTES + said
    return replace(sent, payload=sent.payload + np.where(hides[lane], hidden, 0))
