"""Whether a driver keeps the promise of its slot: tests that any driver can be put through.

From a test, with something that answers as the hardware does: `switch_faults(switch)` and its like
are empty for a driver that does as it should. On a bench, for a switch with nothing on it that
must not be switched, a panel, an inbox or an account whose content may go, or a tap:
python -m harness.bench.conformance power NAME '{"port": "usb:..."}'
python -m harness.bench.conformance panel NAME '{"port": "usb:..."}'
python -m harness.bench.conformance inbox NAME '{"host": "..."}' 'Thomas Reed' [SECONDS]
python -m harness.bench.conformance account NAME '{"archive": "..."}' home-7
python -m harness.bench.conformance tap RIG.yaml
python -m harness.bench.conformance proxy NAME '{"satellite": "..."}'
Options are JSON, as a rig file has them; a secret is `{"env": "VARIABLE"}`. An inbox is given the
contact that its canary goes to, and how long that may take (60). An account is given whom it begins
as, and loses every recording. A tap is the one of a rig file. A proxy captures its own canaries;
what goes through it is tried by a test that has both ends (`conformance_proxy`).
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.bench.bench_tap import bench_tap
from harness.bench.conformance_parts import account_faults, tap_faults
from harness.bench.drivers.registry import Driver, Place, find_driver, open_driver
from harness.bench.drivers.switches.switch import Switch
from harness.bench.ports import Inbox, InboxMessage, Panel
from harness.bench.rigfile import load_rig
from harness.clock import Clock, Deadline, RealClock
from harness.errors import SaysoError
from harness.forms.secret import Secret

_STEPS = (True, True, False, True, False)
_SETTLES_S = 1.0
_SECRETIVE = ("password", "secret", "token", "credential", "api_key")
_CANARY, _CANARY_S = "conformance0canary", 60.0
_ARGUMENTS = {
    "power": (3,),
    "panel": (3,),
    "proxy": (3,),
    "inbox": (4, 5),
    "account": (4,),
    "tap": (2,),
}
"""By slot, how many words its command may have."""


def class_faults(driver: type[Driver]) -> list[str]:
    """What a rig file could not work with: options that are not explained, or secrets in the open.

    Raises nothing; a driver without options has an empty model.
    """
    faults = []
    for name, field in driver.options.model_fields.items():
        if not field.description:
            faults.append(f"option `{name}` has no docstring, so that nobody knows what it is")
        hidden = any(word in name.lower() for word in _SECRETIVE)
        if hidden and field.annotation not in (Secret, Secret | None):
            faults.append(f"option `{name}` holds a secret; make it a `Secret` ({{env: NAME}})")
    for method in ("opened", "close"):
        if not callable(getattr(driver, method, None)):
            faults.append(f"it has no method `{method}`")
    return faults


def switch_faults(
    switch: Switch, clock: Clock, stands: Callable[[], bool] | None = None
) -> list[str]:
    """What is wrong with an open switch, which this switches five times and closes.

    `stands`: how the contact really stands, where somebody can look.
    """
    faults = []
    try:
        if not switch.identify().strip():
            faults.append("`identify` says nothing")
        for closed in _STEPS:
            switch.set(closed)
            faults += _after_set(switch, closed, clock, stands)
    except SaysoError as error:
        faults.append(f"it failed although it should work: {error}")
    return faults + _close_faults(switch.close)


def _after_set(
    switch: Switch, closed: bool, clock: Clock, stands: Callable[[], bool] | None
) -> list[str]:
    wanted = "closed" if closed else "open"
    told = switch.read()
    if not switch.reads_back:
        return [] if told is None else ["`read` answers although `reads_back` is False"]
    deadline = Deadline.after(clock, _SETTLES_S)
    while told is not closed and not deadline.passed():
        clock.wait_s(0.05)
        told = switch.read()
    faults = [] if told is closed else [f"told to be {wanted}, it says {told!r}"]
    if stands is not None and stands() is not closed:
        faults.append(f"told to be {wanted}, the contact is not")
    return faults


def panel_faults(panel: Panel, clock: Clock) -> list[str]:
    """What is wrong with an open panel, of which this presses and releases the mute button."""
    faults = []
    try:
        if panel.present():
            for on in (True, True, False):
                panel.press_mute(on)
                clock.wait_s(0.5)
        times = [event.unix_s for event in panel.events()]
        if times != sorted(times):
            faults.append("its events are not in the order of time")
        if any(abs(clock.now_s() - at) > 3600 for at in times):
            faults.append("its events are not in Unix time")
        if panel.malformed():
            faults.append(f"it took for no message: {panel.malformed()[0]}")
    except SaysoError as error:
        faults.append(f"it failed although it should work: {error}")
    close: Callable[[], None] = getattr(panel, "close", lambda: None)
    return faults + _close_faults(close)


def inbox_faults(inbox: Inbox, clock: Clock, contacts: Sequence[str], within_s: float) -> list[str]:
    """What is wrong with an open inbox, which this empties and sends a canary.

    `within_s`: the canary is there by then.
    """
    faults = []
    try:
        inbox.prepare(contacts)
        if inbox.messages():
            faults.append("there are messages right after `prepare`")
        inbox.send_canary(_CANARY)
        came = _await_canary(inbox, clock, within_s)
        if came is None:
            faults.append(f"its own canary did not come within {within_s:g} s")
        else:
            faults += _message_faults(inbox, came, clock, within_s)
        inbox.prepare(contacts)
        if inbox.messages():
            faults.append("`prepare` left something in the inbox")
    except SaysoError as error:
        faults.append(f"it failed although it should work: {error}")
    close: Callable[[], None] = getattr(inbox, "close", lambda: None)
    return faults + _close_faults(close)


def _await_canary(inbox: Inbox, clock: Clock, within_s: float) -> InboxMessage | None:
    deadline = Deadline.after(clock, within_s)
    while True:
        ours = [m for m in inbox.messages() if m.canary == _CANARY]
        if ours or deadline.passed():
            return ours[0] if ours else None
        clock.wait_s(0.1)


def _message_faults(
    inbox: Inbox, message: InboxMessage, clock: Clock, within_s: float
) -> list[str]:
    faults = []
    if message.uncertainty_s < 0:
        faults.append("the uncertainty of an arrival is below zero")
    if abs(clock.now_s() - message.unix_s) > within_s + message.uncertainty_s + 1.0:
        faults.append("the canary's arrival is further off than its uncertainty")
    if len([m for m in inbox.messages() if m.message_id == message.message_id]) != 1:
        faults.append("two messages have one id")
    if message.audio_s is not None and not inbox.audio(message.message_id):
        faults.append("a message that has sound has none")
    return faults


def _close_faults(close: Callable[[], None]) -> list[str]:
    try:
        close()
        close()
    except Exception as error:  # whatever it raises, it must not
        return [f"closing it twice failed: {error!r}"]
    return []


def main(arguments: Sequence[str]) -> int:
    """Put a driver through it on its hardware; 0 when nothing is wrong."""
    if not arguments or len(arguments) not in _ARGUMENTS.get(arguments[0], ()):
        print(__doc__, file=sys.stderr)
        return 3
    slot, name, *more = arguments
    clock = RealClock()
    try:
        with tempfile.TemporaryDirectory() as folder:
            if slot == "tap":
                faults = _tap_faults(Path(name), clock, Path(folder))
            else:
                faults = _driver_faults(slot, name, more, clock, Path(folder))
    except (SaysoError, ValueError) as error:
        faults = [str(error)]
    print("\n".join(faults) or f"{name} does as it should")
    return 1 if faults else 0


def _driver_faults(
    slot: str, name: str, told: Sequence[str], clock: Clock, folder: Path
) -> list[str]:
    """Of a driver by its name; `told`: the words after it."""
    options, *more = told
    within_s = float(more[1]) if len(more) > 1 else _CANARY_S
    faults = class_faults(find_driver(slot, name))
    driver = open_driver(slot, name, json.loads(options), Place(clock, folder, os.environ))
    if slot == "power":
        return faults + switch_faults(driver, clock)
    if slot == "proxy":
        return faults + tap_faults(driver, clock, folder) + _close_faults(driver.close)
    if slot == "panel":
        return faults + panel_faults(driver, clock)
    if slot == "inbox":
        return faults + inbox_faults(driver, clock, more[:1], within_s)
    return faults + account_faults(driver, clock, more[0], folder) + _close_faults(driver.close)


def _tap_faults(rig: Path, clock: Clock, folder: Path) -> list[str]:
    """Of the tap that a rig file of a bench names."""
    file = load_rig(rig)
    if file.bench is None or file.bench.tap is None:
        return [f"{rig} names no tap (`bench: tap`)"]
    _, tap = bench_tap(file.bench.tap, file.wire.tap, clock, file.path.parent)
    return tap_faults(tap, clock, folder) + _close_faults(tap.close)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
