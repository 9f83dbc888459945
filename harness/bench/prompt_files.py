"""The device's prompts on file: a folder, or what the rig file's own command renders."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile
import soxr

from harness.bench.drivers.guests import ending
from harness.bench.rigfile import RigFile, fill
from harness.errors import RigError

_LIMIT_S = 60
_LISTING = "prompts.json"


class PromptFiles:
    """Renders the prompts once for each set of contacts, into folders below `folder`.

    `rate_hz`: what the bench's microphones work at; None takes the files as they are.
    """

    def __init__(self, file: RigFile, folder: Path, rate_hz: int | None = None) -> None:
        self._file, self._folder, self._rate_hz = file, folder, rate_hz
        self._ready: dict[tuple[str, ...], Path] = {}

    def __call__(self, contacts: Sequence[str]) -> Path | None:
        """The folder with the prompts for these contacts, None where none are on file."""
        wanted = self._file.device.prompts
        if wanted is None:
            return None
        key = tuple(contacts) if wanted.folder is None else ()
        if key not in self._ready:
            out = self._folder / f"prompts-{len(self._ready) + 1}"
            found = self._render(key, out) if wanted.folder is None else Path(wanted.folder)
            self._ready[key] = self._at_rate(found, out)
        return self._ready[key]

    def _render(self, contacts: tuple[str, ...], out: Path) -> Path:
        wanted = self._file.device.prompts
        assert wanted is not None and wanted.command is not None
        out.mkdir(exist_ok=True)
        listing = out / "contacts.json"
        listing.write_text(json.dumps(list(contacts)))
        mapping = {"python": sys.executable, "contacts": str(listing), "out": str(out)}
        said = _run(fill(wanted.command, mapping), self._file.device.cwd)
        if said is not None:
            raise RigError(
                f"the device's prompts could not be rendered: {said}. Try the command of "
                "`device: prompts:` in the rig file by hand (see docs/device-contract.md)"
            )
        return out

    def _at_rate(self, found: Path, out: Path) -> Path:
        """The same prompts at the bench's rate; the listing goes with them."""
        if self._rate_hz is None or not (found / _LISTING).exists():
            return found
        there = out.with_name(f"{out.name}-{self._rate_hz}")
        there.mkdir(exist_ok=True)
        for path in sorted(found.glob("*.wav")):
            samples, from_hz = soundfile.read(path, dtype="float32")
            heard = soxr.resample(samples, from_hz, self._rate_hz).astype(np.float32)
            soundfile.write(there / path.name, heard, self._rate_hz, subtype="FLOAT")
        (there / _LISTING).write_bytes((found / _LISTING).read_bytes())
        return there


def _run(command: Sequence[str], folder: str) -> str | None:
    """Run a command to its end: None, or why it failed."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if done.returncode == 0 else f"{ending(done.returncode)}: {done.stderr.strip()}"
