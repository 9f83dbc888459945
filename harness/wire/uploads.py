"""Flows -> uploads: bursts of data from the device, too much to be its idle traffic.

A burst is what one side of one flow sends with no pause longer than `gap_s`. It is an upload when
it holds at least `min_bytes` of payload, TLS and HTTP included. What cannot be read (malformed
packets, frames without IP) is a flow of its own: unreadable is not idle.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from harness.bench.ports.canary import CanaryFlow
from harness.bench.ports.capture_files import capture_files
from harness.errors import RigError
from harness.model.timeline import Upload
from harness.wire.flows import FlowReader, Reading, read_files
from harness.wire.flows import room as r
from harness.wire.flows.names import Names
from harness.wire.flows.record import flow_of
from harness.wire.report import UploadLimits, WireReport
from harness.wire.traffic import LinkFlows, PacketLog, Packets

_UNREADABLE = -1


def wire_report(
    path: Path,
    device_address: str,
    harness_flows: Collection[CanaryFlow],
    limits: UploadLimits,
    nonces: Collection[bytes] | None,
) -> WireReport:
    """What `read_wire` promises."""
    log = PacketLog(nonces)
    reader = FlowReader(on_packets=log.take)
    files = capture_files(path)
    batches = list(read_files(files.paths or [path], reader))
    reading = reader.reading
    _refuse_unsound(path, reading)
    flows = LinkFlows.of(batches, device_address, harness_flows)
    packets = flows.theirs(log.packets())
    outward = packets.lines(~flows.is_inward(packets))
    return WireReport(
        _uploads(outward, flows, reader.names, limits),
        flows.traffic(packets, log.canaries),
        reading.truncated > 0,
        sum(reading.malformed.values()),
        reading.dropped,
        files.overwritten,
    )


def _refuse_unsound(path: Path, reading: Reading) -> None:
    if reading.damage:
        first = reading.damage[0]
        raise RigError(
            f"capture: {path} is not a sound pcapng or pcap file: at byte {first.offset}, "
            f"{first.why}. Its evidence proves nothing; play the scene again."
        )
    if others := reading.malformed.get(r.KINDS[r.BAD_LINK]):
        raise RigError(
            f"capture: {path} holds {others} packets of a link that is not Ethernet, and nothing "
            "else is read: capture on the link itself, not on `any`"
        )


def _uploads(
    sent: Packets, flows: LinkFlows, names: Names, limits: UploadLimits
) -> tuple[Upload, ...]:
    sent = sent.lines(sent.payload > 0)
    if len(sent.ns) == 0:
        return ()
    lane = np.where(flows.has_ip(sent), 2 * sent.flow + sent.from_b, _UNREADABLE)
    order = np.argsort(lane, kind="stable")
    sent, lane = sent.lines(order), lane[order]
    begins = (np.diff(lane) != 0) | (np.diff(sent.ns) > round(limits.gap_s * 1e9))
    first = np.flatnonzero(np.append(True, begins))
    last = np.append(first[1:], len(lane)) - 1
    counts = np.add.reduceat(sent.payload, first)
    found = [
        Upload(
            int(sent.ns[start]) / 10**9,
            int(sent.ns[end]) / 10**9,
            int(count),
            _destination(flows, names, int(sent.flow[start]), bool(sent.from_b[start])),
        )
        for start, end, count in zip(first, last, counts, strict=True)
        if count >= limits.min_bytes
    ]
    return tuple(sorted(found, key=lambda upload: (upload.start_s, upload.end_s)))


def _destination(flows: LinkFlows, names: Names, number: int, from_b: bool) -> str:
    line, hello = flows.line(number)
    flow = flow_of(line, hello, ())
    if flow.protocol == 0 and not flow.a.address:
        return "unreadable frames"
    to = flow.a if from_b else flow.b
    high = r.A_HI if from_b else r.B_HI
    known = names.of_address(line[high], line[high + 1])
    # Several names for one address: which one was meant is not known, so none is claimed.
    host = known[0] if len(known) == 1 else to.address
    if flow.server_name is not None and not from_b:
        host = flow.server_name
    return f"{host}:{to.port}" if to.port else f"{host} (IP protocol {flow.protocol})"
