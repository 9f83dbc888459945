"""A worker process that talks JSON lines: commands to it, answers and complaints from it."""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.bench.drivers.guests import child_of, ending, last_lines
from harness.errors import RigError

_ENDED: dict[str, Any] = {}
"""Stands in the queue of answers for the end of the worker's output."""


class WorkerProcess:
    """Starts `python -m module arguments`, waits until it is ready, and keeps its complaints."""

    def __init__(
        self,
        name: str,
        module: str,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        descriptors: Sequence[int] = (),
        *,
        outlives_us: bool = False,
        inside: Callable[[Sequence[str]], list[str]] = list,
    ) -> None:
        """`outlives_us`: it is not killed with the harness, but sees its standard input end.

        `inside`: the command that runs a command where it belongs, such as in a namespace.
        """
        self.name = name
        # What outlives us has something to leave in order; the rest has nothing to lose.
        self._patience_s = 15.0 if outlives_us else 1.0
        self.complaints: list[dict[str, Any]] = []
        self._answers: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._log = log
        self._ids = 0
        self._is_inside = inside is not list
        bound = [] if outlives_us else ["setpriv", "--pdeathsig", "KILL"]
        with log.open("ab") as stderr:
            self._process = subprocess.Popen(
                [*bound, *inside([sys.executable, "-m", module, *arguments])],
                env={**os.environ, **environment, "OMP_NUM_THREADS": "1"},
                cwd=Path(__file__).parents[3],
                start_new_session=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                bufsize=1,
                pass_fds=list(descriptors),
            )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                fact = json.loads(line)
            except ValueError:  # killed in the middle of a line, or a library that prints
                fact = {"error": f"it said what makes no sense: {line[:80]!r}"}
            if "id" in fact or "ready" in fact:
                self._answers.put(fact)
            else:
                self.complaints.append(fact)
        self._answers.put(_ENDED)

    def await_ready(self, within_s: float) -> dict[str, Any]:
        """The worker's first words; `RigError` when it says nothing in time or dies."""
        return self._answer(within_s, "start")

    def ask(self, within_s: float = 5.0, **command: Any) -> dict[str, Any]:
        """Send a command and wait for the answer that carries its number."""
        self._ids += 1
        self._send({**command, "id": self._ids})
        while True:
            answer = self._answer(within_s, f"answer {sorted(command)}")
            if answer.get("id") == self._ids:
                return answer

    def _send(self, command: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(command) + "\n")
            self._process.stdin.flush()
        except OSError as error:
            raise RigError(f"the {self.name} is gone: {self.trouble() or error}") from error

    def _answer(self, within_s: float, what: str) -> dict[str, Any]:
        try:
            answer = self._answers.get(timeout=within_s)
        except queue.Empty:
            why = self.trouble() or f"nothing said; see {self._log}"
            raise RigError(f"the {self.name} did not {what} within {within_s:g} s: {why}") from None
        if answer is _ENDED:
            self._answers.put(_ENDED)  # whoever asks next must not wait either
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=1.0)
            raise RigError(f"the {self.name} did not {what}: {self.trouble() or 'it hung up'}")
        return answer

    def trouble(self) -> str | None:
        """Why it is not working; None while it is."""
        for complaint in self.complaints:
            if "error" in complaint:
                return f"{self.name}: {complaint['error']}"
        status = self._process.poll()
        if status is None:
            return None
        return f"{self.name}: ended by itself ({ending(status)}): {last_lines(self._log, 1)}"

    def _kill(self) -> None:
        """SIGKILL, to the worker proper too: what was started may be no more than a way in."""
        inner = child_of(self._process.pid) if self._is_inside else None
        self._process.kill()
        if inner is not None:  # it would hold its end of our pipes, and nobody could close ours
            with contextlib.suppress(ProcessLookupError):
                os.kill(inner, signal.SIGKILL)

    def stop(self) -> None:
        """End it, gently first; safe to call twice."""
        if self._process.poll() is None:
            with contextlib.suppress(RigError):
                self._send({"quit": True})
            assert self._process.stdin is not None
            with contextlib.suppress(OSError):
                self._process.stdin.close()
            try:
                self._process.wait(timeout=self._patience_s)
            except subprocess.TimeoutExpired:
                self._kill()
        self._process.wait()
        self._reader.join(timeout=1.0)
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):  # a last word that nobody is there to read
                pipe.close()
