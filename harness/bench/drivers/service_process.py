"""A service of the rig, such as its cloud: a program in the cloud's namespace."""

import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.bench.drivers.guests import Guest, ending, last_lines
from harness.bench.drivers.namespaces import Network
from harness.clock import Clock
from harness.errors import RigError

_POLL_S = 0.02
_END_LIMIT_S = 3.0


class ServiceProcess:
    """Starts a program, knows when it is ready, tells when it died. A context manager."""

    def __init__(
        self,
        name: str,
        network: Network,
        command: Sequence[str],
        log: Path,
        clock: Clock,
        *,
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        limit_s: float = 10.0,
    ) -> None:
        """Start it; returns once `ready` says so, which is asked again and again.

        What it prints is appended to `log`. Raises `RigError` when it ends, or is not ready within
        `limit_s`; it is gone then.
        """
        self._name = name
        self._log = log
        self._clock = clock
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            inside = network.cloud_command(command, folder)
            self._guest: Guest | None = Guest(
                inside, clock, environment=environment, stdout=output, stderr=output
            )
        try:
            self._await(ready, limit_s)
        except BaseException:
            self.kill()
            raise

    def _await(self, ready: Callable[[], bool], limit_s: float) -> None:
        deadline_s = self._clock.monotonic_s() + limit_s
        while not ready():
            trouble = self.trouble()
            if trouble is None and self._clock.monotonic_s() > deadline_s:
                trouble = (
                    f"{self._name}: not ready within {limit_s:.0f} s. Its last lines, from "
                    f"{self._log}:\n{last_lines(self._log)}"
                )
            if trouble is not None:
                raise RigError(trouble)
            self._clock.wait_s(_POLL_S)

    def trouble(self) -> str | None:
        """How it ended although it should run; None while all is well or it was stopped."""
        code = None if self._guest is None else self._guest.ended()
        if code is None:
            return None
        return (
            f"{self._name}: ended by itself ({ending(code)}). Its last lines, from "
            f"{self._log}:\n{last_lines(self._log)}"
        )

    def stop(self) -> None:
        """Ask it to end, then make it. Safe to call twice."""
        if self._guest is not None:
            self._guest.send(signal.SIGTERM)
            self._guest.wait(_END_LIMIT_S)
        self.kill()

    def kill(self) -> None:
        """SIGKILL; returns once it is gone. Safe to call twice."""
        guest, self._guest = self._guest, None
        if guest is not None:
            guest.kill()

    def __enter__(self) -> Self:
        """The running service."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()
