"""MQTT 3.1.1 over TLS, a small client and a small broker by the standard (OASIS, 2014).

No other maker's client is among the project's packages: this one says on the wire what they say, a
connection that is kept alive, small messages, then sound as it is heard, each acknowledged (QoS 1).
"""

import socket
import ssl
import sys
import time
from pathlib import Path

from tests.wire.recipes.stacks import HOST, MQTT_PORT

_CONNECT, _CONNACK, _PUBLISH, _PUBACK = 0x10, 0x20, 0x30, 0x40
_PINGREQ, _PINGRESP, _DISCONNECT = 0xC0, 0xD0, 0xE0
_AT_LEAST_ONCE, _KEEP_ALIVE_S = 0x02, 60
_CHUNK_BYTES, _CHUNK_S = 3_200, 0.1


def packet(kind: int, content: bytes = b"") -> bytes:
    """A control packet: its kind, its length in sevens of bits, its content."""
    size, length = len(content), b""
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([kind]) + length + bytes([size]) + content


def text(words: str) -> bytes:
    """A string behind its length."""
    return len(words.encode()).to_bytes(2) + words.encode()


def read_packet(connection: socket.socket) -> tuple[int, bytes]:
    """The next packet's kind and content; 0 and nothing once the other side has ended."""
    kind = connection.recv(1)
    if not kind:
        return 0, b""
    size, shift = 0, 0
    while True:
        (byte,) = connection.recv(1)
        size |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            break
    content = b""
    while len(content) < size:
        content += connection.recv(size - len(content))
    return kind[0], content


def serve(connection: socket.socket) -> None:
    """The broker's side of one connection: everything is taken, and acknowledged."""
    while True:
        kind, content = read_packet(connection)
        if kind & 0xF0 == _CONNECT:
            connection.sendall(packet(_CONNACK, b"\0\0"))
        elif kind & 0xF0 == _PUBLISH:
            at = 2 + int.from_bytes(content[:2])
            connection.sendall(packet(_PUBACK, content[at : at + 2]))
        elif kind == _PINGREQ:
            connection.sendall(packet(_PINGRESP))
        else:
            return


class _Client:
    def __init__(self, authority: Path) -> None:
        tls = ssl.create_default_context(cafile=str(authority))
        plain = socket.create_connection((HOST, MQTT_PORT), timeout=10)
        self._connection = tls.wrap_socket(plain, server_hostname=HOST)
        self._number = 0
        head = text("MQTT") + b"\x04\x02" + _KEEP_ALIVE_S.to_bytes(2)
        self._say(_CONNECT, head + text("speaker-7"))

    def publish(self, topic: str, content: bytes) -> None:
        self._number += 1
        head = text(topic) + self._number.to_bytes(2)
        self._say(_PUBLISH | _AT_LEAST_ONCE, head + content)

    def ping(self) -> None:
        self._say(_PINGREQ)

    def close(self) -> None:
        self._connection.sendall(packet(_DISCONNECT))
        self._connection.close()

    def _say(self, kind: int, content: bytes = b"") -> None:
        """Say something, and wait for its answer."""
        self._connection.sendall(packet(kind, content))
        read_packet(self._connection)


def main(sound: Path, authority: Path) -> None:
    """Be a speaker that tells how it is, then what it heard."""
    client = _Client(authority)
    for number in range(2):
        client.publish("speaker/7/state", b'{"uptime": %d, "volume": 40}' % number)
        client.ping()
        time.sleep(1.5)
    data = sound.read_bytes()
    for at in range(0, len(data), _CHUNK_BYTES):
        client.publish("speaker/7/voice", data[at : at + _CHUNK_BYTES])
        time.sleep(_CHUNK_S)
    client.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
