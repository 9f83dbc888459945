"""Tries each part of a bench out while its rig file is written: opened, asked, and let go again.

Nothing is switched, pressed or sent to anybody, and no sound is made without having been asked for.
"""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from harness.bench.bench_tap import bench_tap
from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.interface_sound import setup_of
from harness.bench.drivers.interface_streams import open_streams
from harness.bench.drivers.registry import Place, open_driver
from harness.bench.drivers.sound_trial import OpenStreams, try_sound
from harness.bench.drivers.ssh_tap import SshTap
from harness.bench.drivers.tap_interface import interface_point
from harness.bench.drivers.tap_options import TapText
from harness.bench.rig_bench import BenchSoundText
from harness.bench.rig_bench import TapText as BenchTapText
from harness.bench.trial import Trial
from harness.clock import Clock
from harness.errors import SaysoError

_CAPTURED_S = 1.0


class Tryout(Protocol):
    """Tries out what a rig file is to say; what fails is told, never raised."""

    def sound(self, wiring: Mapping[str, Any], play: bool) -> Trial:
        """The sound interface as `bench: sound` has it; `play`: a sweep from each loudspeaker."""
        ...

    def tap(self, interface: str) -> Trial:
        """Whether the interface is up, and whether its packets can be captured."""
        ...

    def far_tap(self, tap: Mapping[str, Any], address: str) -> Trial:
        """The same on another machine: `tap` as `bench: tap` has it, the device at `address`."""
        ...

    def driver(self, slot: str, driver: str, options: Mapping[str, Any]) -> Trial:
        """A driver: whether its hardware or service answers."""
        ...


@dataclass(frozen=True, slots=True)
class RealTryout:
    """On this machine. `environment`: where secrets are looked up. `opens`: the sound streams."""

    clock: Clock
    environment: Mapping[str, str]
    opens: OpenStreams = open_streams

    def sound(self, wiring: Mapping[str, Any], play: bool) -> Trial:
        """Open it, listen for a second, and play if that was asked for."""
        try:
            told = BenchSoundText.model_validate(wiring)
        except ValidationError as error:
            return Trial(False, tuple(_mistakes(error)))
        setup = setup_of(told, tuple(told.outputs))
        microphones = {"listener": setup.listener}
        if setup.device is not None:
            microphones["device"] = setup.device
        loudspeakers = dict(zip(told.outputs, setup.outputs, strict=True)) if play else {}
        return try_sound(setup, microphones, loudspeakers, self.clock, self.opens)

    def tap(self, interface: str) -> Trial:
        """Capture there for a second, with a packet of our own to prove it."""
        try:
            tap = DumpcapTap(interface_point(interface, TapText()), self.clock)
        except SaysoError as error:
            return Trial(False, (str(error),))
        return self._captured(tap, f"{interface} is up and dumpcap may capture there")

    def far_tap(self, tap: Mapping[str, Any], address: str) -> Trial:
        """Capture there for a second, with a packet of our own that is sent to the device."""
        try:
            told = BenchTapText.model_validate(tap)
            capture = TapText(address=address)
            _, far = bench_tap(told, capture, self.clock, Path())
        except ValidationError as error:
            return Trial(False, tuple(_mistakes(error)))
        except SaysoError as error:
            return Trial(False, (str(error),))
        return self._captured(far, f"dumpcap captures on {told.interface} there")

    def _captured(self, tap: DumpcapTap | SshTap, works: str) -> Trial:
        with tempfile.TemporaryDirectory(prefix="sayso-try-") as folder:
            try:
                try:
                    tap.start(Path(folder) / "try.pcapng")
                    self.clock.wait_s(_CAPTURED_S)
                    report = tap.stop()
                finally:
                    tap.close()
            except SaysoError as error:
                return Trial(False, (str(error),))
        others = report.packets - len(report.own_nonces)
        told = [f"{works}: its own packet, and {others} more in {_CAPTURED_S:g} s"]
        if report.clock is not None:
            told.append(f"its clock is known to {report.clock.uncertainty_ms:.2f} ms")
        return Trial(True, tuple(told))

    def driver(self, slot: str, driver: str, options: Mapping[str, Any]) -> Trial:
        """Open it and have it say what is there; then let go of it."""
        with tempfile.TemporaryDirectory(prefix="sayso-try-") as folder:
            try:
                opened = open_driver(
                    slot, driver, options, Place(self.clock, Path(folder), self.environment)
                )
                try:
                    told = tuple(_answers(opened))
                finally:
                    opened.close()
            except SaysoError as error:
                return Trial(False, (str(error),))
        return Trial(True, told or (f"{driver} is open; there is nothing that it could be asked",))


def _mistakes(error: ValidationError) -> list[str]:
    return [f"`{'.'.join(map(str, e['loc']))}`: {e['msg']}" for e in error.errors()]


def _answers(driver: Any) -> list[str]:
    """What the hardware answers, of what can be asked without changing anything."""
    told = []
    if hasattr(driver, "identify"):
        told.append(f"it answers: {driver.identify()}")
    if hasattr(driver, "read"):
        stands = {True: "closed", False: "open", None: "not known: it cannot be asked"}
        told.append(f"its contact is {stands[driver.read()]}")
    if hasattr(driver, "self_test"):
        told.append(f"its self-test: {driver.self_test()}")
    return told
