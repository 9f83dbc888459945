"""What is fuzzed: each target takes any bytes; whatever it raises is a finding.

An error may cost the packet that it is in, and must then be counted; it never costs the run.
"""

import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.wire_hellos import sealed_initial
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame
from harness.errors import RigError
from harness.wire import read_wire
from harness.wire.flows.formats import LONGEST_NAME
from harness.wire.flows.messages import dhcp_request, dns_addresses, dns_text
from harness.wire.flows.quic import InitialReader, NotInitialError
from harness.wire.payload import http1, http2, http3
from harness.wire.payload.body import Body
from harness.wire.payload.files import framed
from harness.wire.payload.parts import leaves
from harness.wire.payload.timed import Timed
from harness.wire.talk import read_talk
from tests.fuzz import seeds
from tests.wire.flows.frames import CLOUD, DEVICE, SYN, T0
from tests.wire.flows.fuzz import one_input

_MOST_FRAMES = 64


@dataclass(frozen=True)
class Target:
    """A reader: what it is called with, and sound inputs to begin with.

    `costs`: how many inputs of another one takes, about, where nothing is compiled.
    """

    run: Callable[[bytes], object]
    seeds: Callable[[], list[bytes]]
    costs: int = 1


def packets(data: bytes) -> None:
    """Frames in a sound file: every change reaches what reads packets, and none is lost."""
    frames, at = [], 0
    while at + 2 <= len(data) and len(frames) < _MOST_FRAMES:
        size = min(struct.unpack_from("!H", data, at)[0], len(data) - at - 2)
        frames.append((T0 + len(frames), data[at + 2 : at + 2 + size]))
        at += 2 + size
    reading = one_input(pcapng_bytes(frames))
    assert reading.packets == len(frames) and not reading.damage and not reading.truncated


def dns(data: bytes) -> None:
    """A message, asked for or announced: names that are names, or one of the documented errors."""
    for is_asked in (True, False):
        try:
            for address, name in dns_addresses(data, is_asked):
                assert len(address) in (4, 16) and len(name) <= LONGEST_NAME
                assert name.isprintable()
        except (struct.error, IndexError, UnicodeDecodeError):
            continue
    text = dns_text(data)
    assert text is None or len(text) <= LONGEST_NAME


def dhcp(data: bytes) -> None:
    """What a host asks for."""
    try:
        request = dhcp_request(data)
    except (struct.error, IndexError, UnicodeDecodeError):
        return
    assert request is None or request.host_name is None or request.host_name.isprintable()


def tls(data: bytes) -> None:
    """The beginning of a connection, in segments of the size that the first byte says."""
    size = 1 + data[0] * 6 if data else 1
    stream = data[1:4000]
    frames = [(T0, tcp_frame(DEVICE, 4000, CLOUD, 443, 99, b"", SYN))]
    for number, at in enumerate(range(0, len(stream), size)):
        frame = tcp_frame(DEVICE, 4000, CLOUD, 443, 100 + at, stream[at : at + size])
        frames.append((T0 + 1 + number, frame))
    reading = one_input(pcapng_bytes(frames))
    assert reading.sound and reading.packets == len(frames)


def quic(data: bytes) -> None:
    """Datagrams as they are, and as the frames of a packet that can be opened."""
    reader = InitialReader()
    for datagram in (data, sealed_initial(b"12345678", 1, data[:1000])):
        try:
            hello = reader.take(datagram)
        except NotInitialError:
            continue
        assert hello is None or len(hello) >= 4


def wire(data: bytes) -> None:
    """A whole file as a play and `sayso wire` read it: a report, or an error that says why."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.pcapng"
        path.write_bytes(data)
        try:
            report = read_wire(path, DEVICE, nonces=[b"n1"])
        except RigError:
            report = None
        talk = read_talk(path, DEVICE)
    assert all(upload.bytes_out >= 0 for upload in report.uploads) if report else True
    told = sum(peer.sent.packets + peer.received.packets for peer in talk.peers)
    assert told == talk.packets


def bodies(data: bytes) -> None:
    """What an open device says, in three protocols, taken apart: never more than was there."""
    sent = Timed.of([(data[: len(data) // 2], T0), (data[len(data) // 2 :], T0 + 1)])
    found = [*http1.bodies(sent), *http2.bodies(sent), *http3.bodies({0: (sent, True)})]
    found += [Body(sent, encoding=encoding) for encoding in ("", "gzip", "deflate", "br", "x")]
    for body in found:
        assert len(body.content) <= len(data)
        assert sum(leaf.wire for leaf in leaves(body)) <= len(body.content) + len(data) // 50


def files(data: bytes) -> None:
    """A sound file by its frames: never more sound, nor more beside it, than was there."""
    found = framed(data)
    if found is not None:
        assert len(found.spare) <= len(data)
        assert 0 <= found.taken(len(data), 0.0) <= len(data)


TARGETS = {
    "bodies": Target(bodies, seeds.bodies),
    "files": Target(files, seeds.sound_files),
    "capture": Target(one_input, seeds.captures),
    "packets": Target(packets, seeds.packed_frames),
    "dns": Target(dns, seeds.names),
    "dhcp": Target(dhcp, seeds.leases),
    "tls": Target(tls, seeds.hellos),
    "quic": Target(quic, seeds.quic_frames),
    "wire": Target(wire, seeds.captures, costs=10),
}
