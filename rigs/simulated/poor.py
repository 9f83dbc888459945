"""What the stepped device's kernel does where the network is poor: it waits, and asks again.

On a good network all is there as soon as it is sent, at fixed steps (`wire.py`). On a poor one each
frame is put on the cable by itself, and what follows waits until that has come, or is sent again.
"""

from collections.abc import Callable, Sequence

from harness.bench.drivers.simulated_capture import tcp_frame
from harness.bench.ports.stepped import Surroundings
from rigs.simulated.stream import PoorStream

ASKED_AGAIN_S = (2.0, 2.0)  # a name, as the resolver of the virtual bench does
_CONNECTED_AGAIN_S = (1.0, 2.0, 4.0)
_PORT = 443
_SYN, _SYN_ACK, _PUSH_ACK, _ACK, _FIN_ACK, _RESET = 0x02, 0x12, 0x18, 0x10, 0x11, 0x14
Told = Callable[[bool], None]


class PoorLine:
    """The cable, frame by frame; of the device's nothing once it is not `is_on`."""

    def __init__(self, around: Surroundings, is_on: Callable[[], bool]) -> None:
        self.around, self._is_on = around, is_on

    def now_s(self) -> float:
        """Unix time (s)."""
        return self.around.agenda.now_s()

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        """Do something so many seconds from now, whether the device is on or not."""
        self.around.agenda.do_at(self.now_s() + after_s, deed)

    def carry(self, frame: bytes, upward: bool, came: Callable[[], None]) -> None:
        """Put a frame on the link now; `came` when it is at the other end."""
        if self._is_on() or not upward:
            self.around.put(frame, upward, came)

    def exchange(self, asked: bytes, told: bytes, again_s: Sequence[float], then: Told) -> None:
        """Ask by one frame until another comes back; `then` once: whether it came in time.

        `again_s`: how long each try is waited for.
        """
        come = Once(then)

        def ask(tried: int) -> None:
            if tried == len(again_s):
                come(False)
            elif not come.over:
                self.carry(asked, True, lambda: self.carry(told, False, lambda: come(True)))
                self.later(again_s[tried], lambda: ask(tried + 1))

        ask(0)

    def ask_all(self, pairs: Sequence[tuple[bytes, bytes]], then: Told) -> None:
        """Ask several things at once; `then` once: whether all answers came in time."""
        came: list[bool] = []

        def answered(in_time: bool) -> None:
            came.append(in_time)
            if len(came) == len(pairs):
                then(all(came))

        for asked, told in pairs:
            self.exchange(asked, told, ASKED_AGAIN_S, answered)


class PoorConnection:
    """A TCP connection over such a line; `sent` and `received`: the numbers it has come to."""

    def __init__(self, line: PoorLine, source_port: int, sent: int, received: int) -> None:
        self._line, self._source_port = line, source_port
        self._numbers = {True: sent, False: received}
        self._streams: dict[bool, PoorStream] = {}

    def open(self, step_s: float, shake_hands: Callable[[Told], None], then: Told) -> None:
        """Connect, and `shake_hands` over it; `then` once: whether that went well.

        `step_s`: how long each of the two is waited for before it is given up.
        """
        tell = Once(then)
        syn, ack = self._frame(True, b"", _SYN), self._frame(False, b"", _SYN_ACK, more=1)
        self._numbers = {way: number + 1 for way, number in self._numbers.items()}
        connected = False

        def answered(came: bool) -> None:
            nonlocal connected
            connected = came
            if not came or tell.over:
                tell(False)
                return
            self._line.later(step_s, lambda: tell(False))
            shake_hands(tell)

        self._line.later(step_s, lambda: None if connected else tell(False))
        self._line.exchange(syn, ack, _CONNECTED_AGAIN_S, answered)

    def send(self, upward: bool, payload: bytes, then: Callable[[], None]) -> None:
        """Bring this to the other end; `then`, when it is there."""
        if upward not in self._streams:
            self._streams[upward] = PoorStream(self, upward, self._numbers[upward])
        self._streams[upward].send(payload, then)

    def abort(self) -> None:
        """The device lets go of it without a last word: what it has not sent yet is not sent."""
        if True in self._streams:
            self._streams[True].stop()
        self._line.carry(self._frame(True, b"", _RESET), True, lambda: None)

    def close(self) -> None:
        """Hang up, in order."""

        def answered() -> None:
            self._line.carry(self._frame(True, b"", _ACK), True, lambda: None)

        def hung_up() -> None:
            self._line.carry(self._frame(False, b"", _FIN_ACK), False, answered)

        self._line.carry(self._frame(True, b"", _FIN_ACK), True, hung_up)

    # What its streams ask of it ------------------------------------------------------------------

    def now_s(self) -> float:
        """Unix time (s)."""
        return self._line.now_s()

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        """Do something so many seconds from now."""
        self._line.later(after_s, deed)

    def carry(self, upward: bool, start: int, payload: bytes, came: Callable[[], None]) -> None:
        """Put a segment on the link now."""
        frame = tcp_frame(*self._ends(upward), start, payload, _PUSH_ACK, self._numbers[not upward])
        self._numbers[upward] = max(self._numbers[upward], start + len(payload))
        self._line.carry(frame, upward, came)

    def acknowledge(self, upward: bool, end: int, came: Callable[[], None]) -> None:
        """Put an acknowledgement of what goes `upward` on the link now: it goes the other way."""
        numbers = self._numbers[not upward]
        frame = tcp_frame(*self._ends(not upward), numbers, b"", _ACK, end)
        self._line.carry(frame, not upward, came)

    def _frame(self, upward: bool, payload: bytes, flags: int, more: int = 0) -> bytes:
        """A frame at the present numbers; `more`: of the other way it has seen, beyond those."""
        seen = 0 if flags == _SYN else self._numbers[not upward] + more
        return tcp_frame(*self._ends(upward), self._numbers[upward], payload, flags, seen)

    def _ends(self, upward: bool) -> tuple[str, int, str, int]:
        device, cloud = self._line.around.device_address, self._line.around.cloud_address
        if upward:
            return device, self._source_port, cloud, _PORT
        return cloud, _PORT, device, self._source_port


class Once:
    """Hands on what it is told the first time; `over` from then on."""

    def __init__(self, then: Told) -> None:
        self._then = then
        self.over = False

    def __call__(self, told: bool) -> None:
        """Hand it on, unless something was handed on before."""
        if not self.over:
            self.over = True
            self._then(told)
