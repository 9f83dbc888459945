"""Packets -> what was sent to whom, when: for statistics over many plays.

The same destinations as uploads have. Imports what reads captures, which is slow: ask for it where
it is needed.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.bench.ports.canary import CanaryFlow
from harness.wire.flows import FlowReader, read_files
from harness.wire.traffic import LinkFlows, PacketLog
from harness.wire.uploads import destination_of, refuse_unsound

Floats = NDArray[np.float64]


def read_sends(
    path: Path, device_address: str, harness_flows: Collection[CanaryFlow] = ()
) -> dict[str, tuple[Floats, Floats]]:
    """Unix times (s) and payload bytes of the device's packets, by destination, in order of time.

    What is marked as the harness's canary counts as one. Raises `RigError` where the capture is not
    sound.
    """
    log = PacketLog(device_address)
    reader = FlowReader(on_packets=log.take)
    batches = list(read_files([path], reader))
    refuse_unsound(path, reader.reading)
    flows = LinkFlows.of(batches, device_address, harness_flows)
    packets = flows.theirs(log.packets())
    sent = packets.lines(~flows.is_inward(packets) & (packets.payload > 0))
    by_name: dict[str, list[NDArray[np.intp]]] = {}
    for lane in np.unique(2 * sent.flow + sent.from_b).tolist():
        name = destination_of(flows, reader.names, lane // 2, bool(lane % 2))
        by_name.setdefault(name, []).append(np.flatnonzero(2 * sent.flow + sent.from_b == lane))
    found: dict[str, tuple[Floats, Floats]] = {}
    for name, parts in sorted(by_name.items()):
        mine = np.concatenate(parts)
        mine = mine[np.argsort(sent.ns[mine], kind="stable")]
        found[name] = sent.ns[mine] / 1e9, sent.payload[mine].astype(np.float64)
    return found
