"""What the connections of a capture carried, by tshark: a second opinion that is not ours.

It is asked once for each capture, for every TCP segment with content, every datagram of UDP, and
for what it could decrypt with the keys in the file. HTTP is switched off there: its reassembly
would give a body only once it is whole, without the times of its parts, and the last of a cut one
not at all.
"""

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harness.bench.drivers.guests import find_program
from harness.errors import RigError
from harness.wire.payload import quic
from harness.wire.payload.quic import Datagram

_TCP_FIELDS = (
    "tcp.stream",
    "tcp.len",
    "tls.record.length",
    "data.data",
    "tcp.analysis.lost_segment",
    "tcp.analysis.ack_lost_segment",
    "tcp.seq_raw",
    "tcp.payload",
)
_ALWAYS = ("frame.time_epoch", "eth.src", "ip.src", "ipv6.src")
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_FIELDS = (*_ALWAYS, *_TCP_FIELDS, *quic.FIELDS, "udp.payload")
# An error of ICMP quotes a datagram that somebody else sent.
_WANTED = (
    "tcp.len > 0 or tcp.analysis.lost_segment or tcp.analysis.ack_lost_segment or quic"
    " or (udp and not icmp and not icmpv6)"
)
# What TLS would hand its content to by port or ALPN: switched off, so that all of it is `data`.
_OFF = (
    "http",
    "http2",
    "http3",
    "websocket",
    "mqtt",
    "sip",
    "json",
    "xml",
    "grpc",
    "media",
    "mime_multipart",
)
_LEAST_S, _BYTES_PER_S = 60.0, 500_000
_LONGEST_LINE = 64 << 20
_RECORD_HEAD_BYTES = 5
_RECORD_BYTES = 30
"""TLS around each record: its head, nonce or kind, tag. A connection's handshake is beyond it."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment with content, or one that shows a loss.

    `stream`: its connection's number in the capture. `source`: the sender's address, of IP unless
    that of its interface was asked for. `size`: bytes of it. `tls`: whether a record ends in it, or
    begins where tshark tells only that. `framing`: how many bytes TLS may have put around what of
    its records could be decrypted. `content`: what those held; empty where nothing could be.
    `lost`: it shows that the capture misses packets of the connection that passed before it.
    `raw`: its bytes as they were sent, `at`: their number in TCP's count. tshark takes plain bytes
    for all sorts of protocols, so of a plain connection these are read, not `content`.
    """

    unix_s: float
    stream: int
    source: str
    size: int
    framing: int
    content: bytes
    lost: bool = False
    at: int = 0
    raw: bytes = b""
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Plain:
    """A datagram of UDP that is none of QUIC. `link`: the number of its addresses and ports."""

    unix_s: float
    link: int
    source: str
    content: bytes


Packet = Segment | Datagram | Plain


def is_mac(address: str) -> bool:
    """Whether an address is an interface's."""
    return _MAC.fullmatch(address) is not None


def packets(path: Path, *, by_mac: bool = False) -> Iterator[Packet]:
    """Those of a capture, in order. Raises `RigError` when tshark cannot read it.

    `by_mac`: the sender's address is that of its interface.
    """
    with tempfile.TemporaryDirectory(prefix="sayso-payload-") as folder:
        table = Path(folder) / "segments"
        table.touch(mode=0o600)
        _run(path, table, Path(folder))
        with table.open("rb") as lines:
            yield from _read(path, lines, by_mac)


def _run(path: Path, table: Path, folder: Path) -> None:
    command = [find_program("tshark", "tshark"), "-n", "-Q", "-r", str(path.absolute())]
    command += [word for name in _OFF for word in ("--disable-protocol", name)]
    command += ["-o", "tcp.reassemble_out_of_order:TRUE", "-Y", _WANTED, "-T", "fields"]
    command += [word for name in _FIELDS for word in ("-e", name)]
    limit_s = _LEAST_S + path.stat().st_size / _BYTES_PER_S
    # A folder of its own: what somebody has set in their Wireshark must not change a ruling.
    alone = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "WIRESHARK_CONFIG_DIR": str(folder)}
    try:
        with table.open("wb") as out:
            done = subprocess.run(
                command, stdout=out, stderr=subprocess.PIPE, timeout=limit_s, env=alone
            )
    except subprocess.TimeoutExpired as error:
        raise RigError(
            f"payload: tshark did not read {path} within {limit_s:.0f} s; cut it with editcap"
        ) from error
    if done.returncode != 0:
        said = done.stderr.decode(errors="replace").strip()[-300:]
        raise RigError(f"payload: tshark could not read {path} ({done.returncode}): {said}")


def _read(path: Path, lines: BinaryIO, by_mac: bool) -> Iterator[Packet]:
    while line := lines.readline(_LONGEST_LINE):
        if not line.endswith(b"\n"):
            raise RigError(f"payload: tshark gives more than {_LONGEST_LINE} bytes for one packet")
        fields = line.decode("ascii", "replace").rstrip("\n").split("\t")
        try:
            yield _packet(fields, by_mac)
        except (ValueError, IndexError) as error:
            raise RigError(
                f"payload: tshark says something else of {path} than it was asked for "
                f"({line[:80]!r}): is it older than 4.0?"
            ) from error


def _packet(fields: list[str], by_mac: bool) -> Packet:
    if len(fields) != len(_FIELDS):
        raise ValueError(f"{len(fields)} fields")
    at_s, mac, old, new = fields[: len(_ALWAYS)]
    # An address inside another's packet (a tunnel, an error's quote) comes second.
    source = (mac if by_mac else old or new).split(",")[0]
    *rest, plain = fields[len(_ALWAYS) :]
    if rest[0]:
        return _segment(float(at_s), source, rest[: len(_TCP_FIELDS)])
    told = rest[len(_TCP_FIELDS) :]
    if told[0]:
        return quic.datagram(float(at_s), source, told)
    link = int(told[quic.FIELDS.index("udp.stream")].split(",")[0])
    content = bytes.fromhex(plain.split(",")[0].replace(":", ""))
    return Plain(float(at_s), link, source, content)


def _segment(at_s: float, source: str, fields: list[str]) -> Segment:
    stream, size, records, content, lost, unseen, at, raw = fields
    contents = [bytes.fromhex(each.replace(":", "")) for each in content.split(",") if each]
    return Segment(
        unix_s=at_s,
        stream=int(stream.split(",")[0]),
        source=source,
        size=int(size.split(",")[0]),
        framing=_framing(records, contents),
        content=b"".join(contents),
        lost=bool(lost or unseen),
        at=int(at.split(",")[0] or 0),
        raw=bytes.fromhex(raw.split(",")[0].replace(":", "")),
        tls=bool(records),
    )


def _framing(records: str, contents: Sequence[bytes]) -> int:
    """What is around the contents of records of such lengths: a record that holds none that could
    be read excuses nothing, since anybody can send many of them, or call anything one.
    """
    sizes = [int(each) for each in records.split(",")] if records else []
    whole = sum(sizes) + _RECORD_HEAD_BYTES * len(sizes)
    around = whole - sum(map(len, contents))
    return max(0, min(_RECORD_BYTES * len(contents), around))
