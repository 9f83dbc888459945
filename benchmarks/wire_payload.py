"""Measures how exactly the sound in real TLS traffic is laid on what a device's microphone heard.

python -m benchmarks.wire_payload [--quick]

The corpus's speech is put through the room of rigs/simulated.yaml to the device's microphone, at
48 kHz, with its noise. Stretches of that, brought to 16 kHz as a device does it, are posted over
TLS by real clients (Python's http.client; curl, by HTTP/1.1 and, where node is there to serve it,
HTTP/2) to real servers on this machine, while dumpcap captures it. The keys that they log are
written into the capture; what comes back is compared with where each stretch was cut out. Needs the
right to capture on the loopback. The limits are held against speech of the same voices that the
microphone did not hear.
"""

import argparse
import http.client
import io
import os
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from shutil import which

import numpy as np
import soundfile
import soxr

from benchmarks.request_bodies import read_body
from benchmarks.table import Row, finish
from harness.bench.drivers.authority import Authority, open_authority
from harness.bench.drivers.simulated_air import through
from harness.bench.rigfile import load_rig
from harness.bench.room_paths import room_paths
from harness.scene.clips import read_clip
from harness.wire import UploadLimits, read_wire
from harness.wire.payload import Held, Room, held, key_lines, read_connections, write_secrets
from harness.wire.payload.flat import BLOCK_S, RATE_HZ, flat
from harness.wire.payload.recording import Recording
from harness.wire.payload.search import BLOCK_SCORE, least_score
from harness.wire.payload.sounds import Samples
from rigs.reference_cloud.certificates import Mint

_PROJECT = Path(__file__).parents[1]
_ROOM_HZ = 48_000
_GOAL_MS = 20.0
_DEVICE, _SERVER = "127.0.0.2", "127.0.0.1"
_SHORTEST_S, _LONGEST_S = 0.6, 10.0
_SEARCHES_S = 0.25, 0.5, 1.0, 4.0
_MIN_BYTES = 2000  # a short stretch in Opus is no more
_CODED = {
    "WAV": ("WAV", "PCM_16"),
    "FLAC": ("FLAC", "PCM_16"),
    "Opus": ("OGG", "OPUS"),
    "MP3": ("MP3", "MPEG_LAYER_III"),
}
_NODE = """
const [key, cert] = process.argv.slice(1, 3).map((name) => require("fs").readFileSync(name));
const server = require("http2").createSecureServer({key, cert});
server.on("stream", (stream) => {
  stream.resume();
  stream.on("end", () => { stream.respond({":status": 204}); stream.end(); });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
"""


@dataclass(frozen=True)
class Posted:
    """A stretch of the room that was posted, in seconds, and in which form."""

    form: str
    from_s: float
    until_s: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Post, read, compare, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a fifth of the posts")
    quick = parser.parse_args(arguments).quick
    dice = np.random.default_rng(1)
    heard, unheard = _recordings(dice)
    with tempfile.TemporaryDirectory() as folder:
        rows = _boundaries(Path(folder), heard, dice, 5 if quick else 20)
    rows += _false_matches(heard, unheard, dice, 60 if quick else 200)
    facts = {
        "recording": f"{len(heard) / _ROOM_HZ:.0f} s at the device's microphone",
        "stretches": f"{_SHORTEST_S:g} to {_LONGEST_S:g} s",
    }
    return finish("wire_payload", rows, facts)


def _recordings(dice: np.random.Generator) -> tuple[Samples, Samples]:
    """What the microphone heard, and other lines of the same voices in the same room."""
    file = load_rig(_PROJECT / "rigs" / "simulated.yaml")
    paths = room_paths(file, _ROOM_HZ)
    clips = sorted((_PROJECT / "audio_corpus" / "clips").glob("kokoro-*.flac"))
    halves = clips[::2], clips[1::2]
    places = list(file.sound.loudspeakers)
    found = []
    for half in halves:
        parts: list[Samples] = []
        for number, clip in enumerate(half):
            path = paths[places[number % len(places)], "device"]
            parts.append(through(path, read_clip(clip, _ROOM_HZ), 0.5))
        sound = np.concatenate(parts)
        noise = dice.standard_normal(len(sound), dtype=np.float32) * 10 ** (-70 / 20)
        found.append((sound + noise).astype(np.float32))
    return found[0], found[1]


# Boundaries ----------------------------------------------------------------------------------


def _boundaries(folder: Path, heard: Samples, dice: np.random.Generator, count: int) -> list[Row]:
    keys, capture = folder / "keys", folder / "c.pcapng"
    began_s = time.time()
    posts = _posted(folder, heard, dice, count, keys, capture)
    write_secrets(capture, key_lines(keys.read_bytes()))
    found = _found(capture, heard, began_s, len(posts))
    for post, each in zip(posts, found, strict=True):
        if each.span is None:
            print(f"unread: {post}: {each.trouble}", file=sys.stderr)
    return _boundary_rows(posts, found, count)


def _posted(
    folder: Path,
    heard: Samples,
    dice: np.random.Generator,
    count: int,
    keys: Path,
    capture: Path,
) -> list[Posted]:
    """Posts `count` stretches in each form, captured; what was posted, in order."""
    authority = open_authority(folder / "authority")
    device = soxr.resample(heard, _ROOM_HZ, 16_000)
    posts: list[Posted] = []
    with _Servers(authority, folder) as servers, _captured(servers.ports, capture):
        for form in _forms(servers):
            for _ in range(count):
                start, end = _stretch(dice, len(device))
                pcm = np.clip(np.rint(device[start:end] * 32768), -32768, 32767).astype("<i2")
                _post(form, pcm, servers, authority, keys, folder)
                posts.append(Posted(form, start / 16_000, end / 16_000))
    return posts


@contextmanager
def _captured(ports: Sequence[int], capture: Path) -> Iterator[None]:
    """Captures what goes to some ports of the loopback meanwhile."""
    wanted = " or ".join(f"port {port}" for port in ports)
    command = ["dumpcap", "-q", "-B", "64", "-i", "lo", "-f", f"tcp and ({wanted})"]
    tap = subprocess.Popen([*command, "-w", str(capture)], stderr=subprocess.PIPE)
    assert tap.stderr is not None
    while b"File: " not in (line := tap.stderr.readline()):
        if not line:
            raise SystemExit("dumpcap may not capture on lo: run this as root")
    yield
    time.sleep(1.0)
    tap.terminate()
    tap.wait()


def _found(capture: Path, heard: Samples, began_s: float, count: int) -> list[Held]:
    """What each of `count` uploads of the capture holds, in order."""
    room = Room(heard, _ROOM_HZ)
    report = read_wire(capture, _DEVICE, (), UploadLimits(min_bytes=_MIN_BYTES))
    if report.dropped:
        raise SystemExit(f"dumpcap dropped {report.dropped} packets: run it on a quieter machine")
    if len(report.uploads) != count:
        raise SystemExit(f"{count} stretches were posted, {len(report.uploads)} uploads seen")
    connections = read_connections(capture, _DEVICE)
    # As if all had been heard long before: nothing but its sound says which stretch it was.
    room_s = began_s - room.length_s - 1.0
    return [held(u, connections, room, room_s, _MIN_BYTES) for u in report.uploads]


def _boundary_rows(posts: Sequence[Posted], found: Sequence[Held], count: int) -> list[Row]:
    errors: dict[str, list[float]] = {}
    for post, each in zip(posts, found, strict=True):
        both = errors.setdefault(post.form, [])
        if each.span is not None:
            both += [1e3 * (each.span[0] - post.from_s), 1e3 * (each.span[1] - post.until_s)]
    rows = [row for form, both in errors.items() for row in _of_form(form, both, count)]
    worst = max(abs(error) for both in errors.values() for error in both)
    read = sum(each.span is not None for each in found) / len(found)
    goal = f"within {_GOAL_MS:g}"
    return [
        Row(f"boundary, worst of {2 * len(found)}", worst, "ms", goal, worst <= _GOAL_MS),
        Row("uploads read", 100 * read, "%", "all", read == 1.0),
        *rows,
    ]


def _of_form(form: str, errors: Sequence[float], count: int) -> Iterator[Row]:
    sizes = np.abs(errors)
    goal = f"within {_GOAL_MS:g}"
    name = f"{form}, {len(errors) // 2} of {count} read"
    yield Row(f"{name}: median", float(np.median(sizes)), "ms", "", None)
    yield Row(f"{name}: p95", float(np.percentile(sizes, 95)), "ms", "", None)
    worst = float(sizes.max())
    yield Row(f"{name}: worst", worst, "ms", goal, worst <= _GOAL_MS)


def _stretch(dice: np.random.Generator, length: int) -> tuple[int, int]:
    count = round(dice.uniform(_SHORTEST_S, _LONGEST_S) * 16_000)
    start = int(dice.integers(0, length - count))
    return start, start + count


class _Servers:
    """HTTP/1.1 by Python, HTTP/2 by node where there is one; they take all and answer 204."""

    def __init__(self, authority: Authority, folder: Path) -> None:
        mint = Mint(authority.certificate, authority.key, folder / "minted")
        self._server = ThreadingHTTPServer((_SERVER, 0), _Takes)
        tls = mint.default_context((_SERVER,))
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.http1 = int(self._server.server_address[1])
        self.http2: int | None = None
        self._node: subprocess.Popen[bytes] | None = None
        if which("node"):
            pem = next(p for p in (folder / "minted").iterdir() if p.suffix != ".key")
            program = ["node", "-e", _NODE, str(folder / "minted" / "leaf.key"), str(pem)]
            self._node = subprocess.Popen(program, stdout=subprocess.PIPE)
            assert self._node.stdout is not None
            self.http2 = int(self._node.stdout.readline())

    @property
    def ports(self) -> list[int]:
        """Of those that serve."""
        return [port for port in (self.http1, self.http2) if port is not None]

    def __enter__(self) -> "_Servers":
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._node is not None:
            self._node.terminate()
            self._node.wait()


class _Takes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take the body, and say so."""
        read_body(self)
        self.send_response(204)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _forms(servers: _Servers) -> list[str]:
    forms = ["http.client, plain samples in chunks"]
    if which("curl"):
        forms += ["curl, WAV in a form", "curl, FLAC", "curl, Ogg Opus", "curl, MP3"]
        forms += ["curl, HTTP/2, WAV in a form"] if servers.http2 is not None else []
    return forms


def _post(
    form: str, pcm: Samples, servers: _Servers, authority: Authority, keys: Path, folder: Path
) -> None:
    if form.startswith("http.client"):
        tls = ssl.create_default_context(cafile=str(authority.certificate))
        tls.keylog_filename = str(keys)
        connection = http.client.HTTPSConnection(
            _SERVER, servers.http1, context=tls, source_address=(_DEVICE, 0)
        )
        data = pcm.tobytes()
        chunks = (data[at : at + 3200] for at in range(0, len(data), 3200))
        head = {"Content-Type": "audio/L16; rate=16000"}
        connection.request("POST", "/v1/speech", chunks, head, encode_chunked=True)
        connection.getresponse().read()
        connection.close()
        return
    kind, subtype = next(coded for word, coded in _CODED.items() if word in form)
    file = io.BytesIO()
    soundfile.write(file, pcm, 16_000, format=kind, subtype=subtype)
    path = folder / "message.bin"
    path.write_bytes(file.getvalue())
    port = servers.http2 if "HTTP/2" in form else servers.http1
    body = (
        ["-F", f"audio=@{path};type=audio/wav"] if "form" in form else ["--data-binary", f"@{path}"]
    )
    command = ["curl", "-sS", "-m", "20", "--interface", _DEVICE, "--cacert"]
    command += [str(authority.certificate), *body, f"https://{_SERVER}:{port}/v1/messages"]
    command += ["--http2"] if "HTTP/2" in form else ["--http1.1"]
    subprocess.run(command, check=True, env={**os.environ, "SSLKEYLOGFILE": str(keys)})


# False matches -------------------------------------------------------------------------------


def _false_matches(
    heard: Samples, unheard: Samples, dice: np.random.Generator, count: int
) -> list[Row]:
    """How well speech that was not heard fits, anywhere and at a given place."""
    room = Room(heard, _ROOM_HZ)
    other = soxr.resample(unheard, _ROOM_HZ, RATE_HZ)
    rows: list[Row] = []
    taken = 0
    for _ in range(count):
        start, end = _stretch(dice, len(other))
        taken += not room.align(other[start:end], RATE_HZ).trouble
    rows.append(Row(f"unheard stretches taken for heard, of {count}", taken, "", "0", taken == 0))
    spectrum, recording = flat(other, RATE_HZ), Recording(heard, _ROOM_HZ)
    for length_s in _SEARCHES_S:
        size = round(length_s * RATE_HZ)
        starts = dice.integers(0, len(spectrum) - size, count)
        parts = [spectrum[start : start + size] for start in starts]
        best = max(recording.places(part, len(heard))[0][1] for part in parts)
        least = least_score(size)
        name = f"best place of unheard {length_s:g} s, highest of {count}"
        rows.append(Row(name, best, "", f"under {least:.2f}", best < least))
    size = round(BLOCK_S * RATE_HZ)
    last = min(len(spectrum), round(room.length_s * RATE_HZ)) - 2 * size
    places = dice.integers(0, last, (10 * count, 2))
    blocks = [recording.near(spectrum[a : a + size], int(b))[1] for a, b in places]
    block = float(np.percentile(blocks, 99.9))
    name, goal = f"block of {BLOCK_S:g} s at a wrong place, p99.9", f"under {BLOCK_SCORE:g}"
    return [*rows, Row(name, block, "", goal, block < BLOCK_SCORE)]


if __name__ == "__main__":
    sys.exit(main())
