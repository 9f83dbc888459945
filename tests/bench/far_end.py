"""Another machine that captures, played by programs of this one: `ssh`, `dumpcap` and `date`.

`ssh` here is a program that runs what it is told in a shell, as a server would, with a PATH on
which the other two stand; so the far end's script is the real one. Its clock is `ahead_s` ahead.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from harness.bench.drivers.ssh_options import SshText
from harness.bench.drivers.ssh_tap import SshTap, far_point
from harness.bench.drivers.tap_options import TapText
from harness.clock import RealClock

HERE = Path(__file__).parent
MAC = "02:53:41:59:00:02"
_DATE = """#!/bin/sh
echo $(($(/bin/date +%s%N) + $(cat {folder}/ahead)))
"""
_DUMPCAP = """#!/bin/sh
echo $$ >{folder}/pid
exec {python} -I -S {program} {folder} {address} {dropped}
"""
_SSH = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
host=$2; shift 2
cd {folder} && . ./$host
"""
# In the background, as on another machine: it outlives `ssh`.
_RUN = (
    "PATH={folder}:$PATH; export PATH; exec 3<&0; "
    'sh -c "$*" <&3 3<&- & exec 3<&-; echo $! >shell; wait $!'
)
_HOSTS = {
    "good": _RUN,
    "bare": "mkdir -p bare-bin; for each in sh cat; do ln -sf /bin/$each bare-bin/$each; done; "
    'PATH={folder}/bare-bin; export PATH; exec sh -c "$*"',
    "talkative": f'echo "Welcome to the access point"; {_RUN}',
    "stranger": 'echo "Host key verification failed." >&2; exit 255',
    "asks": 'echo "tap@asks: Permission denied (publickey,password)." >&2; exit 255',
    "off": 'echo "ssh: connect to host off port 22: Connection refused" >&2; exit 255',
    "nobody": 'echo "ssh: Could not resolve hostname nobody: Name or service not known" >&2; '
    "exit 255",
}


@dataclass(frozen=True)
class FarEnd:
    """Its programs in a folder, and the device's address."""

    folder: Path
    address: str

    def set_ahead(self, seconds: float) -> None:
        """Set its clock."""
        fresh = self.folder / "ahead.fresh"
        fresh.write_text(f"{round(seconds * 1e9)}\n")
        fresh.replace(self.folder / "ahead")

    def tap(self, host: str = "good") -> SshTap:
        """The tap there."""
        options = TapText(mac=MAC, address=self.address)
        point = far_point("eth1", options)
        client = str(self.folder / "ssh")
        return SshTap(point, SshText(host=host), self.folder, RealClock(), options, client)

    def shell_pid(self) -> int:
        """Of the shell that runs what it was told over the connection."""
        return int((self.folder / "shell").read_text())

    def dumpcap_pid(self) -> int:
        """Of the dumpcap that was started last."""
        return int((self.folder / "pid").read_text())


def far_end(folder: Path, address: str, ahead_s: float = 0.0, dropped: int = 0) -> FarEnd:
    """Such a machine; its dumpcap sees what is sent to `address`, and counts so many as dropped."""
    made = FarEnd(folder, address)
    made.set_ahead(ahead_s)
    words = {
        "folder": folder,
        "python": sys.executable,
        "program": HERE / "far_dumpcap.py",
        "address": address,
        "dropped": dropped,
    }
    for name, text in (("date", _DATE), ("dumpcap", _DUMPCAP), ("ssh", _SSH)):
        (folder / name).write_text(text.format(**words))
        (folder / name).chmod(0o755)
    for name, text in _HOSTS.items():
        (folder / name).write_text(text.format(**words) + "\n")
    return made
