"""Sends one canary message to the cloud the way a device does, and tells how it went.

Run as a program inside the device's namespace, by a bare interpreter: standard library only.
Prints one line of JSON: source_port, from_unix_s, until_unix_s, status, body.
"""

import argparse
import http.client
import json
import ssl
import sys
import time

_EDGE = "sayso-canary-edge"


def main() -> int:
    """Send it: 0 when the cloud answered at all, 1 when it could not be reached."""
    parser = argparse.ArgumentParser()
    for name in ("--host", "--ca", "--token", "--contact", "--nonce"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    try:
        print(json.dumps(_send(given)))
    except OSError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    return 0


def _send(given: argparse.Namespace) -> dict[str, object]:
    trust = ssl.create_default_context(cafile=given.ca)
    connection = http.client.HTTPSConnection(given.host, timeout=5, context=trust)
    headers = {
        "Authorization": f"Bearer {given.token}",
        "Content-Type": f"multipart/form-data; boundary={_EDGE}",
        "X-Sayso-Canary": given.nonce,
    }
    began_s = time.time()
    connection.connect()
    source_port = connection.sock.getsockname()[1]
    connection.request("POST", "/v1/messages", _form(given.contact), headers)
    answer = connection.getresponse()
    body = answer.read().decode(errors="replace")
    connection.close()
    return {
        "source_port": source_port,
        "from_unix_s": began_s,
        "until_unix_s": time.time(),
        "status": answer.status,
        "body": body,
    }


def _form(contact: str) -> bytes:
    fields = {"contact_id": contact, "transcript": "canary"}
    parts = [
        f'--{_EDGE}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    return ("".join(parts) + f"--{_EDGE}--\r\n").encode()


if __name__ == "__main__":
    sys.exit(main())
