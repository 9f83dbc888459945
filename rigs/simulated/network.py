"""What all calls of the stepped device go over: the cable, the cloud, and HTTP as it is on a wire.

The bytes are those that Python's HTTP client and the cloud's server would put there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from rigs.reference_cloud.calls import Answer
from rigs.reference_device.cloud import TIMEOUT_S
from rigs.simulated.cloud import SteppedCloud
from rigs.simulated.poor import Once
from rigs.simulated.wire import Cable, TlsConnection

CLOUD_TAKES_S = 1e-3
_REFUSED_S = 0.05  # where the cable is out the device's own kernel says so at once
_LAST_CHUNK = b"0\r\n\r\n"
_REASONS = {200: "OK", 201: "Created", 204: "No Content"}


@dataclass(slots=True)
class Network:
    """What all calls of one life of the device share. Over when the power goes."""

    cable: Cable
    cloud: SteppedCloud
    token: str
    alive: bool = True

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        """Do something so many seconds from now, unless the device is off by then."""
        agenda = self.cable.around.agenda
        agenda.do_at(agenda.now_s() + after_s, lambda: deed() if self.alive else None)

    @property
    def reaches(self) -> bool:
        """Whether the cloud is there and the cable whole."""
        return self.cable.around.network_is_on() and self.cloud.down is None

    @property
    def is_poor(self) -> bool:
        """Whether what is sent may take its time, or never come."""
        return self.cable.around.network_is_poor()

    def connect(self, then: Callable[[TlsConnection | None], None]) -> None:
        """Open a connection; `then` gets it once it is open, or None when it cannot be."""
        if not self.reaches:
            self.later(_REFUSED_S, lambda: then(None))
            return
        if self.is_poor:
            poor = TlsConnection(self.cable, poorly=True)
            tell = Once(lambda well: then(poor if well else None) if self.alive else None)
            poor.open_poorly(TIMEOUT_S, tell)
            return
        connection = TlsConnection(self.cable)
        self.later(connection.ready_s, lambda: then(connection))


def answer_content(answer: Answer) -> bytes:
    """The cloud's answer as it is in its connection, heads included."""
    kind, body = "application/json; charset=utf-8", b""
    if answer.wav is not None:
        kind, body = "audio/wav", answer.wav
    elif answer.body is not None:
        body = json.dumps(answer.body).encode()
    rows = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Answered')}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Date: Sat, 01 Jan 2000 00:00:00 GMT",
        "Server: reference cloud",
    ]
    return "\r\n".join([*rows, "", ""]).encode() + body


def request_head(line: str, network: Network, kind: str, length: int | None = None) -> bytes:
    """A request's head, as Python's HTTP client writes it; in chunks where it has no length."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    rows = [
        f"{line} HTTP/1.1",
        f"Host: {network.cable.host}",
        "Accept-Encoding: identity",
        framing,
        f"Authorization: Bearer {network.token}",
    ]
    if length != 0:
        rows.append(f"Content-Type: {kind}")
    return "\r\n".join([*rows, "", ""]).encode()


def chunked(chunk: bytes) -> bytes:
    """A piece of a body that has no length; the end of it where it is empty."""
    return b"%x\r\n%s\r\n" % (len(chunk), chunk) if chunk else _LAST_CHUNK
