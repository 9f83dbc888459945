"""Measures how fast the reader of captures is, and that it finds exactly what is in them.

python -m benchmarks.wire [--quick] [--all]

A capture of 1.5 GB is made in the system's folder for temporary files (`--quick`: 100 MB), read in
a process of its own, made four times as long, read again, and deleted. Times are CPU seconds; those
of `cat` and of whole processes are by the wall. Where tshark is installed a smaller capture is held
against what it finds, flow by flow; where dpkt is (`benchmarks/wire_dpkt.py`), it reads that too.
`--all` measures every figure of the wire, each benchmark in a process of its own, and ends in one
table of all of them.
"""

import argparse
import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.table import Row, finish
from benchmarks.wire_all import run_all
from benchmarks.wire_capture import DNS, FIRST_PORT, QUIC, TLS, Truth, rounds, write_round
from benchmarks.wire_dpkt import INSTALLED
from harness.bench.drivers.simulated_capture import pcapng_bytes
from harness.wire.flows import Batch, FlowReader, read_files
from harness.wire.flows import room as r

_QUICK, _SMALL = 1 / 15, 1 / 40
_LONGER = 4
_TSHARK_TIMES, _TSHARK_WHOLE, _CAT_TIMES, _MEMORY_MB = 50.0, 20.0, 2.0, 256.0
_DPKT_TIMES = 10.0
_FIELDS = ("tcp.stream", "udp.stream", "frame.len", "tls.handshake.extensions_server_name",
           "dns.qry.name", "dns.a", "dns.aaaa")  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, read, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="100 MB instead of 1.5 GB")
    parser.add_argument("--read", type=Path, help="only read this capture, and print figures")
    parser.add_argument("--all", action="store_true", help="all figures of the wire, in one table")
    chosen = parser.parse_args(arguments)
    if chosen.all:
        return run_all(["--quick"] if chosen.quick else [])
    if chosen.read is not None:
        print(json.dumps(_measure(chosen.read)))
        return 0
    scale = _QUICK if chosen.quick else 1.0
    with tempfile.TemporaryDirectory() as folder:
        rows, facts = _figures(Path(folder), scale)
    return finish("wire", rows, facts)


def _figures(folder: Path, scale: float) -> tuple[list[Row], dict[str, str]]:
    tshark_mb_s, rows = _against_tshark(folder / "small.pcapng")
    dpkt_mb_s = _dpkt_mb_s(folder / "small.pcapng")
    path = folder / "house.pcapng"
    with path.open("wb") as file:
        [truth] = rounds(file, 1, scale)
    size_mb = path.stat().st_size / 1e6
    cat_s = min(_wall_s(["cat", str(path)]) for _ in range(3))
    once = min((_child(path) for _ in range(3)), key=lambda figures: figures["cpu_s"])
    rows += _exact(path, truth)
    rows += [
        _row("read in process", size_mb / once["cpu_s"], "MB/s", tshark_mb_s, _TSHARK_TIMES),
        _row("whole process", size_mb / once["process_s"], "MB/s", tshark_mb_s, _TSHARK_WHOLE),
        *_beside_dpkt(size_mb / once["cpu_s"], dpkt_mb_s),
        Row("wall, in process, times that of cat", once["wall_s"] / cat_s, "",
            f"at most {_CAT_TIMES:g}", once["wall_s"] <= _CAT_TIMES * cat_s),
        Row("cat", size_mb / cat_s, "MB/s", "", None),
        _memory("memory", once["memory_mb"]),
    ]  # fmt: skip
    with path.open("ab") as file:
        for number in range(1, _LONGER):
            write_round(file, number, scale)
    longer = _child(path)
    rows.append(_memory(f"memory at {_LONGER} x the size", longer["memory_mb"]))
    speed = _LONGER * size_mb / longer["cpu_s"]
    rows.append(Row(f"read in process, {_LONGER} x the size", speed, "MB/s", "", None))
    facts = {"capture": f"{size_mb:.0f} MB, {truth.packets.sum()} packets, {len(truth.kind)} flows"}
    return rows, facts


def _row(figure: str, value: float, unit: str, of_tshark: float | None, times: float) -> Row:
    if of_tshark is None:
        return Row(figure, value, unit, "", None)
    goal = f"at least {times:g} x tshark"
    return Row(f"{figure} ({value / of_tshark:.0f} x tshark)", value, unit, goal,
               value >= times * of_tshark)  # fmt: skip


def _memory(figure: str, value_mb: float) -> Row:
    goal = f"under {_MEMORY_MB:g} MB"
    return Row(figure, value_mb, "MB", goal, value_mb < _MEMORY_MB)


def _child(path: Path) -> dict[str, float]:
    """Figures of a process that reads the capture."""
    command = [sys.executable, "-m", "benchmarks.wire", "--read", str(path)]
    begun_s = time.perf_counter()
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    figures: dict[str, float] = json.loads(told)
    return {**figures, "process_s": time.perf_counter() - begun_s}


def _measure(path: Path) -> dict[str, float]:
    FlowReader().feed(pcapng_bytes([(0.0, bytes(60))]))  # what was compiled is loaded
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    flows = named = 0
    reader = FlowReader()
    for batch in read_files([path], reader):
        flows += len(batch.table)
        named += sum(hello is not None for hello in batch.hellos)
    return {
        "wall_s": time.perf_counter() - wall_s,
        "cpu_s": time.process_time() - cpu_s,
        "memory_mb": _peak_mb(),
        "flows": flows,
        "named": named,
    }


def _peak_mb() -> float:
    """Most memory that this process has held; `ru_maxrss` counts what its parent held too."""
    told = Path("/proc/self/status").read_text()
    [line] = [line for line in told.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _wall_s(command: list[str]) -> float:
    begun_s = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun_s


def _exact(path: Path, truth: Truth) -> list[Row]:
    """How many flows differ from what was made, in counts, bytes or name."""
    reader = FlowReader()
    batches = list(read_files([path], reader))
    table = np.concatenate([batch.table for batch in batches])
    line = (table[:, r.PORTS] >> 48 & 0xFFFF) - FIRST_PORT
    wrong = np.zeros(len(truth.kind), np.bool_)
    wrong[np.setdiff1d(np.arange(len(truth.kind)), line)] = True
    for column, values in (
        (r.PACKETS, truth.packets),
        (r.FRAME_BYTES, truth.frame_bytes),
        (r.PAYLOAD, truth.payload),
        (r.AGAIN, truth.repeated),
    ):
        wrong[line] |= (table[:, column : column + 2] != values[line]).any(axis=1)
    names = _misnamed(batches, truth)
    bytes_of_slices = sum(int(batch.slices[:, 4:6].sum()) for batch in batches)
    lost = abs(bytes_of_slices - int(truth.frame_bytes.sum()))
    extra = abs(len(table) - len(truth.kind))
    return [
        Row("flows not exactly as made", int(wrong.sum()) + extra, "", "0",
            int(wrong.sum()) == 0 and extra == 0),
        Row("flows with a wrong name", names, "", "0", names == 0),
        Row("bytes missing in slices of time", lost, "", "0", lost == 0),
        Row("packets not read", sum(reader.reading.malformed.values()), "", "0",
            reader.reading.sound),
    ]  # fmt: skip


def _misnamed(batches: Sequence[Batch], truth: Truth) -> int:
    """Flows whose server name is not the one sent, or whose address was not named by the lookup."""
    looked_up = int((truth.kind == DNS).sum())
    count = 0
    for flow in (flow for batch in batches for flow in batch.flows()):
        line = flow.a.port - FIRST_PORT
        name = truth.name(line)
        count += flow.server_name != name
        if line < looked_up and truth.kind[line] == TLS:
            count += flow.names != (name,)
        count += flow.quic != (truth.kind[line] == QUIC)
    return int(count)


def _against_tshark(path: Path) -> tuple[float | None, list[Row]]:
    """MB a CPU second of tshark, and how many flows it sees otherwise."""
    if shutil.which("tshark") is None:
        print("tshark is not installed: nothing is held against it")
        return None, []
    with path.open("wb") as file:
        list(rounds(file, 1, _SMALL))
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|"]
    command += [part for name in _FIELDS for part in ("-e", name)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    theirs, their_names = _of_tshark(told)
    ours, our_names = _ours(path)
    differing = max((theirs - ours).total(), (ours - theirs).total())
    names = len(their_names ^ our_names)
    mb_s = path.stat().st_size / 1e6 / cpu_s
    path.unlink()
    return mb_s, [
        Row(f"of {sum(theirs.values())} flows, otherwise in tshark", differing, "", "0",
            differing == 0),
        Row(f"of {len(their_names)} named addresses, otherwise in tshark", names, "", "0",
            names == 0),
        Row("tshark -T fields", mb_s, "MB/s", "", None),
    ]  # fmt: skip


def _dpkt_mb_s(path: Path) -> float | None:
    """MB a CPU second of dpkt; None where it is not installed."""
    if not INSTALLED:
        print("dpkt is not installed: nothing is held against it")
        return None
    with path.open("wb") as file:
        list(rounds(file, 1, _SMALL))
    command = [sys.executable, "-m", "benchmarks.wire_dpkt", str(path)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    mb_s = path.stat().st_size / 1e6 / float(json.loads(told)["cpu_s"])
    path.unlink()
    return mb_s


def _beside_dpkt(mb_s: float, dpkt_mb_s: float | None) -> list[Row]:
    if dpkt_mb_s is None:
        return []
    times = mb_s / dpkt_mb_s
    goal = f"at least {_DPKT_TIMES:g}"
    return [
        Row("dpkt, with decoding", dpkt_mb_s, "MB/s", "", None),
        Row("read in process, times dpkt", times, "", goal, times >= _DPKT_TIMES),
    ]


_Told = tuple[Counter[tuple[str, int, int, str]], set[tuple[str, str]]]


def _of_tshark(told: str) -> _Told:
    """Flows as (protocol, packets, frame bytes, server name), and (address, name) of answers."""
    flows: dict[tuple[str, str], tuple[int, int]] = {}
    names: dict[tuple[str, str], str] = {}
    addresses = set()
    for text in told.splitlines():
        tcp, udp, size, name, asked, *answers = text.split("|")
        key = ("tcp", tcp) if tcp else ("udp", udp)
        packets, before = flows.get(key, (0, 0))
        flows[key] = (packets + 1, before + int(size))
        if name:
            names[key] = name
        addresses |= {(each, asked) for listed in answers for each in listed.split(",") if each}
    return Counter((key[0], *sums, names.get(key, "")) for key, sums in flows.items()), addresses


def _ours(path: Path) -> _Told:
    reader = FlowReader()
    flows = [flow for batch in read_files([path], reader) for flow in batch.flows()]
    told = Counter(
        (
            "tcp" if flow.protocol == r.TCP else "udp",
            flow.a.packets + flow.b.packets,
            flow.a.frame_bytes + flow.b.frame_bytes,
            flow.server_name or "",
        )
        for flow in flows
    )
    return told, {(flow.b.address, name) for flow in flows for name in flow.names}


if __name__ == "__main__":
    sys.exit(main())
