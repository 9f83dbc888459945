"""What a rig file says of another machine that captures, and how the system's `ssh` is told so."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from harness.bench.drivers.guests import find_program
from harness.forms.fields import Text
from harness.forms.strict import StrictModel

CONNECT_S = 10
# Nobody is there to answer a question; a link that is dead is told within six seconds; nothing
# but the capture goes over it, and no connection of somebody else's is shared.
_ALWAYS = (
    "BatchMode=yes",
    "StrictHostKeyChecking=yes",
    f"ConnectTimeout={CONNECT_S}",
    "ServerAliveInterval=2",
    "ServerAliveCountMax=3",
    "ControlMaster=no",
    "ControlPath=none",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
)


class SshText(StrictModel):
    """The machine that the device's packets pass, and how `ssh` gets there."""

    host: Text
    """Its name or address, or a `Host` of your ssh's own configuration."""
    user: Text | None = None
    """Who captures there: somebody who may run dumpcap, and need be nobody else."""
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    """Where its ssh server listens; absent: as ssh is configured, mostly 22."""
    identity: Text | None = None
    """The file of a private key without a passphrase, counted from the rig file."""
    known_hosts: Text | None = None
    """The file that its host key stands in, counted from the rig file; absent: your own."""
    program: Text = "dumpcap"
    """dumpcap there, by name or path."""

    def command(self, rig_folder: Path, remote: Sequence[str], client: str = "ssh") -> list[str]:
        """The command that runs `remote` by the program `client`.

        Raises `RigError` where this machine has no `ssh`.
        """
        words = [find_program(client, "openssh-client"), "-T"]
        for option in _ALWAYS:
            words += ["-o", option]
        if self.port is not None:
            words += ["-p", str(self.port)]
        if self.identity is not None:
            words += ["-i", str(rig_folder / self.identity), "-o", "IdentitiesOnly=yes"]
        if self.known_hosts is not None:
            file = os.fspath((rig_folder / self.known_hosts).absolute())
            words += ["-o", f'UserKnownHostsFile="{file}"', "-o", "GlobalKnownHostsFile=/dev/null"]
        if self.user is not None:
            words += ["-l", self.user]
        return [*words, "--", self.host, *remote]
