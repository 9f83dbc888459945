"""The device's own storage: a folder that outlives its power, and is full when it is full.

It is a file system in memory, mounted in the device's namespaces alone: a device that writes
without end fills that and not the disk of the machine it is tested on. It goes with them.
"""

import shutil
import subprocess
from pathlib import Path

from harness.bench.drivers.guests import find_program
from harness.bench.drivers.namespaces import Network
from harness.errors import RigError

STORAGE_MIB = 512
"""What a device may keep; a small board's card holds more, and no assistant writes it in a play."""
FILE_MIB = 256
"""The longest file that a device may write, wherever that is: its log is one."""
_LIMIT_S = 10.0


class DeviceStorage:
    """The folder `folder`, empty whenever it is renewed. Not usable before the first `renew`."""

    def __init__(self, network: Network, folder: Path, size_mib: int = STORAGE_MIB) -> None:
        self._network, self._folder, self._size_mib = network, folder, size_mib

    def renew(self) -> None:
        """Begin with an empty one; the device must be off. Raises `RigError` where it cannot be."""
        # What is mounted on a folder in another namespace goes with the folder.
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700, parents=True)
        options = f"size={self._size_mib}m,mode=0700"
        mount = [find_program("mount", "mount"), "-t", "tmpfs", "-o", options, "sayso-device"]
        command = self._network.device_command([*mount, str(self._folder)])
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S)
        if done.returncode != 0:
            raise RigError(
                f"the device's storage cannot be mounted on {self._folder}: "
                f"{done.stderr.strip()}. Does this kernel allow tmpfs in user namespaces?"
            )
