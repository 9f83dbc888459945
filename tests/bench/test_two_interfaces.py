"""Loudspeakers on one interface, microphones on another of another clock: real parts, real time."""

from pathlib import Path

import numpy as np
import pytest

from harness.bench.drivers.interface_sound import InterfaceSound
from harness.clock import RealClock
from tests.bench.private_pair import MICROPHONES, private_pair
from tests.bench.test_hardware import LOOPBACK, RIG, rig_of

PAIR = f"    microphones: {MICROPHONES}\n"


@pytest.mark.bench
@pytest.mark.exhaustive
@pytest.mark.parametrize(("wired", "ppm"), [(LOOPBACK, 120.0), ("", -80.0)])
def test_two_interfaces_are_one_bench(wired: str, ppm: float, tmp_path: Path) -> None:
    """By a cable, or by sweeps: how far the clocks run apart is told, and nothing slips."""
    clock, folder = RealClock(), tmp_path / "bench"
    folder.mkdir()
    file = rig_of(tmp_path, RIG + PAIR + wired, DRIVER="sounddevice")
    with private_pair(tmp_path / "sound", ppm) as environment:
        sound = InterfaceSound(file, folder, clock, None, environment)
        try:
            sound.open()
            sound.record(tmp_path / "air.f32")
            slips = []
            for _ in range(2):
                slips.append(_late(sound, clock))
                clock.wait_s(4.0)
            assert sound.losses() == () and sound.trouble() is None
            clocks = sound.two_clocks()
            assert clocks is not None and clocks.known_to_ppm < 1.0
            assert abs(clocks.drift_ppm + ppm) < clocks.known_to_ppm
            # In these four seconds it would have slipped by 15 to 23 samples.
            assert abs(slips[1] - slips[0]) <= 1
        finally:
            sound.close()


def _late(sound: InterfaceSound, clock: RealClock) -> int:
    """By how many samples a click is heard later than it was played."""
    click = np.zeros(4800, np.float32)
    click[0] = 0.5
    at = sound.earliest_index() + 2400
    assert sound.play("table", click, at)
    while sound.heard_until() < at + 4800:
        clock.wait_s(0.02)
    return int(np.argmax(np.abs(sound.read("listener", at - 480, 4800)))) - 480
