"""The other side of every recipe: HTTPS, an MQTT broker, and a place that takes datagrams.

    python -m tests.wire.recipes.cloud FOLDER ADDRESS

`FOLDER` holds the authority, and `page.html` for browsers. Each request that was taken whole is a
line of `FOLDER/taken`; `FOLDER/ready` is there once everything listens.
"""

import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.request_bodies import read_body
from rigs.reference_cloud.certificates import Mint
from tests.wire.recipes import mqtt
from tests.wire.recipes.stacks import MQTT_PORT, RTP_PORT

_HTTPS_PORT = 443


class _Takes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    folder = Path()

    def do_GET(self) -> None:
        """The page; nothing else is here."""
        found = self.path == "/page"
        body = (self.folder / "page.html").read_bytes() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """Take the body, and say so."""
        read_body(self)
        self.send_response(204)
        self.end_headers()
        with (self.folder / "taken").open("a") as taken:
            taken.write(f"{self.path}\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def main(folder: Path, address: str) -> None:
    """Serve until killed."""
    mint = Mint(folder / "authority.crt", folder / "authority.key", folder / "minted")
    tls = mint.default_context((address,))
    _Takes.folder = folder
    web = ThreadingHTTPServer((address, _HTTPS_PORT), _Takes)
    # A browser opens connections beforehand and says nothing on them: nobody is to wait for that.
    web.socket = tls.wrap_socket(web.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    # Whoever sends datagrams to nobody is told so, and stops; RTP has a second port for reports.
    deaf = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2)]
    for number, each in enumerate(deaf):
        each.bind((address, RTP_PORT + number))
    broker = socket.create_server((address, MQTT_PORT))
    (folder / "ready").touch()
    while True:
        connection, _ = broker.accept()
        with tls.wrap_socket(connection, server_side=True) as spoken:
            mqtt.serve(spoken)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
