"""The line to the controller: questions and answers, what it tells by itself, and what was lost.

Lines carry numbers and checksums, so whatever is lost, bent or invented on the way is noticed; so
are a controller that restarts, that hangs and that is unplugged. All of it is in `faults`, in
words. Once it is plugged in again it is opened anew by its name. See docs/controller.md.
"""

import contextlib
import termios
import threading
from binascii import crc32
from collections.abc import Callable, Sequence
from typing import NoReturn

import serial

from harness.bench.drivers.switches.serial_line import find_port
from harness.bench.tick_clock import Exchange, TickClock
from harness.clock import Clock
from harness.errors import RigError

VERSION = "1"
"""Of the protocol; the firmware says its own."""
_WITHIN_S = 1.0
_SILENT_S = 2.0
_LONGEST = 4096
_FIRST_EXCHANGES = 8
_UNITS = 0x10000
# What pyserial raises when the cable is pulled.
_GONE = (serial.SerialException, OSError, termios.error)

Told = Callable[[str, Sequence[str]], None]


def seal(text: str) -> bytes:
    """A line as it goes over the wire."""
    return f"{text}*{crc32(text.encode()):08x}\n".encode()


def unseal(line: bytes) -> str | None:
    """What a line says; None when its checksum does not fit."""
    text, star, said = line.rstrip(b"\r").rpartition(b"*")
    if not star or f"{crc32(text):08x}".encode() != said or not text.isascii():
        return None
    return text.decode()


class ControllerLink:
    """A controller. `ask` may be called by any thread.

    `told(kind, words)` is called by the link's own thread for what the controller says by itself.
    `greet` is called whenever it was opened, before anything else is asked; it may ask. `each_s`:
    how often the time is asked for, which is the keep-alive too.
    """

    def __init__(
        self, port: str, clock: Clock, told: Told, greet: Callable[[], None], each_s: float
    ) -> None:
        """Nothing is opened yet."""
        self._name, self._clock = port, clock
        self._told, self._greet, self._each_s = told, greet, each_s
        self._asking = threading.RLock()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._port: serial.Serial | None = None
        self._faults: list[str] = []
        self._answer: tuple[int, list[str], float] | None = None
        self._asked = 0
        self._expected: int | None = None
        self._attached = False
        self._alive_s = clock.monotonic_s()
        self.ticks = TickClock()
        self.identity = ""
        self._reader = threading.Thread(target=self._read, name="controller-read", daemon=True)
        self._keeper = threading.Thread(target=self._keep, name="controller-keep", daemon=True)

    def open(self) -> None:
        """Open and greet it; `RigError` when it is not there, or of another version."""
        self._open()
        self._reader.start()
        try:
            self._attach()
        except BaseException:
            self.close()
            raise
        self._keeper.start()

    def ask(self, *words: str, within_s: float = _WITHIN_S) -> list[str]:
        """Say a line and return the words of its answer; `RigError` when it is refused or lost."""
        return self._ask(words, within_s)[0]

    def fault(self, what: str) -> None:
        """Note what went wrong; it is never forgotten."""
        with self._changed:
            if self._faults[-1:] != [what]:
                self._faults.append(what)

    def faults(self) -> tuple[str, ...]:
        """All that went wrong since the link was opened, in words."""
        with self._changed:
            return tuple(self._faults)

    def attached(self) -> bool:
        """Whether the controller is there and was greeted."""
        return self._attached

    def trouble(self) -> str | None:
        """Why nothing can be had of it now; None while it lives."""
        if self._closing.is_set():
            return None
        if not self._attached:
            return f"the controller at {self._name} is gone: plug it in, or look at its light"
        silent_s = self._clock.monotonic_s() - self._alive_s
        if silent_s > _SILENT_S:
            return f"the controller at {self._name} has said nothing for {silent_s:.1f} s: it hangs"
        return None

    def close(self) -> None:
        """Let go of the port. Safe to call twice."""
        self._closing.set()
        for thread in (self._keeper, self._reader):
            if thread.is_alive() and thread is not threading.current_thread():
                thread.join()
        self._drop()

    # Asking ----------------------------------------------------------------------------------

    def _ask(self, words: Sequence[str], within_s: float) -> tuple[list[str], float, float]:
        with self._asking:
            self._asked = (self._asked + 1) % _UNITS
            number, said = self._asked, " ".join(words)
            port = self._port
            if port is None:
                self._lost(said, "it is not plugged in")
            with self._changed:
                self._answer = None
            sent_s = self._clock.now_s()
            try:
                port.write(seal(f"{number} {said}"))
            except _GONE as error:
                self._lost(said, str(error))
            answer, got_s = self._await(number, said, within_s)
        if answer[:1] != ["ok"]:
            raise RigError(f"the controller at {self._name} refused `{said}`: {' '.join(answer)}")
        return answer[1:], sent_s, got_s

    def _await(self, number: int, said: str, within_s: float) -> tuple[list[str], float]:
        with self._changed:
            self._changed.wait_for(lambda: self._port is None or self._is_for(number), within_s)
            if self._answer is None or not self._is_for(number):
                self._lost(said, f"no answer within {within_s:g} s")
            return self._answer[1], self._answer[2]

    def _is_for(self, number: int) -> bool:
        return self._answer is not None and self._answer[0] == number

    def _lost(self, said: str, why: str) -> NoReturn:
        raise RigError(
            f"the controller at {self._name} did not confirm `{said}` ({why}): is it plugged in, "
            "and does it run the firmware of rigs/controller?"
        )

    def _exchange(self) -> None:
        words, sent_s, got_s = self._ask(("time",), _WITHIN_S)
        self.ticks.add(Exchange(int(words[0]), sent_s, got_s))

    # Opening, and keeping alive ---------------------------------------------------------------

    def _open(self) -> None:
        try:
            path = find_port(self._name)
            self._port = serial.Serial(path, 115_200, exclusive=True, timeout=0.1, write_timeout=1)
        except _GONE as error:
            raise RigError(
                f"the controller at {self._name} cannot be opened ({error}): is it plugged in, "
                "does another program hold it, and may you open it (group dialout)?"
            ) from error

    def _attach(self) -> None:
        with self._asking:
            self._expected = None
            assert self._port is not None
            try:
                self._port.write(b"\n")  # ends whatever another host left half said
            except _GONE as error:
                self._lost("hello", str(error))
            version, self.identity, _cause = self.ask("hello")
            if version != VERSION:
                raise RigError(
                    f"the controller at {self._name} speaks version {version} of its protocol, and "
                    f"this harness {VERSION}: copy rigs/controller onto it (docs/controller.md)"
                )
            self.ticks = TickClock()
            for _ in range(_FIRST_EXCHANGES):
                self._exchange()
            self._alive_s = self._clock.monotonic_s()
            self._greet()
            self._attached = True

    def _keep(self) -> None:
        while not self._closing.wait(self._each_s):
            try:
                if self._attached:
                    self._exchange()
                else:
                    self._reopen()
            except RigError as error:
                if self._attached:
                    self.fault(str(error))

    def _reopen(self) -> None:
        if self._port is None:
            self._open()
        self._attach()
        self.fault(f"the controller at {self._name} was greeted anew")

    def _drop(self) -> None:
        self._attached = False
        port, self._port = self._port, None
        with self._changed:
            self._changed.notify_all()  # whoever waits for an answer waits in vain
        if port is not None:
            with self._asking, contextlib.suppress(*_GONE):  # not while somebody writes to it
                port.close()

    # Hearing ---------------------------------------------------------------------------------

    def _read(self) -> None:
        begun = b""
        while not self._closing.is_set():
            port = self._port
            if port is None:
                begun = b""
                self._closing.wait(0.05)
                continue
            try:
                came = _come(port)
            except _GONE as error:
                if not self._closing.is_set():
                    self.fault(f"the controller at {self._name} went away ({error})")
                self._drop()
                continue
            now_s = self._clock.now_s()
            *lines, begun = (begun + came).split(b"\n")
            for line in lines:
                self._take(line, now_s)
            if len(begun) > _LONGEST:
                self._noise(begun)
                begun = b""

    def _take(self, line: bytes, now_s: float) -> None:
        if not line.strip():
            return
        text = unseal(line)
        words = text.split(" ") if text else []
        if len(words) < 2 or not words[0].isdigit():
            self._noise(line)
            return
        self._count(int(words[0]), words[1:])
        self._alive_s = self._clock.monotonic_s()
        if words[1] == "a" and len(words) > 3 and words[2].isdigit():
            with self._changed:
                self._answer = int(words[2]), words[3:], now_s
                self._changed.notify_all()
        elif words[1] == "b" and self._attached:
            self._attached = False  # the keeper greets it again
            self.fault(f"the controller at {self._name} restarted by itself ({words[-1]})")
        elif words[1] == "x":
            self._complaint(words[2:])
        elif self._expected is not None:
            self._told(words[1], words[2:])

    def _count(self, number: int, words: Sequence[str]) -> None:
        """Notice lines that are missing, from the answer to our greeting on."""
        if self._expected is None and words[0] != "a":
            return
        if words[0] != "b" and self._expected not in (None, number):
            self._attached = False  # the keeper greets it again
            self.fault(
                f"lines of the controller at {self._name} were lost: number {self._expected} was "
                f"expected, and {number} came"
            )
        self._expected = (number + 1) % _UNITS

    def _complaint(self, words: Sequence[str]) -> None:
        if self._expected is not None:
            self.fault(f"the controller at {self._name} complains: {' '.join(words)}")

    def _noise(self, line: bytes) -> None:
        if self._expected is not None:
            self.fault(f"the controller at {self._name} sent what makes no sense: {line[:80]!r}")


def _come(port: serial.Serial) -> bytes:
    """What has come, after a tenth of a second at most."""
    first = bytes(port.read(1))
    return first + bytes(port.read(port.in_waiting)) if first else first
