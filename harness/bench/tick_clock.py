"""From the ticks of another board's clock to Unix time, with bounds that hold.

A board is asked for its time. It read its clock after the question was sent and before the answer
was there: each such exchange bounds the Unix time of its ticks from both sides. Between exchanges
neither clock runs away faster than `RATE_OFF` from the other, so each exchange bounds the time of
every tick, and all of them together bound it closely. (Marzullo 1984; a line fitted through the
middles would be smoother, but has no bounds, and bends when the machine's clock is slewed.)
"""

from collections import deque
from dataclasses import dataclass

from harness.errors import RigError

RATE_OFF = 600e-6
"""How far the rates may be apart: 500 ppm that the kernel slews by, 100 ppm for a crystal."""
_KEPT = 64


@dataclass(frozen=True, slots=True)
class Exchange:
    """The board read `ticks_us` at some Unix time from `sent_s` to `got_s`."""

    ticks_us: int
    sent_s: float
    got_s: float


class TickClock:
    """The newest exchanges with one board, from one start of it to the next."""

    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=_KEPT)

    def add(self, exchange: Exchange) -> None:
        """Learn from an exchange."""
        self._exchanges.append(exchange)

    def at(self, ticks_us: int) -> tuple[float, float]:
        """Unix time (s) of a tick, and how far it may be off to either side (s).

        `RigError` when there was no exchange, or when two of them cannot both be true: a clock was
        set.
        """
        if not self._exchanges:
            raise RigError("no exchange of time with the board yet")
        bounds = [_bounds(exchange, ticks_us) for exchange in self._exchanges]
        low_s = max(low for low, _ in bounds)
        high_s = min(high for _, high in bounds)
        if low_s > high_s:
            raise RigError(
                f"this machine's clock was set, or the board's: exchanges of time contradict each "
                f"other by {(low_s - high_s) * 1e3:.1f} ms"
            )
        return (low_s + high_s) / 2, (high_s - low_s) / 2


def _bounds(exchange: Exchange, ticks_us: int) -> tuple[float, float]:
    apart_s = (ticks_us - exchange.ticks_us) * 1e-6
    slack_s = abs(apart_s) * RATE_OFF
    return exchange.sent_s + apart_s - slack_s, exchange.got_s + apart_s + slack_s
