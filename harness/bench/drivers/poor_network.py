"""The virtual bench's network made poor: a detour, and a relay that hands packets on along it."""

import secrets
import socket
from dataclasses import asdict
from pathlib import Path

from harness.bench.drivers.detour import Detour
from harness.bench.drivers.namespaces import Network
from harness.bench.drivers.worker_process import WorkerProcess
from harness.model.network import NetworkCondition

_READY_S = 10.0


class PoorNetwork:
    """Poor as told, between `make` and `good`; there is nothing of it before `prepare`."""

    def __init__(self, network: Network, log: Path, seed: int | None = None) -> None:
        """`log`: of the relay. `seed`: of what it draws by chance; None: another each time."""
        self._network, self._detour, self._log = network, Detour(network), log
        self._seed = secrets.randbits(32) if seed is None else seed
        self._sockets: tuple[socket.socket, ...] = ()
        self._relay: WorkerProcess | None = None
        self._diverted = False

    def prepare(self) -> None:
        """Start what it takes, which nothing passes yet. Safe to call twice."""
        self._worker()

    def _worker(self) -> WorkerProcess:
        if self._relay is None:
            self._sockets = self._detour.lay()
            ends = [end.fileno() for end in self._sockets]
            words = [*map(str, ends), str(self._seed)]
            module = "harness.bench.drivers.link_relay"
            self._relay = WorkerProcess("link relay", module, words, {}, self._log, ends)
            self._relay.await_ready(_READY_S)
        return self._relay

    def make(self, condition: NetworkCondition) -> None:
        """Poor from now on; what an earlier condition held up goes at once."""
        # First it hands on, then all is led over it: a moment of both ways loses nothing.
        self._worker().ask(relay=asdict(condition))
        if not self._diverted:
            self._detour.divert()
            self._diverted = True

    def good(self) -> None:
        """The straight way again; what was held up goes at once. Safe to call at any time."""
        if not self._diverted or self._relay is None:
            return
        self._relay.ask(relay=asdict(NetworkCondition()))
        self._straighten()
        self._relay.ask(relay=None)

    def counts(self) -> dict[str, list[int]]:
        """What passed and was lost under the present condition, from the device and to it."""
        answer = self._worker().ask(count=True)
        return {name: [int(n) for n in answer[name]] for name in ("passed", "lost")}

    def trouble(self) -> str | None:
        """Why packets are not handed on as they should be; None while all is well."""
        return None if self._relay is None else self._relay.trouble()

    def close(self) -> None:
        """End it and leave nothing of it; the way is straight again. Safe to call twice."""
        relay, self._relay = self._relay, None
        if relay is None:
            return
        try:
            if self._network.trouble() is None:  # with the namespaces all of it is gone
                self._straighten()
                self._detour.take_up()
        finally:
            self._diverted = False
            relay.stop()
            for end in self._sockets:
                end.close()
            self._sockets = ()

    def _straighten(self) -> None:
        if self._diverted:
            self._detour.straighten()
            self._diverted = False
