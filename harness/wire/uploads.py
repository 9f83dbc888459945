"""Flows -> uploads: bursts of data from the device, too much to be its idle traffic.

A burst is what one side of one flow sends with no pause longer than `gap_s` but those that the
network made (`stalls.py`). It is an upload when
it holds at least `min_bytes` of payload, TLS and HTTP included. What cannot be read (malformed
packets, frames without IP) is a flow of its own: unreadable is not idle. Where it is known what the
device sends while idle, uploads are what goes beyond that (`idle/`), whatever its size.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np

from harness.bench.ports.canary import CanaryFlow
from harness.bench.ports.capture_files import capture_files
from harness.errors import RigError
from harness.model.timeline import Upload
from harness.wire.covert import NamesAsked, Seen, with_ways
from harness.wire.declared import Declared
from harness.wire.flows import FlowReader, Reading, read_files
from harness.wire.flows import room as r
from harness.wire.flows.names import Names
from harness.wire.flows.record import flow_of
from harness.wire.flows.room import Bytes
from harness.wire.hidden import with_hidden
from harness.wire.idle.detect import Sent, uploads_beyond
from harness.wire.idle.lanes import far_end
from harness.wire.report import UploadLimits, WireReport
from harness.wire.stalls import Stalls
from harness.wire.traffic import LinkFlows, PacketLog, Packets

_UNREADABLE = -1


def wire_report(
    path: Path,
    device_address: str,
    harness_flows: Collection[CanaryFlow],
    limits: UploadLimits,
    nonces: Collection[bytes] | None,
    declared: Declared,
) -> WireReport:
    """What `read_wire` promises."""
    log = PacketLog(device_address, nonces)
    asked = NamesAsked(declared.names_known, device_address)

    def keep(data: Bytes, rows: r.Table) -> None:
        log.take(data, rows)
        asked.take(data, rows)

    reader = FlowReader(on_packets=keep)
    files = capture_files(path)
    batches = list(read_files(files.paths or [path], reader))
    reading = reader.reading
    refuse_unsound(path, reading)
    flows = LinkFlows.of(batches, device_address, harness_flows)
    packets = flows.theirs(log.packets())
    is_inward = flows.is_inward(packets)
    outward = with_hidden(packets.lines(~is_inward))
    inward = packets.lines(is_inward)

    def destination(number: int, from_b: bool) -> str:
        return destination_of(flows, reader.names, number, from_b)

    seen = Seen(flows, reader.names, asked, destination)
    if declared.profile is None:
        uploads = _uploads(outward, Stalls(outward, inward), flows, reader.names, limits)
    else:
        lanes = _lanes(outward, flows, reader.names)
        uploads = tuple(uploads_beyond(declared.profile, lanes))
    return WireReport(
        with_ways(uploads, outward, seen, declared),
        flows.traffic(packets, log.canaries),
        reading.truncated > 0,
        sum(reading.malformed.values()),
        reading.dropped,
        files.overwritten,
    )


def refuse_unsound(path: Path, reading: Reading) -> None:
    """Raise `RigError` where a capture proves nothing."""
    if reading.damage:
        first = reading.damage[0]
        raise RigError(
            f"capture: {path} is not a sound pcapng or pcap file: at byte {first.offset}, "
            f"{first.why}. Its evidence proves nothing; play the scene again."
        )
    if untimed := reading.malformed.get(r.KINDS[r.UNTIMED]):
        raise RigError(
            f"capture: {path} holds {untimed} packets without a time, so what they were part of is "
            "not known: capture with dumpcap or tcpdump"
        )
    if others := reading.malformed.get(r.KINDS[r.BAD_LINK]):
        raise RigError(
            f"capture: {path} holds {others} packets of a link that is not read (Ethernet, "
            "Linux cooked, raw IP and loopback are): capture on the wire, not by radio"
        )


def _uploads(
    sent: Packets, stalls: Stalls, flows: LinkFlows, names: Names, limits: UploadLimits
) -> tuple[Upload, ...]:
    sent = sent.lines(sent.payload > 0)
    if len(sent.ns) == 0:
        return ()
    lane = np.where(flows.has_ip(sent), 2 * sent.flow + sent.from_b, _UNREADABLE)
    order = np.argsort(lane, kind="stable")
    sent, lane = sent.lines(order), lane[order]
    others = np.diff(lane) != 0
    paused = ~others & (np.diff(sent.ns) > round(limits.gap_s * 1e9))
    for n in np.flatnonzero(paused).tolist():
        paused[n] = (int(sent.flow[n]), int(sent.ns[n]), int(sent.ns[n + 1])) not in stalls
    first = np.flatnonzero(np.append(True, others | paused))
    # Where a clock was set back meanwhile, the last packet is not the latest.
    begins, ends = np.minimum.reduceat(sent.ns, first), np.maximum.reduceat(sent.ns, first)
    counts = np.add.reduceat(sent.payload, first)
    found = [
        Upload(
            int(begun) / 10**9,
            int(ended) / 10**9,
            int(count),
            destination_of(flows, names, int(sent.flow[start]), bool(sent.from_b[start])),
        )
        for start, begun, ended, count in zip(first, begins, ends, counts, strict=True)
        if count >= limits.min_bytes
    ]
    return tuple(sorted(found, key=lambda upload: (upload.start_s, upload.end_s)))


def _lanes(sent: Packets, flows: LinkFlows, names: Names) -> list[Sent]:
    """What was sent, by the direction of the flow that carried it."""
    sent = sent.lines(sent.payload > 0)
    lane = 2 * sent.flow + sent.from_b
    order = np.lexsort((sent.ns, lane))
    sent, lane = sent.lines(order), lane[order]
    first = np.flatnonzero(np.diff(lane, prepend=-1))
    found = []
    for low, high in zip(first, np.append(first[1:], len(lane)), strict=True):
        number, from_b = int(sent.flow[low]), bool(sent.from_b[low])
        far = far_end(*flows.line(number), names, from_b)
        where = destination_of(flows, names, number, from_b)
        found.append(Sent(far, where, sent.ns[low:high], sent.payload[low:high]))
    return found


def destination_of(flows: LinkFlows, names: Names, number: int, from_b: bool) -> str:
    """To whom a flow goes, as uploads say it: host name where known, else address, with port."""
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
