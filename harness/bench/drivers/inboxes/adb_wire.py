"""The adb server's protocol on a socket: what a phone is asked through it.

Android's `packages/modules/adb`, OVERVIEW.TXT, SERVICES.TXT and SYNC.TXT. A request is its length
in four hexadecimal digits and itself; the server answers OKAY, or FAIL with a length and a reason.
`host:transport:SERIAL` turns the connection into one to that phone; then `shell:` runs a command
and ends with it, and `sync:` changes to little-endian binary requests for files.
"""

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from harness.errors import RigError

PORT = 5037
_WITHIN_S = 10.0
_MOST_BYTES = 50_000_000
_ENDED = "sayso-exit-"


@dataclass(frozen=True, slots=True)
class PhoneFile:
    """A file on a phone, as `sync:` lists it. `changed_s`: Unix time of the phone's clock."""

    name: str
    mode: int
    size: int
    changed_s: int

    @property
    def regular(self) -> bool:
        """Whether it is a file and no folder or link."""
        return self.mode & 0o170000 == 0o100000


class Phone:
    """One phone, by its serial number. Each question has a connection of its own."""

    def __init__(self, serial: str, host: str = "127.0.0.1", port: int = PORT) -> None:
        self.serial, self._host, self._port = serial, host, port

    def shell(self, command: str) -> str:
        """Run a command; `RigError` when it fails, with what it said."""
        # The old shell service, which every phone has, tells no exit code: so it is printed.
        with self._service(f"shell:{command}; echo {_ENDED}$?") as line:
            said = line.rest().decode(errors="replace").replace("\r\n", "\n")
        output, mark, code = said.rpartition(_ENDED)
        if not mark:
            raise self._failed(f"`{command}` was cut short")
        if code.strip() != "0":
            raise self._failed(f"`{command}` ended with {code.strip()}: {output.strip()[:200]}")
        return output

    def files(self, folder: str) -> list[PhoneFile]:
        """What a folder holds, without `.` and `..`; empty also where there is no such folder."""
        found: list[PhoneFile] = []
        with self._service("sync:") as line:
            line.request(b"LIST", folder.encode())
            while True:
                kind, mode, size, changed_s, length = struct.unpack("<4sIIII", line.exactly(20))
                if kind == b"DONE":
                    return found
                if kind != b"DENT":
                    raise self._failed(f"listing {folder} was answered with {kind!r}")
                name = line.exactly(length).decode(errors="surrogateescape")
                if name not in (".", ".."):
                    found.append(PhoneFile(name, mode, size, changed_s))

    def pull(self, path: str) -> bytes:
        """A file's content."""
        content = bytearray()
        with self._service("sync:") as line:
            line.request(b"RECV", path.encode(errors="surrogateescape"))
            while True:
                kind, length = struct.unpack("<4sI", line.exactly(8))
                if kind == b"DONE":
                    return bytes(content)
                if kind == b"FAIL":
                    why = line.exactly(length).decode(errors="replace")
                    raise self._failed(f"{path} cannot be pulled: {why}")
                if kind != b"DATA" or len(content) + length > _MOST_BYTES:
                    raise self._failed(f"pulling {path} was answered with {kind!r}, {length} bytes")
                content += line.exactly(length)

    @contextmanager
    def _service(self, service: str) -> Iterator["_Line"]:
        try:
            with socket.create_connection((self._host, self._port), _WITHIN_S) as connection:
                line = _Line(connection)
                line.ask(f"host:transport:{self.serial}")
                line.ask(service)
                yield line
        except (OSError, EOFError, ValueError, struct.error) as error:
            raise self._failed(str(error) or "it hung up") from error

    def _failed(self, why: str) -> RigError:
        return RigError(
            f"inbox: the phone {self.serial} could not be asked over adb ({why}): is it plugged in "
            "and allowed (`adb devices`), and does the server run (`adb start-server`)?"
        )


class _Line:
    """A connection to the server. Raises `EOFError` and `ValueError` for what is cut or strange."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def ask(self, service: str) -> None:
        """Ask for a service; `ValueError` with the server's reason where it refuses."""
        asked = service.encode()
        self._connection.sendall(b"%04x" % len(asked) + asked)
        status = self.exactly(4)
        if status == b"FAIL":
            raise ValueError(self.exactly(int(self.exactly(4), 16)).decode(errors="replace"))
        if status != b"OKAY":
            raise ValueError(f"what answers is no adb server: {status!r}")

    def request(self, kind: bytes, path: bytes) -> None:
        """A request of `sync:`."""
        self._connection.sendall(kind + struct.pack("<I", len(path)) + path)

    def exactly(self, count: int) -> bytes:
        """So many bytes."""
        came = bytearray()
        while len(came) < count:
            part = self._connection.recv(min(count - len(came), 65_536))
            if not part:
                raise EOFError("it hung up")
            came += part
        return bytes(came)

    def rest(self) -> bytes:
        """All until the other side ends."""
        came = bytearray()
        while part := self._connection.recv(65_536):
            came += part
            if len(came) > _MOST_BYTES:
                raise ValueError(f"more than {_MOST_BYTES} bytes were answered")
        return bytes(came)
