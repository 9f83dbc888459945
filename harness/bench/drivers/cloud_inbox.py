"""The recipients' side of the reference cloud, read over its operator's Unix socket."""

import http.client
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from harness.bench.drivers import canary_client
from harness.bench.ports.canary import CanaryFlow
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.errors import RigError

_LIMIT_S = 10.0
CANARY_CONTACT = "sayso-canary"


@dataclass(frozen=True, slots=True)
class CloudAccess:
    """How the cloud is reached: by its operator, and as a device would.

    `device_command` wraps a command so that it runs in the device's namespace. Times of receipt
    are the cloud's, on this machine's clock, good to `uncertainty_s`.
    """

    operator_socket: Path
    authority: Path
    device_command: Callable[[Sequence[str]], list[str]]
    token: str = "reference-device"
    host: str = "cloud.reference.test"
    uncertainty_s: float = 0.1


class CloudInbox(Inbox):
    """Prepares the account, reads inboxes, and sends canaries from the device's side."""

    def __init__(self, access: CloudAccess) -> None:
        """Nothing is asked of the cloud yet."""
        self._access = access
        self._flows: list[CanaryFlow] = []

    def prepare(self, contacts: Sequence[str]) -> None:
        """Give the account exactly these contacts and empty every inbox."""
        account = {"token": self._access.token, "contacts": list(contacts)}
        self._call("PUT", "/operator/account", json.dumps(account))

    def messages(self) -> tuple[InboxMessage, ...]:
        """All that was received since `prepare`, canaries included, oldest first."""
        body = self._call("GET", f"/operator/inbox?token={quote(self._access.token, safe='')}")
        try:
            return tuple(
                inbox_message(entry, self._access.uncertainty_s)
                for entry in json.loads(body)["messages"]
            )
        except (ValueError, KeyError, TypeError) as error:
            raise RigError(
                f"cloud: its inbox answer makes no sense ({error!r}): {body[:200]!r}"
            ) from error

    def audio(self, message_id: str) -> bytes:
        """The sound of a message as a WAV file; empty when it has none."""
        return self._call("GET", f"/operator/inbox/{quote(message_id, safe='')}/audio")

    def send_canary(self, nonce: str) -> None:
        """Send a message marked `nonce` over HTTPS from the device's namespace."""
        access = self._access
        arguments = {
            "--host": access.host,
            "--ca": str(access.authority.absolute()),
            "--token": access.token,
            "--contact": CANARY_CONTACT,
            "--nonce": nonce,
        }
        program = [sys.executable, "-I", "-S", canary_client.__file__]
        flat = [word for pair in arguments.items() for word in pair]
        answer = self._run(access.device_command([*program, *flat]))
        span = answer["from_unix_s"], answer["until_unix_s"]
        self._flows.append(CanaryFlow(answer["source_port"], *span))
        if answer["status"] != 201:
            raise RigError(
                f"inbox canary: the cloud refused it ({answer['status']}: {answer['body']})"
            )

    def canary_flows(self) -> tuple[CanaryFlow, ...]:
        """The connections that canaries went over, so that they are not laid to the device."""
        return tuple(self._flows)

    def identify(self) -> str:
        """Ask the cloud once, for people; `RigError` when nothing answers."""
        self._call("GET", "/operator/health")
        return "the cloud answers its operator"

    def healthy(self) -> bool:
        """Whether the cloud answers its operator now."""
        try:
            self.identify()
        except RigError:
            return False
        return True

    def _run(self, command: Sequence[str]) -> dict[str, Any]:
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=2 * _LIMIT_S)
        except subprocess.TimeoutExpired as error:
            raise RigError("inbox canary: the cloud did not answer. Is it hanging?") from error
        if result.returncode != 0:
            raise RigError(
                f"inbox canary: the cloud is down or cannot be reached from the device's side: "
                f"{result.stderr.strip()}. See the cloud's log in the bench's folder."
            )
        answer: dict[str, Any] = json.loads(result.stdout)
        return answer

    def _call(self, method: str, path: str, body: str | None = None) -> bytes:
        connection = UnixConnection(self._access.operator_socket)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise RigError(
                f"cloud: down, no answer on {self._access.operator_socket} "
                f"({type(error).__name__}: {error}). See the cloud's log in the bench's folder."
            ) from error
        finally:
            connection.close()
        if answer.status != 200:
            said = content[:200].decode(errors="replace")
            raise RigError(f"cloud: {method} {path} was refused ({answer.status}: {said})")
        return content


def inbox_message(entry: dict[str, Any], uncertainty_s: float) -> InboxMessage:
    """A message as the cloud's operator tells it; its time is good to `uncertainty_s`."""
    return InboxMessage(
        message_id=str(entry["id"]),
        recipient=str(entry["recipient"]),
        unix_s=float(entry["received_unix_s"]),
        uncertainty_s=uncertainty_s,
        audio_s=entry["seconds"],
        transcript=entry["transcript"],
        sha256=entry["sha256"],
        canary=entry["canary"],
    )


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("operator", timeout=_LIMIT_S)
        self._path = str(path)

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_LIMIT_S)
        self.sock.connect(self._path)
