"""Host names: real ClientHellos, DNS answers, and nonsense."""

import ssl
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.hosts import NotTlsError, dns_answers, server_name


def client_hello(name: str | None) -> bytes:
    """The first bytes that a real TLS client sends."""
    outgoing = ssl.MemoryBIO()
    context = ssl.create_default_context()
    context.check_hostname = False
    client = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def dns_answer(name: str, address: bytes) -> bytes:
    """A DNS answer with one address, its name given by a pointer."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
    kind = 1 if len(address) == 4 else 28
    head = struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0)
    answer = struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(address)) + address
    return head + labels + struct.pack("!HH", kind, 1) + answer


def test_server_name_of_a_real_client() -> None:
    assert server_name(client_hello("cloud.reference.test")) == "cloud.reference.test"


def test_server_name_takes_as_many_segments_as_it_needs() -> None:
    hello = client_hello("cloud.reference.test")
    assert {server_name(hello[:cut]) for cut in range(len(hello))} == {None}


def test_client_that_asks_for_no_name() -> None:
    with pytest.raises(NotTlsError):
        server_name(client_hello(None))


def test_plain_text_is_no_tls() -> None:
    with pytest.raises(NotTlsError):
        server_name(b"POST /v1/speech HTTP/1.1\r\n")


@given(st.binary(max_size=300), st.integers(0, 200))
def test_nonsense_gives_no_name_and_no_crash(noise: bytes, at: int) -> None:
    hello = client_hello("cloud.reference.test")
    for stream in (noise, hello[:at] + noise, b"\x16\x03\x01" + noise):
        try:
            name = server_name(stream)
        except NotTlsError:
            continue
        assert name is None or name.isascii()


def test_dns_answer_gives_the_name_asked_for() -> None:
    assert dns_answers(dns_answer("Cloud.Reference.test", bytes([10, 77, 0, 1]))) == [
        ("10.77.0.1", "cloud.reference.test")
    ]
    assert dns_answers(dns_answer("a.b", bytes(15) + b"\1")) == [("::1", "a.b")]


@given(st.binary(max_size=120))
def test_dns_nonsense_gives_no_names_or_printable_addresses(noise: bytes) -> None:
    for payload in (noise, dns_answer("a.b", b"\1\2\3\4")[:20] + noise):
        assert isinstance(dns_answers(payload), list)


def test_dns_name_that_points_at_itself_ends() -> None:
    assert (
        dns_answers(struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0) + b"\xc0\x0c" + bytes(20)) == []
    )
