"""dpkt over a capture, every packet decoded and added to its flow: for `benchmarks.wire`.

python -m benchmarks.wire_dpkt CAPTURE

It is no package of the project: where it is to be compared, install it somewhere and put that on
PYTHONPATH. Prints CPU seconds, and how many directions of flows there were, as JSON.
"""

import json
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

INSTALLED = find_spec("dpkt") is not None


def main(path: Path) -> None:
    """Decode, count, print."""
    dpkt = import_module("dpkt")
    flows: dict[tuple[bytes, int, bytes, int, int], list[int]] = {}
    begun_s = time.process_time()
    with path.open("rb") as file:
        for _, frame in dpkt.pcapng.Reader(file):
            ip = dpkt.ethernet.Ethernet(frame).data
            segment = getattr(ip, "data", None)
            if not isinstance(segment, (dpkt.tcp.TCP, dpkt.udp.UDP)):
                continue
            sums = flows.setdefault((ip.src, segment.sport, ip.dst, segment.dport, ip.p), [0, 0, 0])
            sums[0] += 1
            sums[1] += len(frame)
            sums[2] += len(segment.data)
    print(json.dumps({"cpu_s": time.process_time() - begun_s, "directions": len(flows)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
