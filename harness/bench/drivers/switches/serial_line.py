"""A serial port of the bench: found by what is plugged in, opened for us alone, opened anew.

`/dev/ttyUSB0` is another board tomorrow. So a port is named by its USB identity,
`usb:VENDOR:PRODUCT` or `usb:VENDOR:PRODUCT:SERIAL` (hexadecimal, as `lsusb` prints them), or by a
path that does not change, such as those in `/dev/serial/by-id/`.
"""

import contextlib
import termios

import serial
from serial.tools import list_ports

from harness.bench.drivers.switches.switch import Switch
from harness.bench.drivers.usb_identity import UsbIdentity
from harness.errors import RigError, UserError

# What pyserial raises when the cable is pulled: reading and writing raise SerialException,
# `in_waiting` OSError 5, flushing termios.error.
_GONE = (serial.SerialException, OSError, termios.error)


def is_identity(name: str) -> bool:
    """Whether `name` is a USB identity as it must be written."""
    return UsbIdentity.read(name) is not None


def find_port(name: str) -> str:
    """The path of the port that `name` means; a path means itself.

    `RigError` when nothing with that USB identity is plugged in, or more than one thing;
    `UserError` when the name is no identity.
    """
    if not name.startswith("usb:"):
        return name
    asked = UsbIdentity.read(name)
    if asked is None:
        raise UserError(
            f"`{name}` names no serial port; write usb:VENDOR:PRODUCT or usb:VENDOR:PRODUCT:SERIAL "
            "with four hexadecimal digits each, or a path such as /dev/serial/by-id/..."
        )
    wanted = (asked.vendor, asked.product)
    here = [port for port in list_ports.comports() if (port.vid, port.pid) == wanted]
    fitting = [port for port in here if asked.serial in (None, port.serial_number)]
    if len(fitting) == 1:
        return str(fitting[0].device)
    others = ", ".join(f"{port.device} (serial number {port.serial_number})" for port in here)
    why = "is not plugged in" if not fitting else "means more than one port; add a serial number"
    raise RigError(f"serial port {name} {why}; with that vendor and product: {others or 'none'}")


class SerialLine:
    """An open serial port. One question at a time; when the cable was pulled, opened anew."""

    def __init__(self, name: str, baud: int, stop_bits: int = 1) -> None:
        """Open it; `RigError` when it is not there, not ours to open, or in use."""
        self._name, self._baud, self._stop_bits = name, baud, stop_bits
        self._port: serial.Serial | None = None
        self._open()

    @property
    def name(self) -> str:
        """What the rig file calls it."""
        return self._name

    def ask(self, sent: bytes, count: int = 0, within_s: float = 1.0) -> bytes:
        """Write `sent` and read exactly `count` bytes; what came before the question is dropped."""
        return self._exchange(sent, count, None, within_s)

    def ask_until(self, sent: bytes, end: bytes, within_s: float = 1.0) -> bytes:
        """Write `sent` and read until `end` has come, which is part of the answer."""
        return self._exchange(sent, 4096, end, within_s)

    def close(self) -> None:
        """Let go of the port; safe to call twice."""
        port, self._port = self._port, None
        if port is not None:
            with contextlib.suppress(*_GONE):
                port.close()

    def _open(self) -> serial.Serial:
        path = find_port(self._name)
        try:
            self._port = serial.Serial(
                path, self._baud, stopbits=self._stop_bits, exclusive=True, write_timeout=1.0
            )
        except _GONE as error:
            raise RigError(
                f"serial port {self._name} cannot be opened ({error}): is it plugged in, does "
                "another program hold it, and may you open it (group dialout)?"
            ) from error
        return self._port

    def _exchange(self, sent: bytes, count: int, end: bytes | None, within_s: float) -> bytes:
        try:
            return self._once(self._port or self._open(), sent, count, end, within_s)
        except _GONE:
            self.close()  # its path may be another after plugging in
        port = self._open()
        try:
            return self._once(port, sent, count, end, within_s)
        except _GONE as error:
            self.close()
            raise RigError(
                f"serial port {self._name} went away ({error}): plug it in again"
            ) from error

    def _once(
        self, port: serial.Serial, sent: bytes, count: int, end: bytes | None, within_s: float
    ) -> bytes:
        port.reset_input_buffer()
        port.write(sent)
        port.flush()
        if not count:
            return b""
        port.timeout = within_s
        answer = bytes(port.read(count) if end is None else port.read_until(end, count))
        if len(answer) < count if end is None else not answer.endswith(end):
            raise RigError(
                f"what is on serial port {self._name} answered {sent.hex(' ')} with "
                f"{answer.hex(' ') or 'nothing'} within {within_s:g} s: it is another board than "
                "the rig file says, or it has no power"
            )
        return answer


class SerialSwitch(Switch):
    """A switch on a serial port, which it lets go of when it is closed."""

    def __init__(self, line: SerialLine) -> None:
        self._line = line

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()
