"""The tap of a real bench: on an interface of this machine, or of another."""

from pathlib import Path

from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.ssh_tap import SshTap, far_point
from harness.bench.drivers.tap_interface import interface_point
from harness.bench.drivers.tap_options import TapText as CaptureText
from harness.bench.drivers.tap_point import TapPoint
from harness.bench.rig_bench import TapText
from harness.clock import Clock


def bench_tap(
    told: TapText, capture: CaptureText, clock: Clock, rig_folder: Path
) -> tuple[TapPoint, DumpcapTap | SshTap]:
    """Where packets pass, and what captures them there; nothing is started.

    `capture`: how, as `wire: tap` says. `rig_folder`: what files are counted from. Raises
    `RigFileError` for what does not go together, `RigError` for an interface that is not here.
    """
    if capture.address is not None:  # canaries go to the device, so only its packets count
        capture = capture.model_copy(update={"mac": told.mac})
    if told.ssh is not None:
        far = far_point(told.interface, capture)
        return far, SshTap(far, told.ssh, rig_folder, clock, capture)
    point = interface_point(told.interface, capture)
    return point, DumpcapTap(point, clock, capture)
