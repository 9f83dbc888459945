"""Makes one HTTPS call as the account's owner, and tells what was answered.

An answer that breaks off is asked for from there on, where the server says that it can (RFC 9110,
section 14: `ETag`, `Range`, `If-Range`), a few times and up to a size; else it is an error.

Run as a program on the cloud's side of the link, by a bare interpreter: standard library only.
Reads one line of JSON (host, address, port, ca, method, path, token, body in base64) and prints
one: status, body in base64.
"""

import base64
import http.client
import json
import re
import socket
import ssl
import sys

_LIMIT_S = 20.0
_RESUMES = 8
_MOST_BYTES = 1 << 30
_BLOCK_BYTES = 1 << 12
"""What is lost at most where the link breaks with an error."""


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


class _Cut(Exception):  # noqa: N818
    """The answer broke off; with it the status, what of it came, and the mark of the rest."""

    def __init__(self, status: int, content: bytes, mark: str | None) -> None:
        super().__init__(f"the answer broke off after {len(content)} bytes")
        self.status, self.content, self.mark = status, content, mark


def _call(told: dict[str, str]) -> dict[str, object]:
    try:
        status, content = _asked(told, b"", None)
    except _Cut as cut:
        status, content = cut.status, _resumed(told, cut)
    return {"status": status, "body": base64.b64encode(content).decode()}


def _resumed(told: dict[str, str], cut: _Cut) -> bytes:
    """All of an answer that broke off; `HTTPException` where it does not come whole."""
    for _ in range(_RESUMES):
        if cut.mark is None or told["method"] != "GET":
            raise http.client.HTTPException(f"{cut}, and the server cannot go on from there")
        try:
            return _asked(told, cut.content, cut.mark)[1]
        except _Cut as again:
            cut = again
    raise http.client.HTTPException(f"{cut}, although the rest was asked for {_RESUMES} times")


def _asked(told: dict[str, str], had: bytes, mark: str | None) -> tuple[int, bytes]:
    """Status and content of one request: with what was `had`, for what comes after it."""
    trust = ssl.create_default_context(cafile=told["ca"])
    connection = _ByAddress(told["host"], told["address"], int(told["port"]), trust)
    headers = {"Authorization": f"Bearer {told['token']}"} if told["token"] else {}
    if mark is not None:
        headers |= {"Range": f"bytes={len(had)}-", "If-Range": mark}
    body = base64.b64decode(told["body"])
    try:
        connection.request(told["method"], told["path"], body or None, headers)
        answer = connection.getresponse()
        if mark is not None:
            _must_go_on(answer, len(had), mark)
        content, whole = _read(answer, had)
    finally:
        connection.close()
    if not whole:
        ranges = answer.getheader("Accept-Ranges") == "bytes"
        raise _Cut(answer.status, content, answer.getheader("ETag") if ranges else None)
    return answer.status, content


def _must_go_on(answer: http.client.HTTPResponse, had: int, mark: str) -> None:
    """Refuse what is not the rest of the same thing."""
    span = re.fullmatch(r"bytes (\d+)-(\d+)/(\d+)", answer.getheader("Content-Range") or "")
    same = answer.getheader("ETag") == mark
    if answer.status != 206 or span is None or int(span[1]) != had or not same:
        raise http.client.HTTPException(
            f"the answer broke off after {had} bytes, and the rest was refused ({answer.status})"
        )


def _read(answer: http.client.HTTPResponse, had: bytes) -> tuple[bytes, bool]:
    """What came, after what was had, and whether it is all."""
    parts, size = [had], len(had)
    try:
        while block := answer.read(_BLOCK_BYTES):
            parts.append(block)
            size += len(block)
            if size > _MOST_BYTES:
                raise http.client.HTTPException(f"it is more than {_MOST_BYTES >> 20} MiB")
    except http.client.IncompleteRead as cut:
        return b"".join([*parts, cut.partial]), False
    except OSError:
        return b"".join(parts), False
    # What ends early is told by its length alone where it is read in blocks.
    return b"".join(parts), not answer.length


if __name__ == "__main__":
    sys.exit(main())
