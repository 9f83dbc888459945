"""mitmproxy before a device that trusts it: its keys make the capture readable like any other's.

The device is curl, in a network of its own; the proxy is on its way, as `rigs/tap/proxy.nft` says.
"""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.guests import Guest, find_program
from harness.bench.drivers.key_log import SharedKeyLog
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.clock import RealClock
from harness.wire.payload import key_lines, read_connections, write_secrets

pytestmark = pytest.mark.bench

HOST = "cloud.reference.test"
MAC = "02:53:41:59:00:02"
RULES = Path(__file__).resolve().parents[3] / "rigs" / "tap" / "proxy.nft"
CLOUD = """
import http.server, ssl, sys
class Cloud(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()
server = http.server.HTTPServer(("", 443), Cloud)
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(sys.argv[1])
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
"""


def certificate(path: Path) -> Path:
    """One that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem, pkcs8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    private = key.private_bytes(pem, pkcs8, serialization.NoEncryption())
    path.write_bytes(private + made.sign(key, hashes.SHA256()).public_bytes(pem))
    return path


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    missing = [name for name in ("mitmdump", "curl", "nft") if not shutil.which(name)]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)} (docs/open-devices.md)")
    with open_network(tmp_path / "network") as network:
        yield network


def started(stack: ExitStack, command: list[str], is_up: Callable[[], bool]) -> None:
    guest = Guest(command, RealClock())
    stack.callback(guest.kill)
    deadline_s = time.monotonic() + 30
    while not is_up():
        assert guest.ended() is None and time.monotonic() < deadline_s, command
        time.sleep(0.1)


def test_what_a_device_sends_through_it_is_read(network: Network, tmp_path: Path) -> None:
    samples = np.random.default_rng(1).integers(-9999, 9999, 16_000).astype("<i2").tobytes()
    (tmp_path / "speech").write_bytes(samples)
    keys, capture = SharedKeyLog(tmp_path / "keys"), tmp_path / "c.pcapng"
    keys.clear()
    rules = RULES.read_text().replace('"br0"', f'"{network.cloud_interface}"')
    nft = network.cloud_command([find_program("nft", "nftables"), "-f", "-"])
    subprocess.run(nft, input=rules, text=True, check=True)

    def answers(port: int) -> bool:
        probe = f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)"
        asked = network.cloud_command(["/usr/bin/python3", "-c", probe])
        return subprocess.run(asked, stderr=subprocess.DEVNULL, check=False).returncode == 0

    proxy = [
        *("env", f"MITMPROXY_SSLKEYLOGFILE={keys.path}", str(shutil.which("mitmdump")), "--quiet"),
        *("--mode", "transparent", "--ssl-insecure", "--set", f"confdir={tmp_path}"),
    ]
    # fmt: off
    device = [
        "curl", "--silent", "--show-error", "--fail",
        "--cacert", f"{tmp_path}/mitmproxy-ca-cert.pem",
        "--resolve", f"{HOST}:443:{network.cloud_address}",
        "--data-binary", f"@{tmp_path}/speech", f"https://{HOST}/v1/speech",
    ]
    # fmt: on
    tap = DumpcapTap(VirtualTapPoint(network), RealClock())
    with ExitStack() as stack:
        stack.callback(tap.close)
        cloud = ["/usr/bin/python3", "-c", CLOUD, str(certificate(tmp_path / "cloud.pem"))]
        started(stack, network.cloud_command(cloud), lambda: answers(443))
        started(stack, network.cloud_command(proxy), lambda: answers(8080))
        tap.start(capture)
        subprocess.run(network.device_command(device), check=True, timeout=30)
        tap.stop()
    assert keys.path.stat().st_mode & 0o777 == 0o600
    write_secrets(capture, key_lines(keys.read()))
    for device_is in (network.device_address, MAC):
        connections = read_connections(capture, device_is)
        assert [leaf.content.data for c in connections for leaf in c.leaves] == [samples]
