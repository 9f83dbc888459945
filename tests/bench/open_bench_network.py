"""A harness in small, run as a program so that tests can kill it: network, tap, device.

Arguments: a folder. Prints one line of JSON with what it opened, then waits for a line: on one it
closes all in order.
"""

import json
import sys
from pathlib import Path

from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.process_power import ProcessPower
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.clock import RealClock

# A device with a daemon: forked twice, in a session of its own, deaf to all but SIGKILL.
DEVICE = """
import os, signal, socket, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        open(sys.argv[1] + "/daemon", "w").close()
        time.sleep(600)
    os._exit(0)
open(sys.argv[1] + "/device", "w").write(socket.gethostbyname("any.name.example"))
time.sleep(600)
"""


def namespaces_of(network: Network) -> list[str]:
    """The two network namespaces, by the names that the kernel gives them."""
    holders = [command([])[2] for command in (network.cloud_command, network.device_command)]
    return [str(Path(f"/proc/{holder}/ns/net").readlink()) for holder in holders]


def main() -> None:
    """Open, tell, wait, close."""
    folder, clock = Path(sys.argv[1]), RealClock()
    with open_network(folder / "network") as network:
        tap = DumpcapTap(VirtualTapPoint(network), clock)
        tap.start(folder / "private" / "link.pcapng")
        program = [sys.executable, "-c", DEVICE, str(folder)]
        power = ProcessPower(network, program, {}, folder / "device.log", clock)
        power.on()
        while not all((folder / name).exists() for name in ("daemon", "device")):
            clock.wait_s(0.01)
        canaries_s = [tap.send_canary(b"n%d" % number) for number in range(5)]
        facts = {"canaries_s": canaries_s, "namespaces": namespaces_of(network)}
        print(json.dumps(facts), flush=True)
        if sys.stdin.readline():
            power.off()
            report = tap.stop()
            print(json.dumps({"packets": report.packets, "dropped": report.dropped}), flush=True)


if __name__ == "__main__":
    main()
