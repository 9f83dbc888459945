"""A satellite's light by its own words, as the proxy's process tells it."""

from collections.abc import Callable
from typing import Any

from harness.bench.drivers.worker_process import WorkerProcess
from harness.bench.ports.device import Panel, PanelEvent
from harness.errors import RigError
from harness.model.timeline import LightState


class SaidLight(Panel):
    """What the satellite has said that it does; it has no button that anybody could press."""

    def __init__(self, worker: WorkerProcess, is_blind: Callable[[], bool]) -> None:
        """`worker`: who hears it. `is_blind`: whether it may have missed something."""
        self._worker, self._is_blind = worker, is_blind
        self._odd_from = 0

    def begin(self) -> None:
        """What was odd until now is of no account any more."""
        self._odd_from = len(self._worker.complaints)

    def present(self) -> bool:
        """Whether the satellite has told anything yet."""
        return any("connected" in fact for fact in self._facts())

    def press_mute(self, on: bool) -> None:
        """Raises `RigError`: there is nothing to press."""
        raise RigError("panel: a Wyoming satellite has no mute button; play scenes without `mute`")

    def events(self) -> tuple[PanelEvent, ...]:
        """All changes so far, oldest first; times are those of arrival.

        None where it may have missed some: one that stayed dark would be held against the device.
        """
        if self._is_blind():
            return ()
        return tuple(
            PanelEvent(fact["unix_s"], LightState(fact["light"]))
            for fact in self._facts()
            if "light" in fact
        )

    def malformed(self) -> tuple[str, ...]:
        """What it said that is no event, and streams that it did not end before it hung up."""
        return tuple(fact["odd"] for fact in self._facts()[self._odd_from :] if "odd" in fact)

    def _facts(self) -> list[dict[str, Any]]:
        return list(self._worker.complaints)
