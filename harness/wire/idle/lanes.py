"""Who is meant by a flow: its far end, under every name by which it was known.

A lane is one direction of a flow. Learning and looking take it from here, so that both mean the
same destination by the same packets.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from harness.wire.flows import room as r
from harness.wire.flows.names import Hello, Names
from harness.wire.flows.record import address as written

UNREADABLE = "unreadable frames"


@dataclass(frozen=True, slots=True)
class FarEnd:
    """Where a lane leads: names (best known first), address, port and protocol of IP.

    `port` is 0 where the far end opened the connection, from a port that means nothing.
    """

    names: tuple[str, ...]
    address: str
    port: int
    protocol: int

    @property
    def host(self) -> str:
        """Its name, or its address; of several names from DNS none is claimed."""
        return self.names[0] if self.names else self.address


def far_end(line: Sequence[int], hello: Hello | None, names: Names, from_b: bool) -> FarEnd:
    """Where the lane leads that side B of a flow of the table sends on (`from_b`), or side A."""
    high = r.A_HI if from_b else r.B_HI
    if r.NOT_IP - 0xFFFF <= line[r.A_HI] <= r.NOT_IP:
        return FarEnd((), UNREADABLE, 0, 0)
    key = line[r.PORTS]
    ports = (key >> 48) & 0xFFFF, (key >> 32) & 0xFFFF
    own, far = (ports[1], ports[0]) if from_b else ports
    known = names.of_address(line[high], line[high + 1])
    called: tuple[str, ...] = known if len(known) == 1 else ()
    if hello is not None and hello.server_name is not None and not from_b:
        called = (hello.server_name, *(name for name in called if name != hello.server_name))
    opened = not from_b and (line[r.FLAGS] & r.MIDDLE) == 0
    port = far if opened or far <= own else 0
    return FarEnd(called, written(line[high], line[high + 1]), port, (key >> 24) & 0xFF)


def is_to(line: Sequence[int], from_b: bool, ends: Collection[tuple[int, int]]) -> bool:
    """Whether a lane leads to one of these addresses (as `halves` gives them)."""
    high = r.A_HI if from_b else r.B_HI
    return (line[high], line[high + 1]) in ends
