"""The one way in: a job by its number, with the tables it works on.

`words`: numbers that go in and come out, columns as in `harness.wire.flows.words`.
"""

from typing import Any

from numba import carray, types  # type: ignore[attr-defined]

from harness.wire.flows import words as w
from harness.wire.flows.kernel.hellos import client_hello
from harness.wire.flows.kernel.marks import compiled
from harness.wire.flows.kernel.passes import (
    end_slices,
    next_block,
    pcap_pass,
    pcapng_pass,
    release,
)
from harness.wire.flows.kernel.segments import merge_all
from harness.wire.flows.kernel.table import index_again
from harness.wire.flows.room import (
    COUNTERS,
    EVENT_COLUMNS,
    FLOW_COLUMNS,
    FRAGMENT_COLUMNS,
    HOLE_COLUMNS,
    INTERFACE_COLUMNS,
    PACKET_FIELDS,
    ROW_COLUMNS,
    SLICE_COLUMNS,
    Bytes,
    Room,
    Table,
)

_POINTER: Any = types.CPointer
_NUMBERS, _OCTETS = _POINTER(types.int64), _POINTER(types.uint8)
SIGNATURE: Any = types.void(_NUMBERS, _OCTETS, _OCTETS, *(_NUMBERS for _ in Room._fields))


@compiled
def work(words: Table, data: Bytes, keep: Bytes, room: Room) -> None:
    """Do what `words` say."""
    job, at, end, big = words[w.JOB], words[w.AT], words[w.END], words[w.BIG] != 0
    if job == w.PCAPNG_PASS:
        words[w.AT], words[w.WHY] = pcapng_pass(data, at, end, big, room)
    elif job == w.PCAP_PASS:
        words[w.AT], words[w.WHY] = pcap_pass(data, at, end, big, room)
    elif job == w.NEXT_BLOCK:
        words[w.AT] = next_block(data, at, end, big)
    elif job == w.RELEASE:
        release(room, keep)
    elif job == w.END_SLICES:
        words[w.AT] = end_slices(room, keep, at)
    elif job == w.MERGE_ALL:
        merge_all(room)
    elif job == w.INDEX_AGAIN:
        index_again(room)
    elif job == w.CLIENT_HELLO:
        sound, name, size, alpn, alpn_size, hidden = client_hello(data, at, end)
        words[w.SOUND], words[w.NAME_AT], words[w.NAME_SIZE] = sound, name, size
        words[w.ALPN_AT], words[w.ALPN_SIZE], words[w.HIDDEN] = alpn, alpn_size, hidden


def entry(
    numbers: Any, octets: Any, kept: Any, counters: Any, flows: Any, slots: Any, holes: Any,
    fragments: Any, events: Any, slices: Any, rows: Any, interfaces: Any, packet: Any,
) -> None:  # fmt: skip
    """`work`, as C calls it: each table by the place where it begins."""
    words = carray(numbers, (w.WORDS,))
    room = Room(
        carray(counters, (COUNTERS,)),
        carray(flows, (words[w.N_FLOWS], FLOW_COLUMNS)),
        carray(slots, (words[w.N_SLOTS],)),
        carray(holes, (words[w.N_HOLES], HOLE_COLUMNS)),
        carray(fragments, (words[w.N_FRAGMENTS], FRAGMENT_COLUMNS)),
        carray(events, (words[w.N_EVENTS], EVENT_COLUMNS)),
        carray(slices, (words[w.N_SLICES], SLICE_COLUMNS)),
        carray(rows, (words[w.N_ROWS], ROW_COLUMNS)),
        carray(interfaces, (words[w.N_INTERFACES], INTERFACE_COLUMNS)),
        carray(packet, (PACKET_FIELDS,)),
    )
    data = carray(octets, (words[w.N_DATA],))
    work(words, data, carray(kept, (words[w.N_KEPT],)), room)
