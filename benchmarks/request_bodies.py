"""The bodies of requests, for servers that take whatever they are sent."""

from http.server import BaseHTTPRequestHandler


def read_body(request: BaseHTTPRequestHandler) -> None:
    """Read a request's body to its end, in chunks or of a stated length, and drop it."""
    if request.headers.get("Transfer-Encoding") == "chunked":
        while size := int(request.rfile.readline(), 16):
            request.rfile.read(size + 2)
        request.rfile.readline()
    else:
        request.rfile.read(int(request.headers["Content-Length"]))
