"""Bytes of captures in, flows out: pcapng and pcap, whole or as they grow."""

from collections.abc import Callable
from io import FileIO
from pathlib import Path

import numpy as np
import numpy.typing as npt

from harness.wire.flows.buffer import Buffer
from harness.wire.flows.forms import Form, form_of
from harness.wire.flows.names import Names
from harness.wire.flows.openflows import OpenFlows
from harness.wire.flows.record import Batch, Damage, Reading, counted
from harness.wire.flows.room import (
    DAMAGE,
    FLOWS_FULL,
    HOLES_FULL,
    LOST_BEFORE,
    MALFORMED,
    MORE,
    N_ROWS,
    OTHER_BLOCK,
    UNTIMED,
    Table,
)

Piece = npt.NDArray[np.uint8]
_ROWS = 65_536
_HEAD = 24


class FlowReader:
    """Reads the bytes of one capture file after another, in whatever pieces they come.

    After `feed`, `take` gives what has ended since; after the last, `finish` gives the rest. An
    error costs the packet or the stretch of the file it is in; `reading` counts them.
    """

    def __init__(
        self,
        slice_s: float = 1.0,
        on_packets: Callable[[Piece, Table], None] | None = None,
        most_flows: int = 262_144,
        idle_s: float = 3600.0,
    ) -> None:
        """`slice_s`: slices of time in which bytes are counted.

        `on_packets`: is given every packet (columns ROW_* of `room.py`) with the bytes in which its
        payload lies. `most_flows`: open at once, a power of two; beyond it those longest idle end.
        `idle_s`: a flow as long without packets may be ended.
        """
        self._names = Names()
        self._on_packets = on_packets
        rows = 0 if on_packets is None else _ROWS
        slice_ns, idle_ns = round(slice_s * 1e9), round(idle_s * 1e9)
        self._flows = OpenFlows(self._names, slice_ns, rows, most_flows, idle_ns)
        self._reading = Reading()
        self._dropped: int | None = None
        self._skipping: tuple[int, str] | None = None
        self._buffer = Buffer()
        self._begin(None)

    @property
    def reading(self) -> Reading:
        """What was read so far, and what could not be."""
        self._reading.evicted = self._flows.evicted
        self._reading.forgotten_names = self._names.forgotten
        # Of the same losses packets may tell as well as the count at the end.
        before = int(self._flows.room.counters[LOST_BEFORE])
        self._reading.dropped = max(self._dropped or 0, before) if before else self._dropped
        return counted(self._flows.room.counters, self._reading)

    @property
    def names(self) -> Names:
        """Names by address, and what hosts said of themselves."""
        return self._names

    def begin_file(self, path: Path | None = None) -> None:
        """What is fed from now on is another file, which is called `path` where it is damaged."""
        self.end_file()
        self._begin(path)

    def feed(self, data: bytes | bytearray | memoryview | Piece) -> None:
        """The next bytes of the file."""
        piece, taken = np.frombuffer(data, np.uint8), 0
        while taken < len(piece):
            space = self._buffer.space()[: len(piece) - taken]
            space[:] = piece[taken : taken + len(space)]
            taken += len(space)
            self._read_on(len(space))

    def feed_from(self, file: FileIO) -> int:
        """The next bytes of the file, out of it; how many came."""
        count = file.readinto(self._buffer.space().data) or 0
        self._read_on(count)
        return count

    def end_file(self) -> None:
        """Nothing more comes of this file; a packet that it breaks off in is lost, and counted."""
        while len(held := self._buffer.held) and self._form.resumes and self._skipping is None:
            start = self._fed - len(held)
            at = self._form.next_block(held, 4)
            if at > len(held) - 12:
                break
            self._skipping = start, "a block whose end is not where it says"
            self._note_damage(start + at)
            self._buffer.drop(self._read(held, at, start + at))
        if self._skipping is not None:
            self._note_damage(self._fed)
        elif len(self._buffer.held) or (self._fed == 0 and self._path is not None):
            self._reading.truncated += 1
        self._buffer.drop(len(self._buffer.held))

    def take(self) -> Batch:
        """Flows that have ended, and slices of time that are over, since it was last asked for."""
        return self._flows.take()

    def finish(self) -> Batch:
        """End the file and every flow; what `take` would give, and all the rest."""
        self.end_file()
        self._flows.end_all()
        return self._flows.take()

    def _begin(self, path: Path | None) -> None:
        self._path, self._fed = path, 0
        self._form = Form()
        self._skipping = None

    def _read_on(self, count: int) -> None:
        self._buffer.added(count)
        self._fed += count
        held = self._buffer.held
        self._buffer.drop(self._read(held, 0, self._fed - len(held)))

    def _read(self, data: Piece, at: int, offset: int) -> int:
        """Read `data` from `at`, byte `offset` of the file; where a block begins that is cut."""
        base, end = offset - at, len(data)
        while True:
            if not self._form.known:
                if end - at < _HEAD:
                    return at
                self._form = form_of(bytes(data[at : at + _HEAD]))
                at = self._after_head(at, base)
            if self._skipping is not None:
                found = self._form.next_block(data, at)
                if found > end - 12:
                    return min(found, end)
                self._note_damage(base + found)
                at = found
            at, why = self._pass(data, at)
            if why == MORE:
                return at
            if why == OTHER_BLOCK:
                after = self._other(data, at, base)
                if after == at:
                    return at
                at = after
            elif why == DAMAGE:
                self._skipping = base + at, "a block or record that cannot be"
                at = min(at + 4, end)

    def _pass(self, data: Piece, at: int) -> tuple[int, int]:
        flows = self._flows
        room = flows.room._replace(interfaces=self._form.interfaces)
        self._reading.cooked |= self._form.cooked
        after, why = self._form.run(data, at, len(data), self._form.big, room)
        self._names.take(data, room)
        if self._on_packets is not None and room.counters[N_ROWS]:
            self._on_packets(data, room.rows[: int(room.counters[N_ROWS])])
            room.counters[N_ROWS] = 0
        flows.drain_slices()
        if why == FLOWS_FULL:
            flows.make_room()
        elif why == HOLES_FULL:
            flows.make_room_for_holes()
        return int(after), int(why)

    def _after_head(self, at: int, base: int) -> int:
        if self._form.foreign:
            self._skipping = base + at, "it begins neither like pcapng nor like pcap"
            return at
        return at + self._form.head_bytes

    def _other(self, data: Piece, at: int, base: int) -> int:
        """Take a block without a timed packet; `at` again when it is not all there."""
        size = self._form.block_bytes(data, at)
        if size is None:
            return at
        if size < 0 or not self._form.other(bytes(data[at : at + size])):
            self._skipping = base + at, "a block that contradicts itself"
            return min(at + 4, len(data))
        if self._form.dropped:
            self._dropped = (self._dropped or 0) + sum(self._form.dropped)
            self._form.dropped.clear()
        self._flows.room.counters[MALFORMED + UNTIMED] += self._form.untimed
        self._form.untimed = 0
        return at + size

    def _note_damage(self, until: int) -> None:
        assert self._skipping is not None
        offset, why = self._skipping
        self._reading.damage.append(Damage(self._path, offset, why, until - offset))
        self._skipping = None
