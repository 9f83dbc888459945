"""The board that stands in for a Pico's pins: a small device with a mute button, a ring and a lamp.

It takes the place of rigs/controller/board.py; the rest of the firmware is the real one. Runs under
MicroPython's unix port and under CPython. What the device does stands in the file `world`.
"""

import os
import sys
import time
from select import POLLIN, poll

FLOOR, CEILING = 2000, 64500
SENSORS = ("ring", "lamp")
BUTTONS = ("mute", "action")
DARK, LIT = 6000, 30000
WRAP = 1 << 30
MOST_SAMPLES = 100

_stdin = open(0, "rb", 0)  # noqa: SIM115
_stdout = open(1, "wb", 0)  # noqa: SIM115
_poll = poll()
_poll.register(_stdin if sys.implementation.name == "micropython" else 0, POLLIN)
_pressed = {"mute": False, "action": False}
_world = {"muted": "0", "button": "switch", "ring": "0", "flicker": "0", "cut": "-", "hang": "0"}


def _us():
    ns = time.time_ns() if sys.implementation.name == "micropython" else time.monotonic_ns()
    return ns // 1000


_start_us, _offset_us = _us(), int(os.getenv("TICKS_AT_START") or 0)
_rate_ppm = int(os.getenv("TICKS_PPM") or 0)
_take = None
_read = [""]
_sampled_us = 0


def _note(words):
    with open("deeds", "a") as deeds:  # noqa: PTH123
        deeds.write(words + "\n")


def _look():
    try:
        with open("world") as world:  # noqa: PTH123
            text = world.read()
    except OSError:
        return
    if text == _read[0]:
        return
    _read[0] = text
    for word in text.split():
        name, value = word.split("=")
        _world[name] = value


def service():
    return False


def begin(take):
    global _take, _sampled_us
    _take, _sampled_us = take, _elapsed_us()


def alive():
    pass


def identity():
    return "e660583883724a32"


def cause():
    return os.getenv("CAUSE") or "power"


def _elapsed_us():
    us = _us() - _start_us
    return us + us * _rate_ppm // 1000000


def _wrapped(elapsed_us):
    return (elapsed_us + _offset_us) & (WRAP - 1)


def now_us():
    return _wrapped(_elapsed_us())


def set_button(name, pressed):
    if name == "mute" and pressed != _pressed[name]:
        _press_mute(pressed)
    _pressed[name] = pressed
    _note(f"{name} {int(pressed)}")


def _press_mute(pressed):
    if _world["button"] == "switch":
        _world["muted"] = "1" if pressed else "0"
    elif _world["button"] == "toggle" and pressed:
        _world["muted"] = "0" if _world["muted"] == "1" else "1"


def button(name):
    return _pressed[name] and _world["button"] != "welded"


def shared_event():
    _note("event")
    return now_us()


def _level(name, at_us):
    if _world["cut"] == name:
        return 0
    lit = _world["ring"] if name == "ring" else _world["muted"]
    if lit == "1" and (_world["flicker"] == "0" or at_us % 7000 < 2000):
        return LIT
    return DARK


def read(wait_ms):
    _look()
    while _world["hang"] == "1":
        time.sleep(0.05)
        _look()
    came = b""
    while len(came) < 64 and _poll.poll(0 if came else wait_ms):
        byte = _stdin.read(1)
        if not byte:
            sys.exit(0)
        came += byte
    _sample()
    return came


def _sample():
    """What a timer would have taken since; the loop looks in between, so none is overwritten."""
    global _sampled_us
    for _ in range(MOST_SAMPLES):
        if _sampled_us + 1000 > _elapsed_us():
            return
        _sampled_us += 1000
        levels = [_level(name, _sampled_us) for name in SENSORS]
        _take(_wrapped(_sampled_us), levels[0], levels[1])


def write(line):
    _stdout.write(line)
