"""Conversations of a device in real TLS, on a capture: what the tests of payloads read."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy.signal

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame
from harness.wire.payload import key_lines, write_secrets
from harness.wire.payload.sounds import Samples
from rigs.simulated.tls import OpenTls

DEVICE, CLOUD, HOST = "10.77.0.2", "10.77.0.1", "cloud.reference.test"
T0 = 1_795_312_661.0
_SEGMENT = 1400
Said = tuple[float, bytes]


@dataclass
class Wire:
    """Frames as they are put on it, and the keys of the connections in them."""

    keys: Path
    newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
    frames: list[tuple[float, bytes]] = field(default_factory=list)

    def converse(self, port: int, said: Sequence[Said], *, lose: int | None = None) -> None:
        """A connection on which the device says each of these at its Unix time (s).

        `lose`: the number of a segment of content that the tap misses, from the end if negative.
        """
        records = OpenTls(HOST, self.keys, self.newest).records()
        at_s, up, down = said[0][0] - 0.02, 1000, 9000

        def put(upward: bool, data: bytes, flags: int = 0x18) -> None:
            nonlocal at_s, up, down
            for start in range(0, max(1, len(data)), _SEGMENT):
                piece = data[start : start + _SEGMENT]
                ends = (DEVICE, port, CLOUD, 443) if upward else (CLOUD, 443, DEVICE, port)
                mine, theirs = (up, down) if upward else (down, up)
                frame = tcp_frame(*ends, mine, piece, flags, 0 if flags == 2 else theirs)
                count = len(piece) + (flags & 2 != 0)
                up, down = (up + count, down) if upward else (up, down + count)
                self.frames.append((at_s, frame))
                at_s += 1e-5

        put(True, b"", 0x02)
        put(False, b"", 0x12)
        put(True, b"", 0x10)
        put(True, records.hello())
        put(False, records.server_hello())
        put(True, records.finished())
        put(False, records.tickets())
        begins = len(self.frames)
        for then_s, content in said:
            at_s = max(at_s, then_s)
            put(True, records.up(content))
        if lose is not None:
            del self.frames[begins + lose if lose >= 0 else lose]
        put(False, records.down(b"HTTP/1.1 204 No Content\r\n\r\n"))

    def capture(self, path: Path, *, with_keys: bool = True) -> Path:
        """The capture, keys and all."""
        frames = sorted(self.frames, key=lambda frame: frame[0])
        path.write_bytes(pcapng_bytes(frames))
        if with_keys:
            write_secrets(path, key_lines(self.keys.read_bytes()))
        return path


def streamed(pcm: bytes, from_s: float, every_s: float = 0.1, chunk: int = 3200) -> list[Said]:
    """A request that streams sound in chunks as the reference device does."""
    head = b"POST /v1/speech HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
    said = [(from_s, head + b"Content-Type: audio/L16; rate=16000\r\n\r\n")]
    for number, start in enumerate(range(0, len(pcm), chunk)):
        piece = pcm[start : start + chunk]
        said.append((from_s + number * every_s, b"%x\r\n%s\r\n" % (len(piece), piece)))
    return [*said, (said[-1][0], b"0\r\n\r\n")]


def talk(seconds: float, seed: int, rate_hz: int = 16_000) -> Samples:
    """Sound that comes and goes as speech does, over the quiet of a room."""
    dice = np.random.default_rng(seed)
    count = round(seconds * rate_hz)
    band = scipy.signal.butter(2, (200, 3_000), "bandpass", fs=rate_hz, output="sos")
    voice = scipy.signal.sosfilt(band, dice.standard_normal(count))
    knots = dice.random(round(seconds * 4) + 2) ** 2
    envelope = np.interp(np.arange(count) / rate_hz * 4, np.arange(len(knots)), knots)
    sound = 0.2 * voice * envelope + 3e-4 * dice.standard_normal(count)
    return as_pcm(sound.astype(np.float32)).astype(np.float32) / np.float32(32768)


def as_pcm(samples: Samples) -> Samples:
    """16-bit samples."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2")
