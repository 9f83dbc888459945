"""The simulated cable: cut, or as poor as the real one is made, by the same rules."""

import heapq
import random
from collections.abc import Callable

from harness.bench.drivers.simulated import SimulatedTap
from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.ports.link import Link
from harness.bench.shaping import Way, is_udp_443
from harness.model.network import GOOD, NetworkCondition

_CABLE_S = 1e-4


class SimulatedLink(Link):
    """The cable that a simulated tap sits on; a simulated device asks it whether it `is_on`.

    Frames that are put on it by `put` come out at the other end as late as the network is poor, or
    never. `seed`: of what is lost.
    """

    def __init__(self, tap: SimulatedTap, clock: AgendaClock, seed: int = 0) -> None:
        """The cable is whole, the network good."""
        self._tap, self._clock = tap, clock
        self._dice = random.Random(seed)
        self._under_way: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0
        self.condition = GOOD
        self._ways = self._new_ways()

    @property
    def is_on(self) -> bool:
        """Whether packets pass."""
        return not self._tap.severed

    @property
    def is_poor(self) -> bool:
        """Whether packets that pass are late, slow or lost."""
        return self.condition != GOOD

    def off(self) -> None:
        """Cut it."""
        self._become(GOOD)
        self._tap.severed = True

    def on(self) -> None:
        """Mend it."""
        self._become(GOOD)
        self._tap.severed = False

    def shape(self, condition: NetworkCondition) -> None:
        """Make it so poor."""
        self._become(condition)
        self._tap.severed = False

    def put(self, frame: bytes, upward: bool, came: Callable[[], None]) -> None:
        """A frame leaves one end now, the device's where `upward`; `came` once it is at the other.

        The tap sees it at the device's end: when it leaves there, or when it comes there.
        """
        if not self.is_on:
            return
        if upward:
            self._tap.see(frame)
        now_s = self._clock.now_s()
        out_s = self._ways[upward].put(now_s, len(frame), udp_443=is_udp_443(frame))
        if out_s is None:
            return

        def arrive() -> None:
            if not upward:
                self._tap.see(frame)
            if upward or self.is_on:
                came()

        self._count += 1
        heapq.heappush(self._under_way, (out_s + _CABLE_S, self._count, arrive))
        self._clock.do_at(out_s + _CABLE_S, lambda: self._let_through(self._clock.now_s()))

    def _become(self, condition: NetworkCondition) -> None:
        """Another network from now on; what was under way passes at once, in its order."""
        self.condition, self._ways = condition, self._new_ways(condition)
        self._let_through(float("inf"))

    def _new_ways(self, condition: NetworkCondition = GOOD) -> dict[bool, Way]:
        return {
            upward: Way(condition, random.Random(self._dice.getrandbits(64)))
            for upward in (True, False)
        }

    def _let_through(self, until_s: float) -> None:
        due = []
        while self._under_way and self._under_way[0][0] <= until_s:
            due.append(heapq.heappop(self._under_way)[2])
        for arrive in due:  # taken out first: what they put on it anew is not due
            arrive()

    def forget(self) -> None:
        """Let go of what is under way."""
        self._under_way.clear()
