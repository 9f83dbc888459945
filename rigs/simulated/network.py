"""What all calls of one life of the stepped device share, and how long they are on the wire."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from rigs.reference_cloud.calls import Answer
from rigs.reference_device.cloud import TIMEOUT_S
from rigs.simulated.cable import Cable
from rigs.simulated.cloud import SteppedCloud
from rigs.simulated.wire import TlsConnection

CLOUD_TAKES_S = 1e-3
_REFUSED_S = 0.05  # where the cable is out the device's own kernel says so at once
_ANSWER_HEAD_BYTES = 165


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
        if not self.is_poor:
            connection = TlsConnection(self.cable)
            self.later(connection.ready_s, lambda: then(connection))
            return
        poor = TlsConnection(self.cable, poorly=True)

        def opened(well: bool) -> None:
            if self.alive:
                then(poor if well else None)

        poor.open_poorly(TIMEOUT_S, opened)


def answer_bytes(answer: Answer) -> int:
    """How long the cloud's answer is on the wire, headers included."""
    body = b"" if answer.body is None else json.dumps(answer.body).encode()
    return _ANSWER_HEAD_BYTES + len(body)


def head_bytes(line: str, network: Network, length: int | None) -> int:
    """How long a request's head is, as Python's HTTP client writes it."""
    kind = "audio/L16; rate=16000" if length is None else "application/json"
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
    return len("\r\n".join(rows)) + 4
