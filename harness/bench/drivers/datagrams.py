"""One datagram from the device's side of the link, to prove that the tap would see one."""

import json
import subprocess
import sys

from harness.bench.drivers.namespaces import Network
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT
from harness.errors import RigError

_SENDER = """
import json, socket, sys, time
address, port, payload = sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3])
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.connect((address, port))
before = time.time()
link.send(payload)
print(json.dumps((before + time.time()) / 2))
"""


def send_datagram(network: Network, nonce: bytes) -> float:
    """Send a canary holding `nonce` from the device's namespace; the Unix time (s) it left at.

    The kernel stamps the packet while the call lasts, and the middle of the call is returned.
    """
    arguments = [network.cloud_address, str(CANARY_PORT), (CANARY_MARK + nonce).hex()]
    command = network.device_command([sys.executable, "-I", "-S", "-c", _SENDER, *arguments])
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except subprocess.TimeoutExpired as error:
        raise RigError("tap canary: not sent within 10 s. Is the machine overloaded?") from error
    if result.returncode != 0:
        why = network.trouble() or result.stderr.strip()
        raise RigError(f"tap canary: could not be sent from the device's side: {why}")
    return float(json.loads(result.stdout))
