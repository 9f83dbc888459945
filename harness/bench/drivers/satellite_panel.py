"""A Wyoming satellite's own events as its light; it is started with `--event-uri` of this bench.

They are what it says of itself (streaming began, streaming stopped, an answer began), and no lamp
that anybody looked at: one whose lamp fails, or that streams and does not say so, is told by the
wire alone. It has no mute button.
"""

import ipaddress
import selectors
import socket
from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field

from harness.bench.drivers.listening_panel import ListeningPanel
from harness.bench.drivers.placed import Placed
from harness.bench.drivers.satellite_events import EventStream, SatelliteLight
from harness.bench.ports.device import PanelEvent
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


class SatellitePanel(ListeningPanel):
    """Listens from the moment it is made; the satellite connects with its first event."""

    options: ClassVar[type[StrictModel]] = SatellitePanelText

    def __init__(self, satellite: str, port: int, clock: Clock) -> None:
        """Listen on `port`, every interface; 0 takes a free one."""
        self._satellite = satellite
        self._stream, self._light = EventStream(), SatelliteLight()
        listener = _listen(port)
        self.port: int = listener.getsockname()[1]
        super().__init__(listener, clock, "satellite")

    @classmethod
    def opened(cls, options: SatellitePanelText, place: Placed) -> Self:
        """The panel, listening. Raises `RigError` where the port is taken."""
        return cls(options.satellite, options.port, place.clock)

    def press_mute(self, on: bool) -> None:
        """Raises `RigError`: there is nothing to press."""
        raise RigError("panel: a Wyoming satellite has no mute button; play scenes without `mute`")

    def malformed(self) -> tuple[str, ...]:
        """What came that is no event, and who else connected; never hidden."""
        with self._lock:
            return (*self._malformed, *self._stream.malformed)

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
