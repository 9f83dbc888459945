"""Pauses that the network made: a sender of TCP waited until what it had sent was acknowledged.

What a device said in time may leave late where its network is poor. Such a pause shows: bytes are
sent again in it, and the first packet that comes back is followed at once by new ones. A device
that pauses by itself sends nothing twice, or goes on when nothing has come. QUIC does not show it.
"""

from collections.abc import Mapping

import numpy as np

from harness.wire.flows import room as r
from harness.wire.traffic import Packets

_AT_ONCE_NS = 100_000_000
_LEAST_NS = 1_000_000_000
_LONGER = 2.5
"""Each wait for an acknowledgement is about twice as long as the one before (RFC 6298)."""


class Stalls:
    """Which pauses of a device's connections the network made."""

    def __init__(self, sent: Packets, arrived: Packets) -> None:
        """`sent`: all of the device's packets; `arrived`: all of those to it."""
        self._repeats = _by_flow(sent.lines(sent.again > 0))
        known = np.isin(arrived.flow, list(self._repeats))
        self._arrived = _by_flow(arrived.lines(known))

    def __contains__(self, pause: tuple[int, int, int]) -> bool:
        """Whether the network made a pause: (flow, its last and first packet around it, Unix ns).

        The wait in which the answer came may be as long as the next one would have been.
        """
        flow, from_ns, until_ns = pause
        repeats = _inside(self._repeats, flow, from_ns, until_ns)
        if not len(repeats):
            return False
        waits = np.diff(np.append(from_ns, repeats))
        last_ns = int(repeats[-1])
        came = _inside(self._arrived, flow, last_ns, until_ns)
        longest_ns = max(_LEAST_NS, round(_LONGER * int(waits.max())))
        at_once = len(came) > 0 and until_ns - int(came[0]) <= _AT_ONCE_NS
        return at_once and until_ns - last_ns <= longest_ns


def _by_flow(packets: Packets) -> dict[int, r.Table]:
    """When the packets of each flow passed (Unix ns), in order."""
    order = np.lexsort((packets.ns, packets.flow))
    ns, flow = packets.ns[order], packets.flow[order]
    names, first = np.unique(flow, return_index=True)
    return dict(zip(names.tolist(), np.split(ns, first[1:]), strict=bool(len(names))))


def _inside(times: Mapping[int, r.Table], flow: int, from_ns: int, until_ns: int) -> r.Table:
    """Those of a flow from one time to another, the ends included."""
    found = times.get(flow, np.zeros(0, np.int64))
    return found[np.searchsorted(found, from_ns) : np.searchsorted(found, until_ns, "right")]
