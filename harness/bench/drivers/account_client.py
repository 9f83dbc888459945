"""Makes one HTTPS call as the account's owner, and tells what was answered.

Run as a program on the cloud's side of the link, by a bare interpreter: standard library only.
Reads one line of JSON (host, address, port, ca, method, path, token, body in base64) and prints
one: status, body in base64.
"""

import base64
import http.client
import json
import socket
import ssl
import sys

_LIMIT_S = 20.0


class _ByAddress(http.client.HTTPSConnection):
    """HTTPS to a known address, under the host's own name."""

    def __init__(self, host: str, address: str, port: int, trust: ssl.SSLContext) -> None:
        super().__init__(host, timeout=_LIMIT_S, context=trust)
        self._address, self._trust = (address, port), trust

    def connect(self) -> None:
        """Connect to the address; the certificate must be the host's."""
        plain = socket.create_connection(self._address, _LIMIT_S)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


def main() -> int:
    """Make it: 0 when the cloud answered at all, 1 when it could not be reached."""
    told = json.loads(sys.stdin.readline())
    try:
        print(json.dumps(_call(told)))
    except (OSError, http.client.HTTPException) as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def _call(told: dict[str, str]) -> dict[str, object]:
    trust = ssl.create_default_context(cafile=told["ca"])
    connection = _ByAddress(told["host"], told["address"], int(told["port"]), trust)
    headers = {"Authorization": f"Bearer {told['token']}"} if told["token"] else {}
    body = base64.b64decode(told["body"])
    connection.request(told["method"], told["path"], body or None, headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return {"status": answer.status, "body": base64.b64encode(content).decode()}


if __name__ == "__main__":
    sys.exit(main())
