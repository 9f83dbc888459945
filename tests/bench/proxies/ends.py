"""A satellite and a server that do what they are told, and a proxy between them."""

import contextlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.bench.drivers.proxies.wyoming import WyomingProxy, WyomingProxyText
from harness.bench.drivers.registry import Place
from harness.clock import RealClock

HERE = "127.0.0.1"


def free_port() -> int:
    """A port that nobody has just now."""
    with socket.create_server((HERE, 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def until(true: Callable[[], object], within_s: float = 10.0) -> bool:
    """Whether something becomes true in time."""
    deadline_s = time.monotonic() + within_s
    while not true() and time.monotonic() < deadline_s:
        time.sleep(0.01)
    return bool(true())


class Through:
    """`satellite`: what a server that calls `port` is put through to."""

    def __init__(self, folder: Path, at: str = HERE, **options: object) -> None:
        """`at`: the satellite's address."""
        self.satellite = socket.create_server((at, 0), backlog=200)
        self.satellite.settimeout(5)
        self.port = free_port()
        to = self.satellite.getsockname()[1]
        told = {"satellite": at, "port": to, "listen": self.port, **options}
        (folder / "proxy").mkdir()
        place = Place(RealClock(), folder / "proxy", os.environ)
        self.proxy = WyomingProxy(WyomingProxyText.model_validate_json(json.dumps(told)), place)

    def call(self) -> tuple[socket.socket, socket.socket]:
        """A connection: the server's end and the satellite's."""
        server = socket.create_connection((HERE, self.port), timeout=5)
        satellite, _ = self.satellite.accept()
        satellite.settimeout(5)
        return server, satellite


@contextmanager
def through(folder: Path, at: str = HERE, **options: object) -> Iterator[Through]:
    """Two ends and the proxy between them."""
    ends = Through(folder, at, **options)
    try:
        yield ends
    finally:
        ends.proxy.close()
        ends.satellite.close()


def receive(end: socket.socket) -> bytes:
    """All until the other end says that it will send no more."""
    found = bytearray()
    while data := end.recv(1 << 16):
        found += data
    return bytes(found)


def worker_of(folder: Path) -> int:
    """The process of the proxy whose folder lies in `folder`."""
    sign = str(folder / "proxy" / "alive").encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):  # it ended meanwhile
            words = (entry / "cmdline").read_bytes().split(b"\0")
            if sign in words and b"-m" in words:
                return int(entry.name)
    raise LookupError(f"no proxy runs in {folder}")
