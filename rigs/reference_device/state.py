"""What the device remembers across power cuts: contacts, and whether it is muted.

The honest firmwares keep nothing unsent: a message interrupted by a power cut is dropped.
"""

import base64
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rigs.reference_device.actions import SendMessage
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

    def messages(self) -> tuple[SendMessage, ...]:
        """The messages that were to be kept; their sound is int16 at 16 kHz."""
        found = self._read("messages.json")
        if not isinstance(found, list):
            return ()
        return tuple(_message(each) for each in found)

    def keep_messages(self, messages: Sequence[SendMessage]) -> None:
        """Remember messages, in place of those kept before."""
        self._write("messages.json", [_as_json(message) for message in messages])

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


def _as_json(message: SendMessage) -> dict[str, object]:
    return {
        "number": message.number,
        "contact": {"id": message.contact.id, "name": message.contact.name},
        "transcript": message.transcript,
        "sound": base64.b64encode(message.pcm.tobytes()).decode(),
    }


def _message(found: dict[str, Any]) -> SendMessage:
    contact = Contact(str(found["contact"]["id"]), str(found["contact"]["name"]))
    pcm = np.frombuffer(base64.b64decode(found["sound"]), np.int16)
    return SendMessage(int(found["number"]), contact, str(found["transcript"]), pcm)
