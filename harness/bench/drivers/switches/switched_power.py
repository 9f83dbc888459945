"""The plug of a real device: a relay, a supply's output or a network plug in its cord."""

from harness.bench.drivers.switches.switch import Switch
from harness.bench.ports.device import Power
from harness.clock import Clock
from harness.errors import RigError

_SETTLE_S = 0.05
_TRIES = 20
_LOOK_EACH_S = 1.0


class SwitchedPower(Power):
    """Power through a switch, read back where the hardware can.

    `powered_when_closed`: False where the cord goes over the relay's normally closed contact, so
    that the device keeps its power when the board loses its own.
    """

    def __init__(self, switch: Switch, clock: Clock, *, powered_when_closed: bool = True) -> None:
        self._switch, self._clock = switch, clock
        self._powered_when_closed = powered_when_closed
        self._on: bool | None = None
        self._looked_s = float("-inf")
        self._told: str | None = None

    @property
    def proves_itself(self) -> bool:
        """Whether the hardware says how it stands; else the rig must prove it otherwise."""
        return self._switch.reads_back

    @property
    def clicks(self) -> bool:
        """Whether it is a relay."""
        return self._switch.clicks

    def on(self) -> None:
        """Give power; `RigError` when the hardware says that it did not switch."""
        self._put(True)

    def off(self) -> None:
        """Take power away; `RigError` when the hardware says that it did not switch."""
        self._put(False)

    def trouble(self) -> str | None:
        """What the hardware says against what it was told, looked at once a second at most."""
        now_s = self._clock.monotonic_s()
        if self._on is not None and now_s - self._looked_s >= _LOOK_EACH_S:
            self._looked_s = now_s
            self._told = self._look(self._on)
        return self._told

    def _put(self, powered: bool) -> None:
        self._on = None  # until it is known
        self._switch.set(powered is self._powered_when_closed)
        for _ in range(_TRIES):
            complaint = self._look(powered)
            if complaint is None:
                break
            self._clock.wait_s(_SETTLE_S)  # contacts bounce, plugs take their time
        else:
            raise RigError(f"{complaint}; check the board, its supply and `channel`")
        self._on, self._looked_s, self._told = powered, self._clock.monotonic_s(), None

    def _look(self, powered: bool) -> str | None:
        try:
            closed = self._switch.read()
        except RigError as error:
            return f"power: {error}"
        if closed is None or closed is (powered is self._powered_when_closed):
            return None
        told, stands = ("on", "off") if powered else ("off", "on")
        return f"power: it was switched {told}, and the hardware says it is {stands}"
