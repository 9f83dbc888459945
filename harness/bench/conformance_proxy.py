"""Whether a proxy keeps its promise: the part of `conformance` that talks through it.

Whoever tests it hands over both ends: what a server calls, and what answers for the device.
"""

import hashlib
import random
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.bench.conformance_parts import tap_faults
from harness.bench.ports import PassReport, Proxy
from harness.clock import Clock
from harness.errors import RigError, SaysoError

_ENDS_S = 20.0
_SIZES = (0, 1, 1448, 300_000, 2_000_000)
_MANY, _EACH = 40, 5_000
_EVENT = b'{"type": "no-such-thing", "payload_length": 3}\nabc'
_NO_EVENTS = b"\x00\xff no event\n{{{\n" + b"\n" * 9 + b'{"type": 5}\n'
Call = Callable[[], tuple[socket.socket, socket.socket]]


@dataclass(frozen=True, slots=True)
class Said:
    """What was said over one connection, and what was heard of it at the other end."""

    by_server: bytes
    by_device: bytes
    heard_by_device: bytes
    heard_by_server: bytes


def proxy_faults(proxy: Proxy, clock: Clock, folder: Path, call: Call) -> list[str]:
    """What is wrong with an open proxy, through which this speaks; whoever made it closes it.

    `call`: a connection through it, the server's end and the device's. `folder`: for its captures.
    Some seconds.
    """
    faults = tap_faults(proxy, clock, folder)
    try:
        try:
            proxy.report()
        except RigError:
            faults.append("it captured, and has no report")
        proxy.start(folder / "through.pcapng")
        said = [_talk(call, down, up) for down, up in _words()]
        said += _many(call)
        for each in said:
            faults += _changed(each)
        proxy.stop()
        faults += _counted(proxy.report(), said)
    except (SaysoError, OSError) as error:
        faults.append(f"it failed although it should work: {error}")
    return list(dict.fromkeys(faults))


def _words() -> Iterator[tuple[bytes, bytes]]:
    dice = random.Random(1)
    for size in _SIZES:
        yield dice.randbytes(size), dice.randbytes(_SIZES[-1] - size)
    yield _EVENT, _NO_EVENTS
    yield _NO_EVENTS, _EVENT


def _talk(call: Call, down: bytes, up: bytes) -> Said:
    """Both ends send at once, and end when they have sent: one way ends before the other."""
    server, device = call()
    with server, device:
        heard = dict[str, bytes]()

        def listen(name: str, end: socket.socket) -> None:
            try:
                heard[name] = _all(end)
            except OSError as error:
                heard[name] = repr(error).encode()

        def speak(end: socket.socket, words: bytes) -> None:
            end.settimeout(_ENDS_S)
            try:
                end.sendall(words)
                end.shutdown(socket.SHUT_WR)
            except OSError:
                return  # it is heard at the other end that something is missing

        threads = [
            threading.Thread(target=listen, args=("server", server)),
            threading.Thread(target=listen, args=("device", device)),
            threading.Thread(target=speak, args=(server, down)),
            threading.Thread(target=speak, args=(device, up)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return Said(down, up, heard["device"], heard["server"])


def _all(end: socket.socket) -> bytes:
    end.settimeout(_ENDS_S)
    found = bytearray()
    while data := end.recv(1 << 16):
        found += data
    return bytes(found)


def _many(call: Call) -> list[Said]:
    """Many connections that are open at the same time."""
    dice = random.Random(2)
    pairs = [call() for _ in range(_MANY)]
    words = [(dice.randbytes(_EACH), dice.randbytes(_EACH)) for _ in pairs]
    for (server, device), (down, up) in zip(pairs, words, strict=True):
        server.sendall(down)
        device.sendall(up)
        server.shutdown(socket.SHUT_WR)
        device.shutdown(socket.SHUT_WR)
    said = []
    for (server, device), (down, up) in zip(pairs, words, strict=True):
        with server, device:
            said.append(Said(down, up, _all(device), _all(server)))
    return said


def _changed(said: Said) -> Iterator[str]:
    ways = (
        ("the server", said.by_server, said.heard_by_device),
        ("the device", said.by_device, said.heard_by_server),
    )
    for who, sent, heard in ways:
        if sent != heard:
            mark = hashlib.sha256(heard).hexdigest()[:8]
            yield (
                f"of {len(sent)} bytes that {who} sent, {len(heard)} came at the other end, not "
                f"the same ({mark})"
            )


def _counted(report: PassReport, said: list[Said]) -> Iterator[str]:
    told = sorted((each.from_device, each.from_other) for each in report.passed)
    true = sorted((len(each.by_device), len(each.by_server)) for each in said)
    if told != true:
        yield f"it counts {sum(map(sum, told))} bytes in {len(told)} connections, not as they were"
    if report.lost or report.cut or report.waiting:
        yield f"it says that it lost {report.lost} bytes, cut {report.cut}, keeps {report.waiting}"
