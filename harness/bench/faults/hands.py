"""Plugs and buttons that break: the line they hang on is pulled, or others have the processor.

A board that cannot be read back tells nothing when its line is pulled, so this one tells nothing
either: it shows only where somebody wants to switch.
"""

from harness.bench.faults.kinds import Fault, FaultKind
from harness.bench.faults.onset import Onset
from harness.bench.ports.device import Panel, PanelEvent, Power
from harness.clock import Clock
from harness.errors import RigError

_WAITS = 0.8
_GONE = "the serial line went away (Input/output error): plug it in again"


class FaultyPower(Power):
    """Switches, but for the fault.

    `starves`: the device waits for a processor for four fifths of the time, where nobody measures.
    """

    def __init__(
        self, inner: Power, fault: Fault, onset: Onset, clock: Clock, *, starves: bool
    ) -> None:
        self._inner, self._kind, self._onset = inner, fault.kind, onset
        self._clock, self._starves = clock, starves

    @property
    def proves_itself(self) -> bool:
        """As the real one."""
        return self._inner.proves_itself

    def on(self) -> None:
        """As the real one, while its line is plugged in."""
        self._reach()
        self._inner.on()

    def off(self) -> None:
        """As the real one, while its line is plugged in."""
        self._reach()
        self._inner.off()

    def trouble(self) -> str | None:
        """As the real one: of its line it knows nothing."""
        return self._inner.trouble()

    def waited_s(self) -> float | None:
        """As the real one; more where the processor is starved."""
        waited_s = self._inner.waited_s()
        if not (self._starves and self._onset.passed()):
            return waited_s
        return (waited_s or 0.0) + _WAITS * (self._clock.now_s() - self._onset.unix_s)

    def _reach(self) -> None:
        if self._kind is FaultKind.SERIAL_UNPLUGGED and self._onset.passed():
            raise RigError(f"power: {_GONE}")


class FaultyPanel(Panel):
    """Presses and sees, while its line is plugged in."""

    def __init__(self, inner: Panel, onset: Onset) -> None:
        self._inner, self._onset = inner, onset

    def present(self) -> bool:
        """As the real one."""
        return self._inner.present()

    def press_mute(self, on: bool) -> None:
        """As the real one, while its line is plugged in."""
        if self._onset.passed():
            raise RigError(f"panel: {_GONE}")
        self._inner.press_mute(on)

    def events(self) -> tuple[PanelEvent, ...]:
        """What was seen before the line was pulled."""
        return tuple(e for e in self._inner.events() if e.unix_s < self._onset.unix_s)

    def malformed(self) -> tuple[str, ...]:
        """As the real one."""
        return self._inner.malformed()
