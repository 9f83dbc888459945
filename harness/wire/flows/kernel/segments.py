"""Which bytes of a TCP stream are new: a retransmission is not a second upload.

What is missing of a stream is kept as a list of holes, lowest first. Where the lists would grow
without end, bytes are rather counted twice than not at all.
"""

from harness.wire.flows.kernel.marks import inside, part
from harness.wire.flows.room import FREE_HOLE, HOLES, HOLES_LEFT, N_FLOWS, N_HOLES, NEXT, Int, Room

_MASK, _HALF, _FAR = 2**32 - 1, 2**31, 2**24
_MOST_HOLES = 64
_BEFORE_THE_MIDDLE = 65536


@inside
def begin(room: Room, slot: Int, side: Int, sequence: Int, in_the_middle: bool) -> None:
    """The stream begins at `sequence`; what may come late of one already going on is a hole."""
    # Holes may begin before 0: a stream's numbers go on beyond 32 bits here.
    room.flows[slot, NEXT + side] = sequence
    if in_the_middle:
        _add(room, slot, side, -1, sequence - _BEFORE_THE_MIDDLE, sequence)


@part
def fresh(room: Room, slot: Int, side: Int, sequence: Int, size: Int) -> Int:
    """How many of `size` bytes at `sequence` (32 bits) had not come before."""
    if size == 0:
        return 0
    expected = room.flows[slot, NEXT + side]
    ahead = ((sequence - expected + _HALF) & _MASK) - _HALF
    start = expected + ahead
    end = start + size
    if ahead > _FAR or ahead < -_FAR:  # not of this stream any more: begin anew
        forget(room, slot, side)
        room.flows[slot, NEXT + side] = end
        return size
    new: Int = 0
    if ahead < 0:
        new = _fill(room, slot, side, start, min(end, expected))
    if end > expected:
        new += end - max(start, expected)
        room.flows[slot, NEXT + side] = end
        if ahead > 0:
            _append(room, slot, side, expected, start)
    return new


@inside
def forget(room: Room, slot: Int, side: Int) -> None:
    """Give all holes of a stream back."""
    hole = room.flows[slot, HOLES + side]
    while hole >= 0:
        following = room.holes[hole, 2]
        _give_back(room, hole)
        hole = following
    room.flows[slot, HOLES + side] = -1


@inside
def merge_all(room: Room) -> None:
    """Where holes fill the memory meant for them: each stream keeps one, from first to last."""
    for slot in range(room.counters[N_FLOWS]):
        for side in range(2):
            lowest = room.flows[slot, HOLES + side]
            while lowest >= 0 and room.holes[lowest, 2] >= 0:
                second = room.holes[lowest, 2]
                room.holes[lowest, 1] = room.holes[second, 1]
                room.holes[lowest, 2] = room.holes[second, 2]
                _give_back(room, second)


@inside
def _append(room: Room, slot: Int, side: Int, low: Int, high: Int) -> None:
    """A hole above all others; of too many the two lowest become one."""
    last = -1
    hole = room.flows[slot, HOLES + side]
    while hole >= 0:
        last = hole
        hole = room.holes[hole, 2]
    _add(room, slot, side, last, low, high)
    if _count(room, slot, side) > _MOST_HOLES:
        lowest = room.flows[slot, HOLES + side]
        second = room.holes[lowest, 2]
        room.holes[lowest, 1], room.holes[lowest, 2] = room.holes[second, 1], room.holes[second, 2]
        _give_back(room, second)


@inside
def _add(room: Room, slot: Int, side: Int, after: Int, low: Int, high: Int) -> None:
    counters, holes = room.counters, room.holes
    if counters[FREE_HOLE] >= 0:
        hole = counters[FREE_HOLE]
        counters[FREE_HOLE] = holes[hole, 2]
    else:
        hole = counters[N_HOLES]
        counters[N_HOLES] += 1
    counters[HOLES_LEFT] -= 1
    holes[hole, 0], holes[hole, 1] = low, high
    if after >= 0:
        holes[hole, 2] = holes[after, 2]
        holes[after, 2] = hole
    else:
        holes[hole, 2] = room.flows[slot, HOLES + side]
        room.flows[slot, HOLES + side] = hole


@inside
def _count(room: Room, slot: Int, side: Int) -> Int:
    count: Int = 0
    hole = room.flows[slot, HOLES + side]
    while hole >= 0:
        count += 1
        hole = room.holes[hole, 2]
    return count


@inside
def _give_back(room: Room, hole: Int) -> None:
    room.holes[hole, 2] = room.counters[FREE_HOLE]
    room.counters[FREE_HOLE] = hole
    room.counters[HOLES_LEFT] += 1


@inside
def _fill(room: Room, slot: Int, side: Int, start: Int, end: Int) -> Int:
    """Bytes of [start, end) that fall into holes, which are thereby filled."""
    holes = room.holes
    filled: Int = 0
    before = -1
    hole = room.flows[slot, HOLES + side]
    while hole >= 0:
        following = holes[hole, 2]
        low, high = max(holes[hole, 0], start), min(holes[hole, 1], end)
        if low < high:
            filled += high - low
            if low == holes[hole, 0] and high == holes[hole, 1]:
                if before >= 0:
                    holes[before, 2] = following
                else:
                    room.flows[slot, HOLES + side] = following
                _give_back(room, hole)
                hole = following
                continue
            if low == holes[hole, 0]:
                holes[hole, 0] = high
            elif high == holes[hole, 1]:
                holes[hole, 1] = low
            else:  # within it: the only hole that is touched
                if _count(room, slot, side) < _MOST_HOLES:
                    top = holes[hole, 1]
                    holes[hole, 1] = low
                    _add(room, slot, side, hole, high, top)
                return filled
        before, hole = hole, following
    return filled
