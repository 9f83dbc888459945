"""A proxy for Wyoming satellites: the server is told that the satellite is at this machine.

The satellite's own events, where it is told to send them here (`--event-uri`), are its light: what
it says of itself, and no lamp that anybody looked at.
"""

import ipaddress
import json
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from harness.bench.drivers.capture_tail import CaptureTail
from harness.bench.drivers.placed import PlacedWithin
from harness.bench.drivers.proxies.canaries import CanarySocket
from harness.bench.drivers.proxies.said import SaidLight
from harness.bench.drivers.tap_flood import FloodWatch
from harness.bench.drivers.tap_stall import StallWatch
from harness.bench.drivers.worker_process import WorkerProcess
from harness.bench.ports.device import Panel
from harness.bench.ports.proxy import Passed, PassedEvent, PassReport, Proxy
from harness.bench.ports.tap import TapReport
from harness.errors import RigError
from harness.forms.strict import StrictModel

_READY_S, _ANSWER_S, _DEAD_S = 10.0, 5.0, 2.0
Port = Annotated[int, Field(ge=1024, le=65_535)]


def _address(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise ValueError(f"is `{text}`; write an IPv4 address such as 192.168.77.20") from None


Address = Annotated[str, AfterValidator(_address)]


class ServiceText(StrictModel):
    """A service that the satellite itself calls, such as a wake-word service elsewhere."""

    listen: Port
    """The port of this machine: the satellite is told `tcp://THIS-MACHINE:PORT`."""
    host: Address
    """The service's address."""
    port: Annotated[int, Field(ge=1, le=65_535)]
    """The service's own port."""


class WyomingProxyText(StrictModel):
    """Who is put through to whom."""

    satellite: Address
    """The satellite's address."""
    port: Annotated[int, Field(ge=1, le=65_535)] = 10_700
    """The satellite's own port, as in its `--uri`."""
    listen: Port = 10_700
    """The port of this machine that the server is told to find the satellite at."""
    server: Address | None = None
    """The server's address: whoever else connects is turned away, and that is told. Absent: whoever
    connects is put through, as by the satellite itself."""
    events: Port | None = None
    """The port of this machine for the satellite's own events (`--event-uri
    tcp://THIS-MACHINE:PORT`), which are its light. Absent: no light."""
    services: Annotated[tuple[ServiceText, ...], Field(max_length=4)] = ()
    """Services that the satellite calls, each by way of this machine too."""

    @model_validator(mode="after")
    def _ports(self) -> Self:
        ports = [self.listen, self.events, *(each.listen for each in self.services)]
        there = [port for port in ports if port is not None]
        if len(set(there)) < len(there):
            raise ValueError("names one port of this machine twice; each is for one thing")
        return self

    def told(self) -> dict[str, Any]:
        """The same for the process that does it."""
        to_satellite = {
            "port": self.listen,
            "to": (self.satellite, self.port),
            "device_calls": False,
            "caller": self.server,
        }
        to_services = (
            {
                "port": each.listen,
                "to": (each.host, each.port),
                "device_calls": True,
                "caller": self.satellite,
            }
            for each in self.services
        )
        return {
            "leads": [to_satellite, *to_services],
            "device": self.satellite,
            "events": self.events,
        }


class WyomingProxy(Proxy):
    """Puts through from the moment it is made until `close`; captures from `start` to `stop`."""

    options: ClassVar[type[StrictModel]] = WyomingProxyText

    def __init__(self, options: WyomingProxyText, place: PlacedWithin) -> None:
        """Raises `RigError` where a port is taken."""
        self._options, self._clock = options, place.clock
        self._alive = place.folder / "alive"
        self._path: Path | None = None
        self._slept = False
        self._report: PassReport | None = None
        self._events: tuple[PassedEvent, ...] = ()
        self._stall, self._flood = StallWatch(place.clock), FloodWatch(place.clock)
        arguments = [json.dumps(options.told()), str(self._alive)]
        module = "harness.bench.drivers.proxies.worker"
        log = place.folder / "proxy.log"
        self._worker = WorkerProcess("proxy", module, arguments, {}, log, inside=place.inside)
        try:
            ready = self._worker.await_ready(_READY_S)
            if not ready["ready"]:
                raise RigError(
                    f"proxy: cannot listen on port {options.listen}, or another of its ports: "
                    f"{ready['failed']}. Give `listen:` another number, here and to the server"
                )
        except BaseException:
            self._worker.stop()
            raise
        self._datagrams_to = ready["canaries"][0], ready["canaries"][1]
        self._canaries = CanarySocket(self._datagrams_to, place.clock)
        self._panel = None if options.events is None else SaidLight(self._worker, self._is_blind)

    @classmethod
    def opened(cls, options: WyomingProxyText, place: PlacedWithin) -> Self:
        """The proxy, putting through. Raises `RigError` where a port is taken."""
        return cls(options, place)

    @property
    def device_address(self) -> str:
        """The satellite's."""
        return self._options.satellite

    @property
    def device_ports(self) -> tuple[int, ...]:
        """The one that it listens on."""
        return (self._options.port,)

    @property
    def datagrams_to(self) -> tuple[str, int]:
        """The process's own socket for them."""
        return self._datagrams_to

    @property
    def panel(self) -> Panel | None:
        """The satellite's light, where its events come in."""
        return self._panel

    def identify(self) -> str:
        """Who is put through to whom."""
        told = self._options
        server = told.server or "whoever connects"
        return f"port {told.listen}: {server} to the satellite at {told.satellite}:{told.port}"

    def start(self, path: Path) -> None:
        """Capture into `path`; returns once the process has begun."""
        if self._path is not None:
            raise RigError(f"proxy: already capturing into {self._path}; stop it first")
        self._raise_trouble()
        answer = self._worker.ask(_ANSWER_S, capture=str(path.absolute()))
        if "failed" in answer:
            raise RigError(
                f"proxy: cannot write {path}: {answer['failed']}. Free or open the place."
            )
        self._path, self._report, self._events, self._slept = path, None, (), False
        if self._panel is not None:
            self._panel.begin()
        self._flood.begin(lambda: path.stat().st_size)

    def trouble(self) -> str | None:
        """Why it hands nothing on, or keeps nothing of it; None while all is well."""
        return self._worker.trouble() or self._asleep() or self._flood.trouble() or self._stalled()

    def stop(self) -> TapReport:
        """End the capture; what passes from now on is handed on all the same."""
        if self._path is None:
            raise RigError("proxy: nothing is being captured; start it first")
        path, self._path = self._path, None
        self._stall.forget()
        self._flood.end()
        answer = self._worker.ask(_ANSWER_S, stop=True)
        self._raise_trouble()
        self._report = _report(answer)
        log = path.with_suffix(".events")
        self._events = tuple(_events(log))
        log.unlink()
        return TapReport(path, answer["packets"], self._report.lost, files=(path,))

    def send_canary(self, nonce: bytes) -> float:
        """Send the process a datagram that belongs into its capture."""
        if self._path is not None:
            tail = CaptureTail(self._path)
            self._stall.expect(lambda: tail.holds(nonce))
        return self._canaries.send(nonce)

    def report(self) -> PassReport:
        """What went through until `stop`."""
        if self._report is None:
            raise RigError("proxy: nothing was captured to its end, so what passed is not known")
        return self._report

    def events(self) -> tuple[PassedEvent, ...]:
        """What the two ends said to each other, from `start` to `stop`."""
        return self._events

    def close(self) -> None:
        """End the process, and with it every connection. Safe to call twice."""
        self._worker.stop()
        self._canaries.close()

    def _raise_trouble(self) -> None:
        why = self._worker.trouble() or self._asleep()
        if why is not None:
            raise RigError(why)

    def _asleep(self) -> str | None:
        """Whether the process stands still: it signs every quarter of a second that it does not."""
        try:
            signed_s = float(self._alive.read_text())
        except (OSError, ValueError) as error:
            return (
                f"proxy: its sign of life cannot be read ({error}): whether it lives is not known"
            )
        late_s = self._clock.monotonic_s() - signed_s
        if late_s <= _DEAD_S:
            return None
        self._slept = True
        return (
            f"proxy: it stands still since {late_s:.0f} s: nothing passes between the satellite "
            "and its server. Was it stopped, or is the machine too busy?"
        )

    def _is_blind(self) -> bool:
        """Whether it was dead or stood still since `start`."""
        return (self._worker.trouble() or self._asleep()) is not None or self._slept

    def _stalled(self) -> str | None:
        why = self._stall.trouble()
        return None if why is None else why.replace("tap: stalled", "proxy: its capture stands", 1)


def _report(answer: dict[str, Any]) -> PassReport:
    told = answer["passed"]
    passed = tuple(
        Passed(
            (each["device"][0], each["device"][1]),
            (each["other"][0], each["other"][1]),
            (each["ours"][0], each["ours"][1]),
            each["from_device"],
            each["from_other"],
            each["odd"],
        )
        for each in told
    )
    return PassReport(
        passed,
        lost=sum(each["lost"] for each in told),
        cut=sum(each["cut"] for each in told),
        waiting=sum(each["waiting"] for each in told),
        held_back=any(each["held_back"] for each in told),
        refused=answer["refused"],
        known_to_s=max((each["worst_ns"] for each in told), default=0) / 1e9,
        strangers=tuple(answer["strangers"]),
    )


def _events(log: Path) -> list[PassedEvent]:
    lines = log.read_text().splitlines()
    return [PassedEvent(*json.loads(line)) for line in lines]
