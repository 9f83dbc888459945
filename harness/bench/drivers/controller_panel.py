"""Buttons and light of a real device, by the controller of `rigs/controller`.

It presses by relay or servo and sees by two light sensors: one at the ring, one at the lamp that
tells of a muted microphone. Not yet on hardware: docs/controller.md says what it was checked
against.
"""

import contextlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Self

from harness.bench.drivers.controller_link import ControllerLink
from harness.bench.drivers.controller_options import ControllerPanelText
from harness.bench.drivers.placed import Placed
from harness.bench.ports.device import Panel, PanelEvent
from harness.clock import Clock, Deadline
from harness.errors import RigError
from harness.forms.strict import StrictModel
from harness.model.timeline import LightState

_PULSE_S = 0.15
_SHOWN_WITHIN_S = 2.0


@dataclass(frozen=True, slots=True)
class _Edge:
    unix_s: float
    sensor: str
    lit: bool


class ControllerPanel(Panel):
    """A panel until `close`; then the device is left as `leave_muted` says."""

    options: ClassVar[type[StrictModel]] = ControllerPanelText

    @classmethod
    def opened(cls, options: ControllerPanelText, place: Placed) -> Self:
        """The panel of a rig file."""
        return cls(options, place.clock)

    def __init__(self, options: ControllerPanelText, clock: Clock) -> None:
        """Open and set up the controller; `RigError` when it is not there or another version."""
        self._told_to, self._clock = options, clock
        self._sensors = {
            name: sensor
            for name, sensor in (("ring", options.ring), ("lamp", options.lamp))
            if sensor is not None
        }
        self._lock = threading.Lock()
        self._edges: list[_Edge] = []
        self._sampled = True
        self._worst_s = 0.0
        self._closed = False
        each_s = min(0.25, options.leave_after_s / 8)
        self._link = ControllerLink(options.port, clock, self._told, self._greet, each_s)
        self._link.open()

    @property
    def clock_uncertainty_s(self) -> float:
        """The worst so far of how well the time of a change of light was known (s)."""
        return self._worst_s

    def identify(self) -> str:
        """What the hardware says it is."""
        return f"controller {self._link.identity}"

    def present(self) -> bool:
        """Whether the controller is there."""
        return self._link.attached()

    def press_mute(self, on: bool) -> None:
        """Set the mute button; `RigError` when the controller does not confirm it.

        Where each press toggles, the lamp must confirm it too.
        """
        if self._told_to.mute == "switch":
            self._press("mute", on)
            return
        stands = self._lamp()
        if stands is None:
            raise RigError(
                "the mute lamp has told nothing yet, so whether to press is not known: check the "
                "lamp's sensor (docs/controller.md)"
            )
        if stands is not on:
            self._pulse("mute")
            self._await_lamp(on)

    def press_action(self) -> None:
        """Press the action button and let it go; `RigError` when the controller does not do it."""
        self._pulse("action")

    @property
    def shared_flash(self) -> Callable[[], tuple[float, float]] | None:
        """`mark`, where piezo and sync light are wired; None where they are not."""
        return self.mark if self._told_to.shared_event else None

    def mark(self) -> tuple[float, float]:
        """Flash and click at once; the Unix time (s) of it and how far that may be off (s)."""
        ticks_us = int(self._link.ask("event")[0])
        return self._link.ticks.at(ticks_us)

    def self_test(self) -> str:
        """What the controller found of itself, in words; `RigError` when a sensor is broken."""
        told = " ".join(self._link.ask("test"))
        broken = [name for name in self._sensors if f"{name}=broken" in told.split()]
        if broken:
            raise RigError(
                f"the sensor of the {' and the '.join(broken)} reads what no sensor can: check its "
                "cable (docs/controller.md)"
            )
        return told

    def readings(self, sensor: str, seconds: float) -> tuple[int, int, int]:
        """Least, mean and greatest reading of a sensor (0 to 65535) over the next `seconds`."""
        self._link.ask("stats", sensor)
        self._clock.wait_s(seconds)
        _name, count, least, mean, most = self._link.ask("stats", sensor)
        if count == "0":
            raise RigError("the controller samples no light: its timer stands still")
        return int(least), int(mean), int(most)

    def events(self) -> tuple[PanelEvent, ...]:
        """All light changes seen so far, oldest first.

        That a light went dark is known only `hold_ms` later, so a change may still appear before
        others that were told already.
        """
        with self._lock:
            edges = sorted(self._edges, key=lambda edge: edge.unix_s)
        stands: dict[str, bool] = {}
        events: list[PanelEvent] = []
        for edge in edges:
            stands[edge.sensor] = edge.lit
            if len(stands) == len(self._sensors):
                light = self._light(stands)
                if not events or events[-1].light is not light:
                    events.append(PanelEvent(edge.unix_s, light))
        return tuple(events)

    def malformed(self) -> tuple[str, ...]:
        """All that was lost or bent, and every time the controller was away; never hidden."""
        return self._link.faults()

    def trouble(self) -> str | None:
        """Why light is not seen and buttons are not pressed now; None while all is well."""
        if not self._sampled and not self._closed:
            return "the controller samples no light: its timer stands still"
        return self._link.trouble()

    def close(self) -> None:
        """Leave the device as `leave_muted` says, and the controller. Safe to call twice."""
        if self._closed:
            return
        self._closed = True
        with contextlib.suppress(RigError):  # what is gone has let go by itself, or does so soon
            self._link.ask("leave", "1", self._told_to.mute, self._left())
        self._link.close()

    def __enter__(self) -> Self:
        """The panel itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    # To the controller ------------------------------------------------------------------------

    def _greet(self) -> None:
        after_ms = str(round(self._told_to.leave_after_s * 1e3))
        self._link.ask("leave", after_ms, self._told_to.mute, self._left())
        for name, sensor in self._sensors.items():
            self._link.ask("watch", name, *sensor.words())

    def _left(self) -> str:
        left = self._told_to.leave_muted
        return "-" if left is None else str(int(left))

    def _press(self, name: str, on: bool) -> None:
        told = self._link.ask("press", name, str(int(on)))
        if told[:2] != [name, str(int(on))]:
            raise RigError(
                f"the controller was told to {'press' if on else 'release'} {name} and says that "
                f"its pin stands at {told[1:2]}: check the relay board"
            )

    def _pulse(self, name: str) -> None:
        self._press(name, True)
        try:
            self._clock.wait_s(_PULSE_S)
        finally:
            self._press(name, False)

    def _lamp(self) -> bool | None:
        with self._lock:
            told = [edge.lit for edge in self._edges if edge.sensor == "lamp"]
        return told[-1] if told else None

    def _await_lamp(self, on: bool) -> None:
        deadline = Deadline.after(self._clock, _SHOWN_WITHIN_S)
        while self._lamp() is not on:
            if deadline.passed():
                raise RigError(
                    f"the mute button was pressed, and the lamp did not go {'on' if on else 'off'} "
                    f"within {_SHOWN_WITHIN_S:g} s: does the press reach the button?"
                )
            self._clock.wait_s(0.01)

    # From the controller ----------------------------------------------------------------------

    def _told(self, kind: str, words: Sequence[str]) -> None:
        try:
            if kind == "e":
                self._edge(words[0], words[1] == "1", int(words[2]))
            elif kind == "h":
                self._sampled = words[-1] != "0"
        except (ValueError, IndexError):
            self._link.fault(f"the controller said `{kind} {' '.join(words)}`, which is no fact")
        except RigError as error:
            self._link.fault(str(error))

    def _edge(self, sensor: str, lit: bool, ticks_us: int) -> None:
        unix_s, uncertainty_s = self._link.ticks.at(ticks_us)
        with self._lock:
            self._edges.append(_Edge(unix_s, sensor, lit))
            self._worst_s = max(self._worst_s, uncertainty_s)
        if uncertainty_s * 1e3 > self._told_to.clock_ms:
            self._link.fault(
                f"a change of light is known to {uncertainty_s * 1e3:.1f} ms only; `clock_ms` is "
                f"{self._told_to.clock_ms:g}: is this machine too busy?"
            )

    def _light(self, stands: dict[str, bool]) -> LightState:
        if stands.get("lamp"):
            return LightState.MUTED
        lit = self._told_to.ring_lit
        return lit if stands.get("ring") and lit is not None else LightState.IDLE
