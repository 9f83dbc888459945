"""What the fuzzer begins with: sound inputs of every kind, made by code, for each target."""

import gzip
import io
import struct
import zlib

import numpy as np
import soundfile

from benchmarks.wire_hellos import (
    client_hello,
    dns_answer,
    dns_query,
    quic_initials,
    tls_record,
)
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT
from tests.wire.flows.frames import (
    ACK,
    CLOUD,
    DEVICE,
    FIN,
    RESOLVER,
    SYN,
    T0,
    block,
    fragments,
    ipv6_frame,
    pcap_bytes,
    tagged,
    udp,
)

_LONG = tls_record(client_hello("long.test", ech=True, pad=900))
_ANSWER = udp_frame(RESOLVER, 53, DEVICE, 5, dns_answer("a.test", [bytes(4)] * 40))
_CHAIN = bytes([43, 0]) + bytes(6) + bytes([60, 0]) + bytes(6) + bytes([17, 1]) + bytes(14)
LEASE = (
    b"\1\1\6\0" + bytes(24) + b"\2SAY\0\2" + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63"
    b"\x35\1\3\x0c\7speaker\x3c\4udhc\x32\4\x0a\x4d\0\2\x51\x0a\0\0\0kettle.x\xff"
)  # fmt: skip
_MULTICAST = (
    struct.pack("!HHHHHH", 0, 0x8400, 0, 1, 0, 1)
    + b"\6kettle\5local\0" + struct.pack("!HHIH", 1, 0x8001, 120, 4) + bytes([10, 77, 0, 9])
    + b"\xc0\x0c" + struct.pack("!HHIH", 28, 0x8001, 120, 16) + bytes(16)
)  # fmt: skip
FRAMES = (
    tcp_frame(DEVICE, 4000, CLOUD, 443, 1, b"", SYN),
    tcp_frame(CLOUD, 443, DEVICE, 4000, 70, b"", SYN | ACK, 2),
    tcp_frame(DEVICE, 4000, CLOUD, 443, 2, _LONG[:600]),
    tcp_frame(DEVICE, 4000, CLOUD, 443, 602, _LONG[600:]),
    tcp_frame(DEVICE, 4000, CLOUD, 443, 2, _LONG[:600]),
    tcp_frame(DEVICE, 4000, CLOUD, 443, 9000, b"late", FIN | ACK),
    tcp_frame(DEVICE, 4001, CLOUD, 443, 9, tls_record(client_hello("b.test"))),
    tcp_frame(RESOLVER, 53, DEVICE, 4002, 1, b"\0\x1d" + dns_answer("t.test", [])[:29]),
    udp_frame(DEVICE, 5, RESOLVER, 53, dns_query("a.test")),
    udp_frame(RESOLVER, 53, DEVICE, 5, dns_answer("a.test", [bytes(4), bytes(4)])),
    udp_frame(RESOLVER, 53, DEVICE, 5, dns_answer("six.test", [bytes(16)])),
    *fragments(_ANSWER, 256),
    udp_frame(DEVICE, 6, CLOUD, 443, quic_initials(client_hello("q.test"), b"12345678")[0]),
    udp_frame(DEVICE, 5353, "224.0.0.251", 5353, _MULTICAST),
    udp_frame(DEVICE, 68, "255.255.255.255", 67, LEASE),
    udp_frame(DEVICE, 7, CLOUD, CANARY_PORT, CANARY_MARK + b"n1"),
    tagged(ipv6_frame("fe80::2", "fe80::1", 0, bytes([17, 0]) + bytes(6) + udp(1, 2, b"x")), 7),
    ipv6_frame("fe80::2", "fe80::1", 0, _CHAIN + udp(1, 2, b"y" * 20)),
    ipv6_frame("fe80::2", "fe80::1", 44, b"\x11\0\0\1" + struct.pack("!I", 9) + udp(1, 2, b"")),
    ipv6_frame("fe80::1", "fe80::2", 58, b"\x80\0\0\0"),
    bytes(12) + b"\x08\x06" + bytes(28),
    b"",
)  # fmt: skip
_TIMED = [(T0 + n / 7, frame) for n, frame in enumerate(FRAMES)]
_OLD = block(2, struct.pack("<HHIIII", 0, 9, 1, 2, 14, 14) + bytes(16))
_UNTIMED = block(3, struct.pack("<I", 14) + bytes(16))


def captures() -> list[bytes]:
    """Files of every form, both byte orders, several sections, old and untimed blocks."""
    return [
        pcapng_bytes(_TIMED),
        pcapng_bytes(_TIMED, byte_order=">"),
        pcap_bytes(_TIMED),
        pcap_bytes(_TIMED, ">", nano=True),
        pcapng_bytes(_TIMED[:3]) + pcapng_bytes(_TIMED[3:6], byte_order=">"),
        pcapng_bytes(_TIMED[:1], dropped=None) + _OLD + _UNTIMED,
        pcapng_bytes([], dropped=None),
    ]


def packed_frames() -> list[bytes]:
    """Frames as the target `packets` takes them: two bytes of length before each."""
    together = b"".join(struct.pack("!H", len(frame)) + frame for frame in FRAMES)
    return [together, *(struct.pack("!H", len(frame)) + frame for frame in FRAMES)]


def names() -> list[bytes]:
    """Messages of DNS and multicast DNS, with pointers, of several shapes."""
    return [
        dns_query("a.test"),
        dns_answer("a.test", [bytes(4)] * 3),
        dns_answer("six.test", [bytes(16)]),
        _MULTICAST,
        struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0) + b"\xc0\x0c\0\1\0\1",
    ]


def hellos() -> list[bytes]:
    """What a TLS client sends first, whole, in two records, padded, with ECH."""
    hello = client_hello("a.test")
    return [
        b"\xff" + tls_record(hello),
        b"\x20" + tls_record(hello[:50]) + tls_record(hello[50:]),
        b"\xff" + _LONG,
        b"\x05" + tls_record(client_hello(None, ())),
    ]


def quic_frames() -> list[bytes]:
    """Frames of an Initial packet: crypto pieces in any order, acknowledgements, a close."""
    hello = client_hello("q.test", ("h3",))
    whole = b"\x06\x40\x00" + struct.pack("!H", 0x4000 | len(hello)) + hello
    second = b"\x06\x40\x40" + struct.pack("!H", 0x4000 | (len(hello) - 64)) + hello[64:]
    return [
        whole,
        b"\x01\x00\x00" + second,
        b"\x02\x05\x00\x01\x00\x00\x01" + whole,
        b"\x1c\x00\x00\x03bye",
    ]


def bodies() -> list[bytes]:
    """What requests carry, and requests: forms, packed bytes, calls of gRPC, frames of HTTP/3."""
    sound = bytes(range(200)) * 2
    field = b"\x12\x90\x03" + sound
    call = b"".join(b"\x00" + struct.pack("!I", len(m)) + m for m in (b"\x08\x01" + field, field))
    packed = gzip.compress(field, mtime=0)
    form = b'--q\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + sound + b"\r\n--q--\r\n"
    return [
        form,
        gzip.compress(form, mtime=0) + b"more",
        zlib.compress(sound),
        call,
        b"\x01" + struct.pack("!I", len(packed)) + packed,
        b"\x01\x05heads\x00" + struct.pack("!H", 0x4000 | len(call)) + call + b"\x21\x00",
        b"POST / HTTP/1.1\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n" + packed,
    ]


def sound_files() -> list[bytes]:
    """A fifth of a second in each form that has frames."""
    found = []
    for form, subtype in (("FLAC", "PCM_16"), ("OGG", "OPUS"), ("MP3", "MPEG_LAYER_III")):
        file = io.BytesIO()
        sound = np.sin(np.arange(3_200) ** 1.3 / 40).astype(np.float32)
        soundfile.write(file, sound, 16_000, format=form, subtype=subtype)
        found.append(file.getvalue())
    return found


def leases() -> list[bytes]:
    """What hosts ask of a DHCP server."""
    return [LEASE, LEASE[:240] + b"\x0c\1a\xff"]
