"""Drivers by name and entry point, and what becomes of those that do not keep their promise."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from harness.bench.conformance import (
    class_faults,
    inbox_faults,
    main,
    panel_faults,
    switch_faults,
)
from harness.bench.conformance_parts import account_faults, tap_faults
from harness.bench.drivers.accounts.person import PersonAccount, PersonAccountText
from harness.bench.drivers.cloud_account import CloudAccount
from harness.bench.drivers.registry import BUILT_IN, Place, driver_names, find_driver
from harness.bench.drivers.simulated import SimulatedInbox, SimulatedPanel, SimulatedTap
from harness.bench.drivers.switches.switch import Switch
from harness.bench.ports import TapReport
from harness.bench.ports.account import AccountSettings, History, HistoryItem
from harness.clock import RealClock, SimulatedClock
from harness.forms.strict import StrictModel
from tests.account.clouds import Home
from tests.bench.far_end import far_end
from tests.bench.proxies.ends import free_port
from tests.bench.switches import emulators

ROOT = Path(__file__).parents[2]
OF_ONES_OWN = """
from harness.bench.drivers.switches.switch import Switch
from harness.forms.strict import StrictModel

class Options(StrictModel):
    pin: int
    '''The pin.'''

class Pin(Switch):
    options = Options
    reads_back = False
    def __init__(self, pin): self.pin = pin
    @classmethod
    def opened(cls, options, place): return cls(options.pin)
    def set(self, closed): pass
    def read(self): pass
    def identify(self): return f"pin {self.pin}"
    def close(self): pass

not_a_driver = 5
"""
ENTRY_POINTS = """\
[sayso.power]
pin = bench_pin:Pin
five = bench_pin:not_a_driver
away = bench_no_such:Pin
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with an installed package that brings a driver."""
    (tmp_path / "bench_pin.py").write_text(OF_ONES_OWN)
    told = tmp_path / "bench_pin-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: bench-pin\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(ENTRY_POINTS)
    return tmp_path


def test_a_driver_of_ones_own_is_a_class_and_an_entry_point(package: Path) -> None:
    program = (
        "import os, pathlib\n"
        "from harness.bench.drivers.registry import *\n"
        "from harness.clock import RealClock\n"
        "print(*driver_names('power')[-3:])\n"
        "place = Place(RealClock(), pathlib.Path('.'), os.environ)\n"
        "print(open_driver('power', 'pin', {'pin': 7}, place).identify())\n"
        "for wrong in ('five', 'away'):\n"
        "    try: find_driver('power', wrong)\n"
        "    except Exception as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{package}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    names, ours, five, away = done.stdout.splitlines()
    assert names.split() == ["away", "five", "pin"]
    assert ours == "pin 7"
    assert "is no driver: it needs `options`" in five
    assert "cannot be used: No module named 'bench_no_such'" in away


@pytest.mark.parametrize(("slot", "name"), [(s, n) for s, named in BUILT_IN.items() for n in named])
def test_every_driver_that_comes_with_sayso_can_be_named(slot: str, name: str) -> None:
    assert name in driver_names(slot)
    assert class_faults(find_driver(slot, name)) == []


class _Stuck(Switch):
    class Options(StrictModel):
        password: str

    options = Options

    @classmethod
    def opened(cls, _options: Any, _place: Place) -> "_Stuck":
        return cls()

    def set(self, closed: bool) -> None:
        pass

    def read(self) -> bool:
        return True

    def identify(self) -> str:
        return " "

    def close(self) -> None:
        raise OSError("it is gone")


def test_a_driver_that_breaks_its_promise_is_told_all_of_it() -> None:
    faults = switch_faults(_Stuck(), SimulatedClock(), lambda: False)
    told = "; ".join(faults)
    assert "`identify` says nothing" in told
    assert "told to be open, it says True" in told
    assert "told to be closed, the contact is not" in told
    assert "closing it twice failed" in told
    by_class = "; ".join(class_faults(_Stuck))
    assert "`password` has no docstring" in by_class and "make it a `Secret`" in by_class


def test_panels_and_inboxes_too() -> None:
    clock = SimulatedClock(1.7e9)
    assert panel_faults(SimulatedPanel(clock), clock) == []
    assert inbox_faults(SimulatedInbox(clock), clock, ("Thomas Reed",), 2.0) == []
    deaf = SimulatedInbox(clock)
    deaf.swallows = True
    assert "did not come within 2 s" in "".join(inbox_faults(deaf, clock, ("Thomas Reed",), 2.0))
    deaf.down = "cloud: killed"
    assert "cloud: killed" in "".join(inbox_faults(deaf, clock, ("Thomas Reed",), 2.0))


def test_a_switch_can_be_put_through_it_from_the_command_line() -> None:
    board = emulators.devantech()
    command = [sys.executable, "-m", "harness.bench.conformance", "power", "devantech"]
    ran = {"cwd": ROOT, "capture_output": True, "text": True, "timeout": 60, "check": False}
    good = subprocess.run([*command, f'{{"port": "{board.path}"}}'], **ran)  # type: ignore[call-overload]
    assert (good.returncode, good.stdout) == (0, "devantech does as it should\n")
    board.unplug()
    bad = subprocess.run([*command, '{"port": "/dev/no-such"}'], **ran)  # type: ignore[call-overload]
    assert bad.returncode == 1 and "cannot be opened" in bad.stdout


def test_inboxes_can_be_put_through_it_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = main(["inbox", "folder", f'{{"folder": "{tmp_path / "gone"}"}}', "Thomas Reed", "1"])
    assert told == 1 and "gone" in capsys.readouterr().out
    assert main(["inbox", "folder", "{}"]) == 3
    assert main(["sound", "x", "{}"]) == 3


def test_the_account_of_a_cloud_keeps_its_promise(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert account_faults(home.account, home.clock, "home-7", tmp_path) == []


class _Forgetful(CloudAccount):
    """Deletes nothing, and says what nobody asked for."""

    sources = frozenset("C")

    def delete(self, entry_ids: Sequence[str]) -> None:
        pass

    def change(self, wanted: AccountSettings) -> None:
        pass

    def history(self) -> History:
        item = HistoryItem("a", 5.0, -1.0, "interaction", None, has_audio=True)
        return History((item, item), saving=True)

    def audio(self, entry_id: str) -> bytes | None:
        return None

    def let_pass(self, hours: float) -> None:
        pass


def test_an_account_that_breaks_its_promise_is_told_all_of_it(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.account.__class__ = _Forgetful
    told = "; ".join(account_faults(home.account, home.clock, "home-7", tmp_path))
    for fault in (
        "two entries of its history have one id",
        "the uncertainty of `a` is below zero",
        "`a` is not of this day",
        "`a` has sound, and gives none",
        "there is sound of: a",
        "two hours were let pass",
        "gives an export, and is no source X",
        "no source Q",
    ):
        assert fault in told, fault


def test_a_person_at_the_bench_keeps_the_promise_of_an_account(tmp_path: Path) -> None:
    """Who looks into the app, answers every question, and sees what was set and deleted."""
    clock = SimulatedClock(1.7e9)
    person = _Person(clock)
    account = PersonAccount(PersonAccountText(), person, clock)
    assert account_faults(account, clock, "home-7", tmp_path) == []
    assert person.allowed, "as it was"


class _Person:
    """An app with one entry, of this minute, and one switch."""

    def __init__(self, clock: SimulatedClock) -> None:
        self.clock, self.allowed, self.entries = clock, True, 1

    def __call__(self, question: str) -> str:
        self.clock.wait_s(1.0)
        if "Switch people" in question:
            self.allowed = "recordings on" in question
        if "Delete all" in question:
            self.entries = 0
        answers = {
            "How many entries": str(self.entries),
            "When was it": f"{datetime.fromtimestamp(self.clock.now_s()):%H:%M}",
            "to whom": "",
            "What words": "hello",
            "people may listen": "yes" if self.allowed else "no",
        }
        return next((said for asked, said in answers.items() if asked in question), "yes")


def test_taps_too(tmp_path: Path) -> None:
    clock = SimulatedClock(1.7e9)
    assert tap_faults(SimulatedTap(clock), clock, tmp_path) == []
    assert "it dropped 3 packets" in "; ".join(tap_faults(_Lossy(clock), clock, tmp_path))


class _Lossy(SimulatedTap):
    def stop(self) -> TapReport:
        return replace(super().stop(), dropped=3)


def test_a_tap_on_another_machine_keeps_its_promise(tmp_path: Path) -> None:
    """One that is a day ahead."""
    tap = far_end(tmp_path, "127.77.200.1", ahead_s=86_400.0).tap()
    try:
        assert tap_faults(tap, RealClock(), tmp_path) == []
    finally:
        tap.close()


def test_accounts_and_taps_from_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["account", "person", "{}"]) == 3
    assert main(["account", "nobody", "{}", "home-7"]) == 1
    assert "there is no account driver `nobody`" in capsys.readouterr().out
    assert main(["tap", str(ROOT / "rigs" / "virtual.yaml")]) == 1
    assert "names no tap" in capsys.readouterr().out


def test_a_proxy_from_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    told = f'{{"satellite": "127.0.0.1", "listen": {free_port()}}}'
    assert main(["proxy", "wyoming", told]) == 0
    assert capsys.readouterr().out == "wyoming does as it should\n"
    assert main(["proxy", "wyoming", '{"satellite": "kitchen"}']) == 1
