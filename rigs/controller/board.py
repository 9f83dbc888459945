"""The pins of a Raspberry Pi Pico: all that knows the hardware. Wired otherwise? Change it here.

Wiring and parts: docs/controller.md. Everything else of the firmware also runs without a Pico.
"""

import sys
from binascii import hexlify
from select import POLLIN, poll
from time import sleep_ms, ticks_us  # type: ignore[attr-defined]

import machine
import micropython

SERVO = False
"""Whether servos press the buttons; else relays do."""
FLOOR = 2000
"""A sensor reads at least this (of 65535) in the dark, over its 100 kOhm; less: no cable."""
CEILING = 64500
"""And at most this in the brightest light; more: a cable that touches 3.3 V."""
SENSORS = ("ring", "lamp")
BUTTONS = ("mute", "action")

_PINS = {"mute": 2, "action": 3}
_SYNC_LIGHT, _PIEZO, _SERVICE = 4, 5, 22
_ADC = {"ring": 26, "lamp": 27}
_SERVO_UP_NS, _SERVO_DOWN_NS = 1_200_000, 1_700_000
_TONE_HZ = 4000
_WATCHDOG_MS = 4000


class _Relay:
    def __init__(self, number: int) -> None:
        self._pin = machine.Pin(number, machine.Pin.OUT, value=0)

    def set(self, pressed: bool) -> None:
        self._pin.value(1 if pressed else 0)

    def read(self) -> bool:
        return bool(self._pin.value())


class _Servo:
    def __init__(self, number: int) -> None:
        self._pwm = machine.PWM(machine.Pin(number))
        self._pwm.freq(50)
        self.set(False)

    def set(self, pressed: bool) -> None:
        self._pwm.duty_ns(_SERVO_DOWN_NS if pressed else _SERVO_UP_NS)

    def read(self) -> bool:
        return bool(self._pwm.duty_ns() > (_SERVO_UP_NS + _SERVO_DOWN_NS) // 2)


_buttons = {name: (_Servo if SERVO else _Relay)(number) for name, number in _PINS.items()}
_ring, _lamp = machine.ADC(_ADC["ring"]), machine.ADC(_ADC["lamp"])
_light = machine.Pin(_SYNC_LIGHT, machine.Pin.OUT, value=0)
_piezo = machine.PWM(machine.Pin(_PIEZO))
_piezo.freq(_TONE_HZ)
_piezo.duty_u16(0)
_poll = poll()
_poll.register(sys.stdin.buffer, POLLIN)
_timer = machine.Timer(-1)
_watchdog = None


def service() -> bool:
    """Whether the service jumper (GP22 to ground) is set: then the firmware does not start."""
    return not machine.Pin(_SERVICE, machine.Pin.IN, machine.Pin.PULL_UP).value()


def begin(take: object) -> None:
    """Call `take(time in us, ring, lamp)` once a millisecond from now on; start the watchdog."""
    global _watchdog
    micropython.kbd_intr(-1)  # a byte of noise must not stop the program
    micropython.alloc_emergency_exception_buf(100)

    def sample(_timer: object) -> None:
        take(ticks_us(), _ring.read_u16(), _lamp.read_u16())  # type: ignore[operator]

    try:
        _timer.init(freq=1000, callback=sample, hard=True)
    except TypeError:  # MicroPython before `hard`: later by what else runs, and stamped so
        _timer.init(freq=1000, callback=sample)
    _watchdog = machine.WDT(timeout=_WATCHDOG_MS)


def alive() -> None:
    """Tell the watchdog that the loop runs; without it the Pico restarts after 4 s."""
    if _watchdog is not None:
        _watchdog.feed()


def identity() -> str:
    """The Pico's own number, as its USB serial number has it."""
    return str(hexlify(machine.unique_id()).decode())


def cause() -> str:
    """Why it started: `watchdog` or `power`."""
    return "watchdog" if machine.reset_cause() == machine.WDT_RESET else "power"


def now_us() -> int:
    """Microseconds, from 0 again at 2**30."""
    return int(ticks_us())


def set_button(name: str, pressed: bool) -> None:
    """Press or release a button."""
    _buttons[name].set(pressed)


def button(name: str) -> bool:
    """Whether its pin stands at pressed."""
    return _buttons[name].read()


def shared_event() -> int:
    """Flash and click at once, for 5 ms; the microsecond at which they began."""
    begun = int(ticks_us())
    _light.value(1)
    _piezo.duty_u16(32768)
    sleep_ms(5)
    _light.value(0)
    _piezo.duty_u16(0)
    return begun


def read(wait_ms: int) -> bytes:
    """What came from the host, after waiting `wait_ms` at most for its first byte."""
    came = b""
    while len(came) < 64 and _poll.poll(0 if came else wait_ms):
        came += sys.stdin.buffer.read(1)
    return came


def write(line: bytes) -> None:
    """Send to the host."""
    sys.stdout.buffer.write(line)
