"""A Wyoming satellite's own events as its light; it is started with `--event-uri` of this bench.

They are what it says of itself (streaming began, streaming stopped, an answer began), and no lamp
that anybody looked at: one whose lamp fails, or that streams and does not say so, is told by the
wire alone. It has no mute button.
"""

import ipaddress
import selectors
import socket
import threading
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

from harness.bench.drivers.placed import Placed
from harness.bench.drivers.satellite_events import EventStream, SatelliteLight
from harness.bench.ports.device import Panel, PanelEvent
from harness.clock import Clock
from harness.errors import RigError
from harness.forms.strict import StrictModel
from harness.model.timeline import LightState


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f"is `{text}`; write an address such as 192.168.77.20") from None


class SatellitePanelText(StrictModel):
    """Where the satellite's events come in, and from whom."""

    satellite: Annotated[str, AfterValidator(_address)]
    """The satellite's address; whoever else connects is turned away, and that is told."""
    port: Annotated[int, Field(ge=1024, le=65_535)] = 10_500
    """The TCP port on this machine: `--event-uri tcp://THIS-MACHINE:10500` at the satellite."""


class SatellitePanel(Panel):
    """Listens from the moment it is made until `close`. One thread; times are those of arrival."""

    options: ClassVar[type[StrictModel]] = SatellitePanelText

    def __init__(self, satellite: str, port: int, clock: Clock) -> None:
        """Listen on `port`, every interface; 0 takes a free one."""
        self._satellite, self._clock = satellite, clock
        self._lock = threading.Lock()
        self._events: list[PanelEvent] = []
        self._malformed: list[str] = []
        self._seen = False
        self._device: socket.socket | None = None
        self._stream, self._light = EventStream(), SatelliteLight()
        self._listener = _listen(port)
        self.port: int = self._listener.getsockname()[1]
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for source in (self._listener, self._woken):
            self._selector.register(source, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name="satellite", daemon=True)
        self._thread.start()

    @classmethod
    def opened(cls, options: SatellitePanelText, place: Placed) -> Self:
        """The panel, listening. Raises `RigError` where the port is taken."""
        return cls(options.satellite, options.port, place.clock)

    def present(self) -> bool:
        """Whether the satellite has connected at least once; it does with its first event."""
        with self._lock:
            return self._seen

    def press_mute(self, on: bool) -> None:
        """Raises `RigError`: there is nothing to press."""
        raise RigError("panel: a Wyoming satellite has no mute button; play scenes without `mute`")

    def events(self) -> tuple[PanelEvent, ...]:
        """All light changes seen so far, oldest first."""
        with self._lock:
            return tuple(self._events)

    def malformed(self) -> tuple[str, ...]:
        """What came that is no event, and who else connected; never hidden."""
        with self._lock:
            return (*self._malformed, *self._stream.malformed)

    def trouble(self) -> str | None:
        """Why the panel does not listen any more; None while all is well or it is closed."""
        if self._thread.is_alive() or self._wake.fileno() < 0:
            return None
        return "panel: its thread has ended; the satellite's events are not seen any more"

    def close(self) -> None:
        """Hang up and free the port. Safe to call twice."""
        if self._wake.fileno() < 0:
            return
        self._wake.close()
        self._thread.join()
        with self._lock:
            self._hang_up()
        for source in (self._listener, self._woken):
            source.close()
        self._selector.close()

    def _serve(self) -> None:
        while True:
            ready = {key.fileobj for key, _ in self._selector.select()}
            if self._woken in ready:
                return
            with self._lock:
                if self._device in ready:
                    self._receive()
                if self._listener in ready:
                    self._accept()

    def _accept(self) -> None:
        peer, (address, *_) = self._listener.accept()
        if address != self._satellite:
            peer.close()
            self._malformed.append(f"{address} connected, which is not the satellite")
            return
        self._hang_up()  # after a power cycle the newest is the one
        self._device, self._seen = peer, True
        peer.setblocking(False)
        self._selector.register(peer, selectors.EVENT_READ)

    def _receive(self) -> None:
        assert self._device is not None
        now_s = self._clock.now_s()
        try:
            chunk = self._device.recv(65_536)
        except OSError:  # the satellite died
            chunk = b""
        if not chunk:
            self._hang_up()
            return
        for kind in self._stream.take(chunk):
            light = self._light.after(kind)
            if light is not None:
                self._show(light, now_s)

    def _show(self, light: LightState, now_s: float) -> None:
        if not self._events or self._events[-1].light is not light:
            self._events.append(PanelEvent(now_s, light))

    def _hang_up(self) -> None:
        """One that is gone says nothing: its light is out, and nobody knows whether it streams."""
        if self._device is None:
            return
        self._selector.unregister(self._device)
        self._device.close()
        self._device = None
        if self._light.streaming:
            self._malformed.append("the satellite hung up and had not said that its stream ended")
        self._malformed += self._stream.malformed
        self._stream, self._light = EventStream(), SatelliteLight()
        if self._events:
            self._show(LightState.IDLE, self._clock.now_s())


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("0.0.0.0", port), reuse_port=False)
    except OSError as error:
        raise RigError(
            f"panel: cannot listen on port {port}: {error}. Give `port:` another number, here and "
            "in the satellite's --event-uri"
        ) from error
