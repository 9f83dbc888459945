"""What the device remembers across power cuts: contacts, and whether it is muted.

Nothing that was not sent is kept: a message interrupted by a power cut is dropped.
"""

import json
import os
from pathlib import Path

from rigs.reference_device.contacts import Contact


def write_atomically(path: Path, content: bytes) -> None:
    """Write a file so that a power cut leaves the old content or the new, never half of it."""
    temporary = path.with_name(f".{path.name}.new")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class State:
    """The state folder. Damaged files count as absent: the cloud has the truth."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder

    @property
    def voice_cache(self) -> Path:
        """Where rendered prompts are kept."""
        return self.folder / "voice"

    def contacts(self) -> tuple[Contact, ...]:
        """The contacts last fetched; empty when there are none."""
        found = self._read("contacts.json")
        if not isinstance(found, list):
            return ()
        return tuple(Contact(str(c["id"]), str(c["name"])) for c in found)

    def keep_contacts(self, contacts: tuple[Contact, ...]) -> None:
        """Remember the contacts."""
        self._write("contacts.json", [{"id": c.id, "name": c.name} for c in contacts])

    def muted(self) -> bool:
        """Whether the microphone was off when the power went; it stays off."""
        return self._read("muted.json") is True

    def keep_muted(self, muted: bool) -> None:
        """Remember whether the microphone is off."""
        self._write("muted.json", muted)

    def _read(self, name: str) -> object:
        path = self.folder / name
        if not path.is_file():
            return None
        try:
            found: object = json.loads(path.read_text())
        except ValueError:
            path.unlink()
            return None
        return found

    def _write(self, name: str, value: object) -> None:
        write_atomically(self.folder / name, json.dumps(value).encode())
