"""What a fuzzer calls: any bytes whatever must be read without an error, and nothing be lost."""

import numpy as np

from harness.wire.flows import FlowReader, Reading

_PIECE = 61
_MOST_FLOWS = 256  # a table that is quick to go through where nothing is compiled


def one_input(data: bytes) -> Reading:
    """Read `data` as a capture, whole and in pieces; raises `AssertionError` where that differs."""
    whole, reading = _read(data, max(1, len(data)))
    parts, again = _read(data, _PIECE)
    if not reading.damage and not again.damage:
        assert whole == parts, "pieces are not read like the whole"
    assert reading.packets >= 0 and all(each.skipped_bytes >= 0 for each in reading.damage)
    return reading


def _read(data: bytes, piece: int) -> tuple[list[list[int]], Reading]:
    packets = []
    reader = FlowReader(
        on_packets=lambda _, rows: packets.append(rows.copy()), most_flows=_MOST_FLOWS
    )
    reader.begin_file()
    for at in range(0, len(data), piece):
        reader.feed(data[at : at + piece])
    batch = reader.finish()
    flows = list(batch.flows())
    reading = reader.reading
    for total, name in ((reading.packets, "packets"), (reading.frame_bytes, "frame_bytes")):
        assert total == sum(getattr(flow.a, name) + getattr(flow.b, name) for flow in flows)
    assert reading.packets == int(batch.slices[:, 2:4].sum()) == sum(map(len, packets))
    assert reading.frame_bytes == int(batch.slices[:, 4:6].sum())
    for flow in flows:
        assert min(flow.a.payload_bytes, flow.b.payload_bytes) >= 0
        assert min(flow.a.repeated_bytes, flow.b.repeated_bytes) >= 0
        assert flow.host is not None
    order = np.argsort(batch.table[:, 10], kind="stable")
    return batch.table[order].tolist(), reading
