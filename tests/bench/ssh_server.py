"""A real OpenSSH server on a port of its own, with keys that are thrown away."""

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.bench.drivers.ssh_options import SshText

ROOT = Path(__file__).parents[2]
_CONFIG = """\
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/allowed
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication yes
KbdInteractiveAuthentication no
PermitRootLogin yes
"""
# As root it wants a user and a folder that its package would have made: made in a namespace of
# mounts, so that this machine stays as it is.
_AS_ROOT = """
set -e
mount --bind {folder}/passwd /etc/passwd
mount -t tmpfs none /run
mkdir -m 755 /run/sshd
exec {sshd} -D -e -f {folder}/config
"""


@dataclass(frozen=True)
class SshServer:
    """How to get in. `process`: the server's; each connection has one of its own below it."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes]"

    def told(self, **other: object) -> SshText:
        """What a rig file would say of it, but for `other`."""
        words = {
            "host": "127.0.0.1",
            "port": self.port,
            "user": getpass.getuser(),
            "identity": "key",
            "known_hosts": "known",
        }
        return SshText.model_validate({**words, **other})


@contextlib.contextmanager
def ssh_server(folder: Path) -> Iterator[SshServer]:
    """Such a server; skips the test where there is none on this machine."""
    sshd = _sshd()
    for name in ("host", "key", "stranger"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(made, check=True)
    shutil.copy(folder / "key.pub", folder / "allowed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    for name, key in (("known", "host"), ("other", "stranger")):
        public = " ".join((folder / f"{key}.pub").read_text().split()[:2])
        (folder / name).write_text(f"[127.0.0.1]:{port} {public}\n")
    (folder / "config").write_text(_CONFIG.format(port=port, folder=folder))
    command = [sshd, "-D", "-e", "-f", str(folder / "config")]
    if os.geteuid() == 0:
        text = Path("/etc/passwd").read_text()
        (folder / "passwd").write_text(f"{text}sshd:x:99:65534::/run/sshd:/usr/sbin/nologin\n")
        script = _AS_ROOT.format(folder=folder, sshd=sshd)
        command = ["unshare", "--mount", "sh", "-c", script]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, start_new_session=True)
    try:
        _await(port, process, folder / "log")
        yield SshServer(folder, port, process)
    finally:
        process.kill()
        process.wait()


def _sshd() -> str:
    """The server, by the absolute path that it insists on: installed, or fetched."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:{ROOT / '.cache/sshd/usr/sbin'}"
    found = shutil.which("sshd", path=path)
    if found is None or shutil.which("ssh") is None:
        pytest.skip("no OpenSSH server on this machine: setup/sshd.sh fetches one")
    return found


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until_s = time.monotonic() + 30
    while time.monotonic() < until_s and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    said = log.read_text()
    if "unshare:" in said or "mount:" in said:
        pytest.skip(f"this user may not make a namespace of mounts: {said}")
    pytest.fail(f"sshd did not listen: {said}")
