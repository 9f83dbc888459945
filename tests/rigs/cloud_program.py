"""The reference cloud as the program that it is, and how device and operator reach it."""

import http.client
import json
import signal
import socket
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench.drivers.authority import Authority, open_authority

ROOT = Path(__file__).parents[2]
TOKEN = "reference-device"
TWO_SECONDS = b"\0\0" * 32_000


@dataclass
class Cloud:
    """The running program and how to reach it."""

    folder: Path
    authority: Authority
    process: subprocess.Popen[str]
    port: int

    def device(self, host: str = "cloud.reference.test") -> "TlsTo":
        """A connection such as the device makes: any name, trusted by the rig's authority."""
        return TlsTo(self.port, host, str(self.authority.certificate))

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        token: str | None = TOKEN,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """One device call: status and parsed answer."""
        connection = self.device()
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        return answer_of(connection)

    def send(
        self, fields: dict[str, str], wav: bytes | None = None, **headers: str
    ) -> tuple[int, Any]:
        """POST /v1/messages."""
        body, content_type = form(fields, wav)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call(
            "POST", "/v1/messages", body, headers={"Content-Type": content_type} | named
        )

    def operator(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """One operator call over the Unix socket."""
        connection = UnixTo(self.folder / "operator.sock")
        connection.request(method, path, None if body is None else json.dumps(body))
        return answer_of(connection)

    def inbox(self) -> list[dict[str, Any]]:
        """The account's messages."""
        messages: list[dict[str, Any]] = self.operator("GET", f"/operator/inbox?token={TOKEN}")[1][
            "messages"
        ]
        return messages

    def uploads(self) -> list[dict[str, Any]]:
        """The account's uploads."""
        uploads: list[dict[str, Any]] = self.operator("GET", f"/operator/uploads?token={TOKEN}")[1][
            "uploads"
        ]
        return uploads


class TlsTo(http.client.HTTPSConnection):
    """HTTPS to loopback under any host name (the device's DNS does this on a rig)."""

    def __init__(self, port: int, host: str, ca_file: str) -> None:
        self._trust = ssl.create_default_context(cafile=ca_file)
        super().__init__(host, port, timeout=10, context=self._trust)

    def connect(self) -> None:
        """Connect to loopback, ask for the host name."""
        plain = socket.create_connection(("127.0.0.1", self.port), 10)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


class UnixTo(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("operator", timeout=10)
        self._path = str(path)

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def answer_of(connection: http.client.HTTPConnection) -> tuple[int, Any]:
    """Status and parsed answer of a call; the connection is closed."""
    response = connection.getresponse()
    content = response.read()
    is_json = response.headers.get_content_type() == "application/json"
    connection.close()
    return response.status, json.loads(content) if is_json else content


def form(fields: dict[str, str], wav: bytes | None) -> tuple[bytes, str]:
    """A multipart form and its content type."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if wav is not None:
        head = (
            '--edge\r\nContent-Disposition: form-data; name="audio"; filename="message.wav"\r\n'
            "Content-Type: audio/wav\r\n\r\n"
        )
        parts.append(head.encode() + wav + b"\r\n")
    return b"".join(parts) + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def start(folder: Path) -> Cloud:
    """Start the program on a free port; returns once it says that it is ready."""
    authority = open_authority(folder / "authority")
    arguments = [
        *("--listen", "127.0.0.1:0", "--address", "127.0.0.1"),
        *("--operator-socket", str(folder / "operator.sock"), "--state", str(folder / "state")),
        *("--ca-cert", str(authority.certificate), "--ca-key", str(authority.key)),
        *("--ready-file", str(folder / "ready.json")),
    ]
    with (folder / "cloud.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rigs.reference_cloud", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said.startswith("ready "), (folder / "cloud.log").read_text()
    return Cloud(folder, authority, process, int(said.rpartition(":")[2]))


def end(cloud: Cloud, number: signal.Signals = signal.SIGKILL) -> int:
    """Send a signal, wait, and return how the program ended."""
    cloud.process.send_signal(number)
    code = cloud.process.wait(timeout=10)
    assert cloud.process.stdout is not None
    cloud.process.stdout.close()
    return code
