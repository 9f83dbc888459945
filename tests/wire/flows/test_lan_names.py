"""Names by DNS records of services, DHCPv6, LLMNR and NetBIOS; the malformed ones are counted.

The answers of DNS were written by dnspython 2.9; what is made by hand here is held against tshark.
"""

import contextlib
import shutil
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wire_hellos import client_hello, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.flows import Flow, FlowReader
from harness.wire.flows.lan_names import dhcp6_request, netbios_names
from harness.wire.flows.messages import dns_addresses, dns_public_names
from tests.wire.flows.frames import ACK, CLOUD, DEVICE, RESOLVER, SYN, T0, ipv6_frame, udp
from tests.wire.flows.test_bad_input import counted

HEAD = (
    "00078180000100010000000005766f696365056d616b657204746573740000410001c00c004100010000012c0071"
)
HTTPS = bytes.fromhex(
    HEAD
    + "00010000010006026833026832000400080a4d00010a4d000800050040003efe0d003a07002000200001020304"
    "05060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f000400010001000b7075626c69632e746573740000"
    "00060010fd000000000000000000000000000007"
)
ALIAS = bytes.fromhex(
    "00088100000100010000000005616c696173056d616b657204746573740000410001c00c004100010000012c001400"
    "0005766f696365056d616b6572047465737400"
)
WRONG = (struct.error, IndexError, UnicodeDecodeError)


def read(frames: list[tuple[float, bytes]]) -> tuple[list[Flow], FlowReader]:
    reader = FlowReader()
    reader.begin_file()
    reader.feed(pcapng_bytes(frames))
    return list(reader.finish().flows()), reader


def answered(message: bytes) -> tuple[float, bytes]:
    return T0, udp_frame(RESOLVER, 53, DEVICE, 4001, message)


def test_hints_of_a_service_name_its_addresses() -> None:
    frames = [
        answered(HTTPS),
        (T0 + 1, udp_frame(DEVICE, 4002, "10.77.0.8", 443, b"x")),
        (T0 + 1, ipv6_frame("fd00::1", "fd00::7", 17, udp(4003, 443, b"x"))),
        (T0 + 2, answered(ALIAS)[1]),
    ]
    flows, reader = read(frames)
    assert [flow.names for flow in flows[1:3]] == [("voice.maker.test",)] * 2
    assert reader.reading.sound and not reader.reading.unnamed


def hello(name: str, ech: bool) -> list[tuple[float, bytes]]:
    said = tls_record(client_hello(name, ech=ech))
    return [
        (T0 + 1, tcp_frame(DEVICE, 4002, CLOUD, 443, 9, b"", SYN)),
        (T0 + 2, tcp_frame(CLOUD, 443, DEVICE, 4002, 5, b"", SYN | ACK, 10)),
        (T0 + 3, tcp_frame(DEVICE, 4002, CLOUD, 443, 10, said)),
    ]


@pytest.mark.parametrize(
    ("name", "ech", "known"),
    [("public.test", True, True), ("voice.maker.test", True, False), ("public.test", False, False)],
)
def test_a_name_that_dns_gave_to_be_shown_instead_is_told_from_one_that_is_meant(
    name: str, ech: bool, known: bool
) -> None:
    flow = read([answered(HTTPS), *hello(name, ech)])[0][1]
    assert (flow.server_name, flow.ech, flow.ech_public) == (name, ech, known)
    assert flow.names == ("voice.maker.test",)


@pytest.mark.parametrize(
    "spoilt",
    [
        HTTPS[:-1],
        HTTPS.replace(b"\0\4\0\x08\x0a", b"\0\4\0\x07\x0a"),
        HTTPS.replace(b"\0\x0bpublic", b"\0\xffpublic").replace(b"\x0bpublic", b"\xffpublic"),
        HTTPS.replace(b"public", b"pub\x01ic"),
        HTTPS.replace(b"\0\x06\0\x10\xfd", b"\0\x06\0\xff\xfd"),
        HTTPS.replace(b"\xfe\x0d\0\x3a", b"\xfe\x0d\x3a\0"),
    ],
    ids=["cut", "half a hint", "name too long", "unprintable", "value too long", "keys too long"],
)
def test_malformed_records_of_services(spoilt: bytes) -> None:
    assert spoilt != HTTPS
    flows, reader = read([answered(spoilt), (T0 + 9, udp_frame(DEVICE, 4000, CLOUD, 9, b"good"))])
    assert reader.reading.unnamed == {"DNS message": 1} and reader.reading.sound
    assert flows[-1].a.payload_bytes == 4


FQDN = b"\0\x27\0\x0f\1\7speaker\4home\0"
VENDOR = b"\0\x10\0\x0c\0\0\x9c\x7d\0\6SAY-04"
LEASE = b"\0\3\0\x28\0\0\0\1" + bytes(8) + b"\0\5\0\x18" + b"\xfd" + bytes(14) + b"\7" + bytes(8)
REQUEST = b"\3\x12\x34\x56" + FQDN + VENDOR + LEASE


def asked_6(message: bytes) -> bytes:
    return ipv6_frame("fe80::1", "ff02::1:2", 17, udp(546, 547, message))


def test_what_a_host_says_of_itself_by_dhcpv6() -> None:
    frames = [
        (T0, asked_6(REQUEST)),
        (T0 + 1, asked_6(b"\x0b\1\1\1" + VENDOR.replace(b"04", b"05"))),
        (T0 + 2, ipv6_frame("fe80::2", "fe80::1", 17, udp(547, 546, b"\7" + REQUEST[1:]))),
    ]
    _, reader = read(frames)
    [host] = reader.names.hosts.values()
    assert (host.host_name, host.vendor_class) == ("speaker.home", "SAY-05")
    assert host.address == b"\xfd" + bytes(14) + b"\7"
    assert not reader.reading.unnamed


@pytest.mark.parametrize(
    "message",
    [
        REQUEST[:3],
        REQUEST[:-1],
        REQUEST.replace(b"\0\6SAY", b"\0\xffSAY"),
        b"\1\0\0\0\0\x27\0\2\0\xc1",
    ],
    ids=["head cut", "option cut", "class too long", "a pointer to nowhere"],
)
def test_malformed_dhcpv6(message: bytes) -> None:
    _, reader = read([(T0, asked_6(message))])
    assert reader.reading.unnamed == {"DHCP message": 1} and reader.reading.sound


def netbios(name: str, flags: int, address: bytes) -> bytes:
    raw = name.upper().ljust(15).encode() + b"\0"
    letters = bytes(0x41 + half for byte in raw for half in (byte >> 4, byte & 0x0F))
    head = struct.pack("!HHHHHH", 9, flags, 0, 1, 0, 0)
    record = struct.pack("!HHIHH", 0x20, 1, 60, 6, 0) + address
    return head + b"\x20" + letters + b"\0" + record


def llmnr(name: str, address: bytes) -> bytes:
    label = bytes([len(name)]) + name.encode() + b"\0"
    head = struct.pack("!HHHHHH", 9, 0x8000, 1, 1, 0, 0)
    record = label + struct.pack("!HHIH", 1, 1, 30, 4) + address
    return head + label + struct.pack("!HH", 1, 1) + record


NAS, PRINTER = bytes([10, 77, 0, 5]), bytes([10, 77, 0, 6])
TOLD = netbios("NAS-2", 0x8500, NAS)


def test_names_that_hosts_tell_each_other() -> None:
    frames = [
        (T0, udp_frame("10.77.0.5", 137, DEVICE, 137, TOLD)),
        (T0 + 1, udp_frame("10.77.0.6", 5355, DEVICE, 5000, llmnr("printer", PRINTER))),
        (T0 + 2, udp_frame(DEVICE, 137, "10.77.0.255", 137, netbios("NAS-2", 0x0110, NAS))),
        (T0 + 3, udp_frame(DEVICE, 4001, "10.77.0.5", 9, b"x")),
        (T0 + 4, udp_frame(DEVICE, 4001, "10.77.0.6", 9, b"x")),
    ]
    flows, reader = read(frames)
    assert [flow.names for flow in flows[3:]] == [("nas-2",), ("printer",)]
    assert not reader.reading.unnamed
    question = netbios("OTHER", 0x0110, NAS)
    assert not list(netbios_names(question)), "who asks tells no address"


@pytest.mark.parametrize("message", [TOLD[:-1], TOLD[:11], TOLD[:12] + b"\x3f" + TOLD[13:]])
def test_malformed_netbios(message: bytes) -> None:
    counted(udp_frame("10.77.0.5", 137, DEVICE, 137, message), "DNS message")


def test_malformed_llmnr() -> None:
    counted(udp_frame("10.77.0.5", 5355, DEVICE, 5, llmnr("a", NAS)[:-1]), "DNS message")


@given(st.binary(max_size=80), st.sampled_from([b"", HTTPS[:60], REQUEST[:30], TOLD[:50]]))
def test_nothing_but_what_is_counted_fails(data: bytes, begins: bytes) -> None:
    message = begins + data
    for reads in (
        lambda: dhcp6_request(message, 1),
        lambda: list(netbios_names(message)),
        lambda: list(dns_addresses(message, is_asked=True)),
        lambda: list(dns_public_names(message)),
    ):
        with contextlib.suppress(WRONG):
            reads()


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_the_same(tmp_path: Path) -> None:
    frames = [
        answered(HTTPS),
        (T0 + 1, asked_6(REQUEST)),
        (T0 + 2, udp_frame("10.77.0.5", 137, DEVICE, 137, TOLD)),
        (T0 + 3, udp_frame("10.77.0.6", 5355, DEVICE, 5000, llmnr("printer", PRINTER))),
    ]
    path = tmp_path / "names.pcapng"
    path.write_bytes(pcapng_bytes(frames))
    fields = ("dns.svcb.svcparam.ipv4hint.ip", "dns.svcb.svcparam.ipv6hint.ip",
              "dhcpv6.client_domain", "dhcpv6.iaaddr.ip", "nbns.name", "nbns.addr", "dns.resp.name",
              "_ws.malformed")  # fmt: skip
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|"]
    command += [part for name in fields for part in ("-e", name)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    https, request, nas, printer = (line.split("|") for line in told.splitlines())
    assert https[:2] == ["10.77.0.1,10.77.0.8", "fd00::7"]
    assert (request[2].rstrip("."), request[3]) == ("speaker.home", "fd00::7")
    assert nas[4].startswith("NAS-2") and nas[5] == "10.77.0.5"
    assert printer[6] == "printer"
    assert not any(line[-1] for line in (https, request, nas, printer))
