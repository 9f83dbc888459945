"""The controller's loop: obeys the host's lines, tells of light, and lets go when the host is gone.

From the host: `SEQ VERB WORDS`. To the host: `N KIND WORDS`, N counting every line said since the
start, so that a lost one is missed. Kinds: `b` started, `a` answer, `e` edge of light, `h` alive,
`x` complaint. Every line carries a checksum (`lines`). The whole protocol: docs/controller.md.
"""

import board
from lights import MASK, Light, Samples
from lines import LineReader, seal, unseal

VERSION = 1
ALIVE_EACH_US = 500_000
PULSE_US = 150_000
"""How long a button that toggles is held."""
LATE_US = 10_000
"""Samples further apart than this are complained of."""


class Controller:
    """All of the firmware's state. `step` is called for ever."""

    def __init__(self) -> None:
        self._reader = LineReader()
        self._samples = Samples()
        self._lights = {name: Light(board.FLOOR, board.CEILING) for name in board.SENSORS}
        self._said = 0
        self._expected: int | None = None
        self._raw_us = int(board.now_us())
        self._now_us: int = 0
        self._heard_us = 0
        self._told_us = 0
        self._leave_us = 0
        self._leave: tuple[str, str] = ("-", "-")
        self._left = True
        self._pulse_until_us: int | None = None
        self._broken = {name: False for name in board.SENSORS}
        self._last_us: int | None = None
        self._worst_us = 0
        self._sampled = 0
        self._verbs = {
            "hello": self._hello,
            "time": self._time,
            "press": self._press,
            "leave": self._set_leave,
            "watch": self._watch,
            "stats": self._stats,
            "event": self._event,
            "test": self._test,
        }

    def begin(self) -> None:
        """Start sampling and say so."""
        board.begin(self._samples.take)
        self._say(f"b {VERSION} {board.identity()} {board.cause()}")

    def step(self) -> None:
        """One turn of the loop: host, light, and what is due."""
        for line in self._reader.take(board.read(2)):
            self._obey(line)
        self._look()
        self._tick()
        if (self._now_us - self._told_us) >= ALIVE_EACH_US:
            self._told_us = self._now_us
            self._say(f"h {self._now_us} {self._states()} {self._sampled}")
            self._sampled = 0
        if self._pulse_until_us is not None and self._now_us >= self._pulse_until_us:
            board.set_button("mute", False)
            self._pulse_until_us = None
        if not self._left and self._now_us - self._heard_us > self._leave_us:
            self._let_go()
        board.alive()

    # Time and words --------------------------------------------------------------------------

    def _tick(self) -> int:
        raw = int(board.now_us())
        self._now_us += (raw - self._raw_us) & MASK
        self._raw_us = raw
        return int(self._now_us)

    def _at(self, raw: int) -> int:
        """Microseconds since the start of a sample's stamp, which is past."""
        self._tick()
        return self._now_us - int((self._raw_us - raw) & MASK)

    def _say(self, words: str) -> None:
        board.write(seal(f"{self._said} {words}"))
        self._said = (self._said + 1) & 0xFFFF

    def _states(self) -> str:
        buttons = " ".join("1" if board.button(name) else "0" for name in board.BUTTONS)
        return buttons + " " + " ".join(_shown(self._lights[name]) for name in board.SENSORS)

    # The host's lines ------------------------------------------------------------------------

    def _obey(self, line: bytes) -> None:
        text = unseal(line)
        words = text.split(" ") if text else []
        if len(words) < 2 or not words[0].isdigit():
            self._say(f"x bad-line {len(line)}")
            return
        number = int(words[0])
        if words[1] == "hello":
            self._expected = None
        if self._expected is not None and number != self._expected:
            self._say(f"x missed {self._expected} {number}")
        self._expected = (number + 1) & 0xFFFF
        self._heard_us = self._tick()
        if self._leave_us:
            self._left = False
        answer = self._do(words[1], words[2:])
        self._say(f"a {number} {answer}")

    def _do(self, verb: str, words: list[str]) -> str:
        if verb not in self._verbs:
            return "no such-verb"
        try:
            return "ok " + self._verbs[verb](words)
        except (ValueError, KeyError, IndexError):
            return "no such-words"

    def _hello(self, _words: list[str]) -> str:
        """A new host: what the last one wanted is forgotten."""
        self._leave_us, self._left = 0, True
        for name in board.SENSORS:
            self._lights[name] = Light(board.FLOOR, board.CEILING)
            self._broken[name] = False
        return f"{VERSION} {board.identity()} {board.cause()}"

    def _time(self, _words: list[str]) -> str:
        return str(self._tick())

    def _press(self, words: list[str]) -> str:
        name, level = words
        if name not in board.BUTTONS or level not in ("0", "1"):
            raise ValueError
        if name == "mute":
            self._pulse_until_us = None
        board.set_button(name, level == "1")
        return f"{name} {int(board.button(name))} {self._tick()}"

    def _set_leave(self, words: list[str]) -> str:
        after_ms, kind, level = words
        if kind not in ("switch", "toggle") or level not in ("0", "1", "-"):
            raise ValueError
        self._leave_us, self._leave = int(after_ms) * 1000, (kind, level)
        self._left = not self._leave_us
        return " ".join(words)

    def _watch(self, words: list[str]) -> str:
        low, high, hold_ms = int(words[1]), int(words[2]), int(words[3])
        if not 0 < low < high < 65536:
            raise ValueError
        self._lights[words[0]].watch(low, high, hold_ms * 1000)
        return " ".join(words)

    def _stats(self, words: list[str]) -> str:
        self._look()
        count, least, mean, most = self._lights[words[0]].figures()
        return f"{words[0]} {count} {least} {mean} {most}"

    def _event(self, _words: list[str]) -> str:
        return str(self._at(board.shared_event()))

    def _test(self, _words: list[str]) -> str:
        """What it can try of itself without touching the device."""
        worst, self._worst_us = self._worst_us, 0
        words = [f"worst_gap_us={worst}"]
        for name in board.SENSORS:
            words.append(name + ("=broken" if self._lights[name].broken else "=whole"))
        return " ".join(words)

    # Light -----------------------------------------------------------------------------------

    def _look(self) -> None:
        lost = self._samples.lost()
        if lost:
            self._last_us = None
            self._say(f"x samples-lost {lost}")
        sample = self._samples.next()
        while sample is not None:
            self._take(sample)
            sample = self._samples.next()
        for name in board.SENSORS:
            broken = self._lights[name].broken
            if broken and self._lights[name].watched and not self._broken[name]:
                self._say(f"x broken {name}")
            self._broken[name] = broken and self._lights[name].watched

    def _take(self, sample: tuple[int, int, int]) -> None:
        stamp = sample[0]
        self._sampled += 1
        if self._last_us is not None:
            gap = (stamp - self._last_us) & MASK
            self._worst_us = max(self._worst_us, gap)
            if gap > LATE_US:
                self._say(f"x samples-late {gap}")
        self._last_us = stamp
        for which in range(len(board.SENSORS)):
            name = board.SENSORS[which]
            edge = self._lights[name].take(stamp, sample[1 + which])
            if edge is not None:
                self._say(f"e {name} {_shown(self._lights[name])} {self._at(edge)}")

    # Without a host --------------------------------------------------------------------------

    def _let_go(self) -> None:
        """The host is silent: the action button up, the mute button as it is to be left."""
        self._left = True
        board.set_button("action", False)
        kind, level = self._leave
        if kind == "switch" and level != "-":
            board.set_button("mute", level == "1")
        if kind == "toggle":
            board.set_button("mute", False)
            lamp = _shown(self._lights["lamp"])
            if level != "-" and lamp not in ("-", level):
                board.set_button("mute", True)
                self._pulse_until_us = self._now_us + PULSE_US
        self._say(f"x let-go {self._now_us - self._heard_us}")


def _shown(light: Light) -> str:
    if light.lit is None:
        return "-"
    return "1" if light.lit else "0"
