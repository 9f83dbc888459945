"""Datagrams to a proxy itself, by which it is known that it captures, and when."""

import socket

from harness.bench.ports.canary import CANARY_MARK
from harness.clock import Clock
from harness.errors import RigError


class CanarySocket:
    """Sends them."""

    def __init__(self, to: tuple[str, int], clock: Clock) -> None:
        """`to`: where the proxy takes them."""
        self._to, self._clock = to, clock
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def send(self, nonce: bytes) -> float:
        """Send one; the Unix time (s) at which it left."""
        before_s = self._clock.now_s()
        try:
            self._socket.sendto(CANARY_MARK + nonce, self._to)
        except OSError as error:
            raise RigError(f"proxy: no canary could be sent to it ({error})") from error
        return (before_s + self._clock.now_s()) / 2

    def close(self) -> None:
        """No more are sent. Safe to call twice."""
        self._socket.close()
