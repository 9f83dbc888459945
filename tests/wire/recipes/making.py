"""One recipe carried out: link, cloud, tap and program; a capture, its keys and its facts."""

import base64
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import soundfile

from harness.bench.drivers.authority import open_authority
from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.guests import Guest
from harness.bench.drivers.namespaces import open_network
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.clock import RealClock
from harness.wire.payload import key_lines, write_secrets
from tests.wire.payload.captures.sound import RATE_HZ, heard
from tests.wire.recipes.stacks import Recipe

_LIMIT_S, _POLL_S, _LINGER_S = 60.0, 0.05, 1.0
_BEFORE_S = 6.5
"""All of the sound was heard so long before the program began."""
_PAGE = """<!doctype html><title>recipe</title><link rel=icon href="data:,"><script>
const bytes = Uint8Array.from(atob("{sound}"), (c) => c.charCodeAt(0));
fetch("/v1/messages", {{method: "POST", headers: {{"Content-Type": "audio/mpeg"}}, body: bytes}});
</script>"""
_FIELDS = ("tcp.stream", "udp.stream", "ip.src", "tcp.srcport", "udp.srcport", "tcp.dstport",
           "udp.dstport", "tcp.len", "udp.length", "tcp.analysis.retransmission",
           "tls.handshake.extensions_server_name")  # fmt: skip


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """A flow as tshark sees it: ports (the sender's of the first packet first), then by direction
    packets and new bytes of payload, and the name that the client asked for.
    """

    protocol: str
    ports: tuple[int, int]
    packets: tuple[int, int]
    payload: tuple[int, int]
    name: str


def make(recipe: Recipe, into: Path) -> None:
    """Write `NAME.pcapng` and `NAME.json` into a folder. Needs the right to make namespaces."""
    path = into / f"{recipe.name}.pcapng"
    with TemporaryDirectory() as name:
        folder = Path(name)
        begins_unix_s, dropped = _captured(recipe, folder, path)
        keys = folder / "keys"
        write_secrets(path, key_lines(keys.read_bytes()) if keys.exists() else b"")
    if dropped:
        raise SystemExit(f"{recipe.name}: dumpcap dropped {dropped} packets; make it again")
    path.chmod(0o644)
    flows = [asdict(flow) for flow in flows_of_tshark(path)]
    facts = {"begins_unix_s": begins_unix_s, "flows": flows}
    (into / f"{recipe.name}.json").write_text(json.dumps(facts, indent=1) + "\n")


def _captured(recipe: Recipe, folder: Path, path: Path) -> tuple[float, int]:
    """When the sound's recording began (Unix time, s), and how many packets were dropped."""
    authority = open_authority(folder)
    sound = _write_sound(recipe, folder)
    with contextlib.ExitStack() as opened:
        network = opened.enter_context(open_network(folder / "network"))
        serve = [sys.executable, "-m", "tests.wire.recipes.cloud", str(folder)]
        cloud = Guest(network.cloud_command([*serve, network.cloud_address]), RealClock())
        opened.callback(cloud.kill)
        _await(lambda: (folder / "ready").exists(), "the cloud does not listen")
        tap = DumpcapTap(VirtualTapPoint(network), RealClock())
        opened.callback(tap.close)
        tap.start(path)
        began_s = time.time()
        places = {"sound": sound, "folder": folder, "authority": authority.certificate}
        words = [word.format(python=sys.executable, **places) for word in recipe.command]
        environment = {
            **os.environ,
            "SSLKEYLOGFILE": str(folder / "keys"),
            "SSL_CERT_FILE": str(authority.certificate),
            "HOME": str(folder),
        }
        log = opened.enter_context((folder / "log").open("wb"))
        command = network.device_command(words)
        program = Guest(command, RealClock(), environment=environment, stdout=log, stderr=log)
        opened.callback(program.kill)
        _await_end(recipe, program, folder)
        time.sleep(_LINGER_S)
        report = tap.stop()
    return began_s - _BEFORE_S, report.dropped


def _write_sound(recipe: Recipe, folder: Path) -> Path:
    path = folder / "sound"
    if recipe.stretch is not None:
        low, high = (round(RATE_HZ * end_s) for end_s in recipe.stretch)
        form, subtype = recipe.coded
        soundfile.write(path, heard()[low:high], RATE_HZ, format=form, subtype=subtype)
        if recipe.coded_by:
            code = ["ffmpeg", "-v", "error", "-i", str(path), *recipe.coded_by]
            subprocess.run([*code, str(folder / "coded")], check=True)
        if recipe.is_packed:
            from backports import zstd

            (folder / "packed").write_bytes(zstd.compress(path.read_bytes()))
        coded = base64.b64encode(path.read_bytes()).decode()
        (folder / "page.html").write_text(_PAGE.format(sound=coded))
        # As services of recognition take it.
        request = {"config": {"languageCode": "en-US"}, "audio": {"content": coded}}
        (folder / "request.json").write_text(json.dumps(request, indent=2))
    return path


def _await_end(recipe: Recipe, program: Guest, folder: Path) -> None:
    taken = folder / "taken"

    def is_over() -> bool:
        if recipe.until:
            return taken.exists() and recipe.until in taken.read_text().splitlines()
        return program.ended() is not None

    try:
        _await(is_over, "it does not end")
    finally:
        code = program.ended()
        if code:
            said = (folder / "log").read_text(errors="replace")[-2000:]
            raise SystemExit(f"{recipe.name}: it ended with {code}: {said}")


def _await(condition: Callable[[], bool], why: str) -> None:
    latest_s = time.monotonic() + _LIMIT_S
    while not condition():
        if time.monotonic() > latest_s:
            raise SystemExit(f"{why} within {_LIMIT_S:.0f} s")
        time.sleep(_POLL_S)


def flows_of_tshark(path: Path) -> list[FlowFacts]:
    """The flows of TCP and UDP in a capture, in the order in which they began."""
    # An ICMP message quotes the packet that it is about, which would count again.
    command = ["tshark", "-n", "-r", str(path), "-Y", "not icmp", "-T", "fields"]
    command += ["-E", "separator=|"]
    command += [part for name in _FIELDS for part in ("-e", name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    found: dict[tuple[str, str], FlowFacts] = {}
    for line in done.stdout.splitlines():
        told = dict(zip(_FIELDS, line.split("|"), strict=True))
        there = "tcp" if told["tcp.stream"] else "udp"
        if not told[f"{there}.stream"]:
            continue
        ports = int(told[f"{there}.srcport"]), int(told[f"{there}.dstport"])
        size = int(told["tcp.len"]) if there == "tcp" else int(told["udp.length"]) - 8
        fresh = 0 if told["tcp.analysis.retransmission"] else size
        name = told["tls.handshake.extensions_server_name"]
        key = there, told[f"{there}.stream"]
        found[key] = _added(found.get(key), FlowFacts(there, ports, (1, 0), (fresh, 0), name))
    return list(found.values())


def _added(flow: FlowFacts | None, packet: FlowFacts) -> FlowFacts:
    """A flow with one packet more."""
    if flow is None:
        return packet
    if packet.ports == flow.ports:
        packets, payload = packet.packets, packet.payload
    else:
        packets, payload = packet.packets[::-1], packet.payload[::-1]
    return FlowFacts(
        flow.protocol,
        flow.ports,
        (flow.packets[0] + packets[0], flow.packets[1] + packets[1]),
        (flow.payload[0] + payload[0], flow.payload[1] + payload[1]),
        flow.name or packet.name,
    )
