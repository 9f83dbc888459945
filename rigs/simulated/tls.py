"""What a connection's records hold: chance where the device is closed, real TLS where it is open.

A closed device shows sizes and times only, so its records are as long as TLS would make them, and
drawn by chance. An open one has OpenSSL at both ends, joined by memory instead of sockets, and
logs its session keys as `SSLKEYLOGFILE` would: what reads the capture then reads real TLS.
"""

import datetime as dt
import random
import ssl
import struct
import tempfile
from pathlib import Path
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_HELLO_BYTES = 512
_RECORD_OVERHEAD = 17  # the kind of content, and the tag of AES-GCM
_LARGEST_RECORD = 16_384
_FINISHED_BYTES = 69
_TICKET_BYTES = 282
_CERTIFIED = dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.datetime(9999, 1, 1, tzinfo=dt.UTC)


class Records(Protocol):
    """The bytes of one TLS connection, in the order in which they are asked for."""

    def hello(self) -> bytes:
        """The client's first flight."""
        ...

    def server_hello(self) -> bytes:
        """The server's answer to it."""
        ...

    def finished(self) -> bytes:
        """The client's last word of the handshake."""
        ...

    def tickets(self) -> bytes:
        """What the server sends before it is asked anything."""
        ...

    def up(self, content: bytes) -> bytes:
        """Content from the client, in records."""
        ...

    def down(self, content: bytes) -> bytes:
        """Content from the server, in records."""
        ...


class ClosedRecords:
    """As long as TLS 1.3 makes them, with what nobody can read in them."""

    def __init__(self, host: str, dice: random.Random) -> None:
        self._host, self._dice = host, dice

    def hello(self) -> bytes:
        """The client's first flight."""
        return _client_hello(self._host, self._dice)

    def server_hello(self) -> bytes:
        """The server's answer to it."""
        hello = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + self._dice.randbytes(116)
        rest = (28, 23, 543, 96, _FINISHED_BYTES)  # extensions, certificate, its proof, finished
        return hello + b"\x14\x03\x03\x00\x01\x01" + b"".join(map(self._record, rest))

    def finished(self) -> bytes:
        """The client's last word of the handshake."""
        return b"\x14\x03\x03\x00\x01\x01" + self._record(_FINISHED_BYTES)

    def tickets(self) -> bytes:
        """Two session tickets."""
        return self._record(_TICKET_BYTES) + self._record(_TICKET_BYTES)

    def up(self, content: bytes) -> bytes:
        """Content from the client, in records."""
        whole, rest = divmod(len(content), _LARGEST_RECORD)
        sizes = [_LARGEST_RECORD] * whole + ([rest] if rest else [])
        return b"".join(self._record(size + _RECORD_OVERHEAD) for size in sizes)

    def down(self, content: bytes) -> bytes:
        """Content from the server, in records."""
        return self.up(content)

    def _record(self, size: int) -> bytes:
        return b"\x17\x03\x03" + struct.pack("!H", size) + self._dice.randbytes(size)


class OpenTls:
    """What all connections of an open device share: certificate, trust, and where keys go."""

    def __init__(
        self, host: str, keys: Path, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    ) -> None:
        """`keys`: the file for session keys, in the format of `SSLKEYLOGFILE`; kept private.

        `newest`: the version of TLS that both ends come to use.
        """
        self._host = host
        keys.touch(mode=0o600)
        self._server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate, private = _certificate(host)
        with tempfile.TemporaryDirectory(prefix="sayso-tls-") as folder:
            path = Path(folder) / "cloud.pem"
            path.touch(mode=0o600)
            path.write_bytes(certificate + private)
            self._server.load_cert_chain(path)
        self._client = ssl.create_default_context(cadata=certificate.decode())
        self._client.keylog_filename = str(keys)
        self._client.maximum_version = newest

    def records(self) -> "OpenRecords":
        """A new connection's."""
        return OpenRecords(self._client, self._server, self._host)


class OpenRecords:
    """Real TLS between two ends that share memory."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext, host: str) -> None:
        self._to_client, self._to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._from_client, self._from_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._client = client.wrap_bio(self._to_client, self._from_client, server_hostname=host)
        self._server = server.wrap_bio(self._to_server, self._from_server, server_side=True)

    def hello(self) -> bytes:
        """The client's first flight."""
        _go_on(self._client)
        return self._hand_up()

    def server_hello(self) -> bytes:
        """The server's answer to it."""
        _go_on(self._server)
        return self._hand_down()

    def finished(self) -> bytes:
        """The client's last word of the handshake."""
        _go_on(self._client)
        return self._hand_up()

    def tickets(self) -> bytes:
        """What the server sends before it is asked anything."""
        _go_on(self._server)
        return self._hand_down()

    def up(self, content: bytes) -> bytes:
        """Content from the client, in records."""
        self._client.write(content)
        return self._from_client.read()

    def down(self, content: bytes) -> bytes:
        """Content from the server, in records."""
        self._server.write(content)
        return self._from_server.read()

    def _hand_up(self) -> bytes:
        said = self._from_client.read()
        self._to_server.write(said)
        return said

    def _hand_down(self) -> bytes:
        said = self._from_server.read()
        self._to_client.write(said)
        return said


def _go_on(end: ssl.SSLObject) -> None:
    """As far with the handshake as it goes by what has come."""
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return


def _certificate(host: str) -> tuple[bytes, bytes]:
    """A certificate that signs itself, and its key (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_CERTIFIED[0])
        .not_valid_after(_CERTIFIED[1])
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return certificate.public_bytes(pem), key.private_bytes(pem, *form)


def _client_hello(host: str, dice: random.Random) -> bytes:
    name = host.encode()
    server_name = struct.pack("!HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    head = b"\x03\x03" + dice.randbytes(32) + b"\x20" + dice.randbytes(32)
    head += struct.pack("!HHHH", 6, 0x1302, 0x1303, 0x1301) + b"\x01\x00"
    padding = _HELLO_BYTES - 4 - len(head) - 2 - len(server_name) - 4
    extensions = server_name + struct.pack("!HH", 21, padding) + bytes(padding)
    body = head + struct.pack("!H", len(extensions)) + extensions
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack("!H", len(handshake)) + handshake
