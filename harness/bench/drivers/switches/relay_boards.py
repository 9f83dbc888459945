"""Relay boards on a serial port, each by its maker's protocol.

Channels count from 1, as printed on the boards; Numato prints and counts from 0.
"""

from harness.bench.drivers.registry import Place
from harness.bench.drivers.switches.options import BoardOptions, KmtronicOptions, NumatoOptions
from harness.bench.drivers.switches.serial_line import SerialLine, SerialSwitch
from harness.errors import RigError, UserError

_DEVANTECH = {8: "USB-RLY08", 9: "USB-RLY16", 10: "USB-RLY02", 15: "USB-RLY16L"}
_NUMATO_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUV"


def _check_channel(channel: int, first: int, last: int, board: str) -> None:
    if not first <= channel <= last:
        raise UserError(f"{board} has no channel {channel}; it has {first} to {last}")


class Kmtronic(SerialSwitch):
    """KMTronic USB relay boards with one to eight relays (9600 baud, 8N1).

    `FF n s` switches relay n. Boards of one and two answer `FF n 03` with `FF n s`; boards of four
    and eight answer `FF 09 00` with one byte a relay.
    """

    clicks = True
    options = KmtronicOptions

    def __init__(self, line: SerialLine, channel: int, channels: int = 1) -> None:
        if channels not in (1, 2, 4, 8):
            raise UserError(f"KMTronic boards have 1, 2, 4 or 8 relays, not {channels}")
        _check_channel(channel, 1, channels, f"a KMTronic board with {channels} relays")
        super().__init__(line)
        self._channel, self._channels = channel, channels

    @classmethod
    def opened(cls, options: KmtronicOptions, _place: Place) -> "Kmtronic":
        """For a rig file."""
        return cls(SerialLine(options.port, 9600), options.channel, options.channels)

    def set(self, closed: bool) -> None:
        """Switch the relay."""
        self._line.ask(bytes((0xFF, self._channel, closed)))

    def read(self) -> bool:
        """Ask the board."""
        if self._channels <= 2:
            head = bytes((0xFF, self._channel))
            answer = self._line.ask(head + b"\x03", 3)
            state, strange = answer[2], answer[:2] != head
        else:
            answer = self._line.ask(b"\xff\x09\x00", self._channels)
            state, strange = answer[self._channel - 1], False
        if strange or state > 1:
            raise _not_a("KMTronic board", self._line, answer)
        return bool(state)

    def identify(self) -> str:
        """It has no name to say: whether it answers at all."""
        self.read()
        return f"KMTronic, {self._channels} relays (it answers for its state)"


class Lcus(SerialSwitch):
    """LCUS relay boards with a CH340 (9600 baud, 8N1): `A0 n s` and the sum of the three.

    They answer nothing that can be relied on.
    """

    clicks = True
    reads_back = False
    options = BoardOptions

    def __init__(self, line: SerialLine, channel: int) -> None:
        _check_channel(channel, 1, 8, "an LCUS board")
        super().__init__(line)
        self._channel = channel

    @classmethod
    def opened(cls, options: BoardOptions, _place: Place) -> "Lcus":
        """For a rig file."""
        return cls(SerialLine(options.port, 9600), options.channel)

    def set(self, closed: bool) -> None:
        """Switch the relay, hopefully: nothing comes back."""
        said = bytes((0xA0, self._channel, closed))
        self._line.ask(said + bytes((sum(said) & 0xFF,)))

    def read(self) -> None:
        """Nobody can ask it."""

    def identify(self) -> str:
        """It cannot say what it is."""
        return "LCUS (it cannot be asked: prove the switch otherwise)"


class Devantech(SerialSwitch):
    """Devantech USB-RLY02, -RLY08, -RLY16 and -RLY16L (19200 baud, 8N2; USB takes any).

    `5A` asks for module and version, `5B` for the states as bits, `65` to `6C` close a relay, `6F`
    to `76` open it.
    """

    clicks = True
    options = BoardOptions

    def __init__(self, line: SerialLine, channel: int) -> None:
        _check_channel(channel, 1, 8, "a Devantech board")
        super().__init__(line)
        self._channel = channel

    @classmethod
    def opened(cls, options: BoardOptions, _place: Place) -> "Devantech":
        """For a rig file."""
        return cls(SerialLine(options.port, 19200, 2), options.channel)

    def set(self, closed: bool) -> None:
        """Switch the relay."""
        self._line.ask(bytes(((0x64 if closed else 0x6E) + self._channel,)))

    def read(self) -> bool:
        """Ask the board."""
        return bool(self._line.ask(b"\x5b", 1)[0] >> (self._channel - 1) & 1)

    def identify(self) -> str:
        """Module and version; `RigError` when it is no module of Devantech's."""
        answer = self._line.ask(b"\x5a", 2)
        if answer[0] not in _DEVANTECH:
            raise _not_a("Devantech relay board", self._line, answer)
        return f"Devantech {_DEVANTECH[answer[0]]}, version {answer[1]}"


class Numato(SerialSwitch):
    """Numato USB relay modules: words ended by a carriage return, echoed, and a prompt `>`.

    Channels count from 0, those over 9 are letters.
    """

    clicks = True
    options = NumatoOptions

    def __init__(self, line: SerialLine, channel: int) -> None:
        _check_channel(channel, 0, len(_NUMATO_DIGITS) - 1, "a Numato module")
        super().__init__(line)
        self._digit = _NUMATO_DIGITS[channel]

    @classmethod
    def opened(cls, options: NumatoOptions, _place: Place) -> "Numato":
        """For a rig file."""
        return cls(SerialLine(options.port, 19200), options.channel)

    def set(self, closed: bool) -> None:
        """Switch the relay."""
        self._say(f"relay {'on' if closed else 'off'} {self._digit}")

    def read(self) -> bool:
        """Ask the module."""
        answer = self._say(f"relay read {self._digit}")
        if answer not in ("on", "off"):
            raise _not_a("Numato module", self._line, answer.encode())
        return answer == "on"

    def identify(self) -> str:
        """Its version."""
        return f"Numato, version {self._say('ver') or 'unknown'}"

    def _say(self, words: str) -> str:
        raw = self._line.ask_until(words.encode() + b"\r", b">")
        lines = [line.strip() for line in raw[:-1].decode("ascii", "replace").split("\n")]
        told = [line for line in lines if line]
        if told[:1] != [words]:
            raise _not_a("Numato module", self._line, raw)
        return " ".join(told[1:])


def _not_a(board: str, line: SerialLine, answer: bytes) -> RigError:
    return RigError(
        f"what is on serial port {line.name} is no {board}: it answered {answer!r}; check `driver` "
        "and `port` in the rig file"
    )
