"""Room for open flows: grows as more are open, gives back those that ended, has a limit."""

import numpy as np

from harness.wire.flows.machine import end_slices, index_again, merge_all, release
from harness.wire.flows.names import Hello, Names
from harness.wire.flows.record import Batch, empty_table
from harness.wire.flows.room import (
    B_HI,
    B_LO,
    FIN_A,
    FIN_B,
    FLAGS,
    FLOW_COLUMNS,
    HOLES_LEFT,
    ID,
    LAST_NS,
    LATEST_NS,
    N_FLOWS,
    N_SLICES,
    REPLACED,
    RESET,
    SLICE_COLUMNS,
    Flags,
    Int,
    Table,
    new_room,
)

_FLOWS, _HOLES, _EVENTS = 16_384, 4_096, 4_096
_LINGER_NS = 30 * 10**9


class OpenFlows:
    """Keeps the tables, and gathers what they hand out."""

    def __init__(
        self, names: Names, slice_ns: int, rows: int, most_flows: int, idle_ns: int
    ) -> None:
        """`rows`: packets to keep between two looks at them; the others as for `FlowReader`."""
        self._names, self._most, self._idle_ns = names, most_flows, idle_ns
        self.room = new_room(min(_FLOWS, most_flows), _HOLES, _EVENTS, rows, slice_ns)
        self.evicted = 0
        self._tables: list[Table] = []
        self._hellos: list[Hello | None] = []
        self._named: list[tuple[str, ...]] = []
        self._slices: list[Table] = []

    def drain_slices(self) -> None:
        """Set the slices handed out so far aside, so that there is room for more."""
        count = int(self.room.counters[N_SLICES])
        if count:
            self._slices.append(self.room.slices[:count].copy())
            self.room.counters[N_SLICES] = 0

    def make_room(self) -> None:
        """Room for more flows: ended and idle ones go; where few do, the table grows."""
        ended = self._ended()
        size = len(ended)
        if 4 * (size - int(ended.sum())) > 3 * size:
            if 2 * size <= self._most:
                self._grow()
                return
            longest_idle = np.argpartition(self.room.flows[:size, LAST_NS], size // 4)[: size // 4]
            self.evicted += int((~ended[longest_idle]).sum())
            ended[longest_idle] = True
        self.end(~ended)

    def make_room_for_holes(self) -> None:
        """Room for more missing parts of streams, four for each flow there can be at most."""
        room = self.room
        if 2 * len(room.holes) <= max(4 * self._most, _HOLES):
            more = np.zeros_like(room.holes)
            room.counters[HOLES_LEFT] += len(more)
            self.room = room._replace(holes=np.concatenate([room.holes, more]))
        else:
            merge_all(room)

    def end(self, keep: Flags) -> None:
        """Hand out the flows that are not kept."""
        room = self.room
        slot: Int = 0
        count = int(room.counters[N_FLOWS])
        while (slot := end_slices(room, keep, slot)) < count:
            self.drain_slices()
        self.drain_slices()
        release(room, keep)
        table = room.flows[:count][~keep]
        self._tables.append(table)
        for number, high, low in table[:, [ID, B_HI, B_LO]].tolist():
            self._hellos.append(self._names.hello(number))
            self._named.append(self._names.of_address(high, low))
        left = room.flows[:count][keep]
        room.flows[: len(left)] = left
        room.counters[N_FLOWS] = len(left)
        room.fragments[:] = -1
        index_again(room)

    def end_all(self) -> None:
        """Hand out every flow."""
        self.end(np.zeros(int(self.room.counters[N_FLOWS]), np.bool_))

    def take(self) -> Batch:
        """What was handed out since it was last asked for."""
        self.drain_slices()
        batch = Batch(
            np.concatenate(self._tables) if self._tables else empty_table(FLOW_COLUMNS),
            self._hellos,
            self._named,
            np.concatenate(self._slices) if self._slices else empty_table(SLICE_COLUMNS),
        )
        self._tables, self._hellos, self._named, self._slices = [], [], [], []
        return batch

    def _ended(self) -> Flags:
        flows = self.room.flows[: int(self.room.counters[N_FLOWS])]
        latest, last, flags = self.room.counters[LATEST_NS], flows[:, LAST_NS], flows[:, FLAGS]
        both = FIN_A | FIN_B
        closed = ((flags & RESET) != 0) | ((flags & both) == both)
        gone: Flags = (
            ((flags & REPLACED) != 0)
            | (closed & (last < latest - _LINGER_NS))
            | (last < latest - self._idle_ns)
        )
        return gone

    def _grow(self) -> None:
        room = self.room
        flows = np.concatenate([room.flows, np.zeros_like(room.flows)])
        self.room = room._replace(flows=flows, slots=np.zeros(4 * len(flows), np.int64))
        index_again(self.room)
