"""Carries an owner's calls over HTTPS, and the operator's over its Unix socket."""

import base64
import http.client
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.bench.drivers import account_client
from harness.bench.drivers.cloud_account import Answered
from harness.bench.drivers.cloud_inbox import UnixConnection
from harness.errors import RigError

_LIMIT_S = 40.0


@dataclass(frozen=True, slots=True)
class HttpsCarrier:
    """How an owner reaches the cloud.

    `cloud_command` wraps a command so that it runs on the cloud's side of the link: what an owner
    does is no traffic of the device.
    """

    operator_socket: Path
    authority: Path
    cloud_command: Callable[[Sequence[str]], list[str]]
    host: str
    address: str
    port: int = 443

    def owner(self, method: str, path: str, token: str, body: bytes = b"") -> Answered:
        """As somebody who is signed in with `token`, or not at all where it is empty."""
        told = {
            "host": self.host,
            "address": self.address,
            "port": str(self.port),
            "ca": str(self.authority.absolute()),
            "method": method,
            "path": path,
            "token": token,
            "body": base64.b64encode(body).decode(),
        }
        program = [sys.executable, "-I", "-S", account_client.__file__]
        said = self._run(self.cloud_command(program), json.dumps(told) + "\n")
        return Answered(int(said["status"]), base64.b64decode(said["body"]))

    def operator(self, method: str, path: str, body: bytes = b"") -> Answered:
        """As the operator of the cloud."""
        connection = UnixConnection(self.operator_socket)
        try:
            connection.request(method, path, body or None)
            answer = connection.getresponse()
            return Answered(answer.status, answer.read())
        except (OSError, http.client.HTTPException) as error:
            raise RigError(
                f"account: the cloud gives no answer on {self.operator_socket} "
                f"({type(error).__name__}: {error}). See the cloud's log in the bench's folder."
            ) from error
        finally:
            connection.close()

    def _run(self, command: Sequence[str], line: str) -> dict[str, str]:
        try:
            result = subprocess.run(
                command, input=line, capture_output=True, text=True, timeout=_LIMIT_S
            )
        except subprocess.TimeoutExpired as error:
            raise RigError("account: the cloud did not answer. Is it hanging?") from error
        if result.returncode != 0:
            raise RigError(
                f"account: the cloud is down or cannot be reached: {result.stderr.strip()}. See "
                "the cloud's log in the bench's folder."
            )
        said: dict[str, str] = json.loads(result.stdout)
        return said
