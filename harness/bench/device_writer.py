"""Writes the rig file of a program on the virtual bench, from what was told and measured of it."""

import math
import shlex
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from harness.errors import UserError

BASE = "sayso:virtual.yaml"
HEAD = """\
# Written by `sayso device new`: a program of its own in the kitchen of the virtual bench.
# What is not said here is as in the shipped rigs/virtual.yaml; docs/rigs.md explains every key.
"""
_FIRST_ANSWER_S = 10.0
_LEAST_READY_S, _LEAST_ANSWER_S = 5.0, 4.0
_MARGIN = 3.0


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A program, as it was told: `command` as typed, `folder` that it starts in (absolute).

    `rig`: what the rig is called. `prompts`: the folder with what it says, None where there is
    none. `wake`, `says`: the control request. `ready_s`: how long it may take to open its
    microphone when nobody has measured that yet.
    """

    rig: str
    command: str
    folder: Path
    name: str
    firmware: str = "unknown"
    wake: str = "Alexa."
    says: str = "Are you there?"
    voice: str = "kokoro:af_heart"
    env: Mapping[str, str] = field(default_factory=dict)
    prompts: Path | None = None
    ready_s: float = 30.0

    def words(self) -> list[str]:
        """The command's words. Raises `UserError` where they are none, or name no program."""
        try:
            words = shlex.split(self.command)
        except ValueError as error:
            raise UserError(
                f"the command `{self.command}` cannot be read ({error}): close each quote"
            ) from error
        if not words:
            raise UserError("no command: say what starts the device, as you would type it")
        first = words[0].replace("{rig}", str(self.folder))
        there = self.folder / first if "/" in first else shutil.which(first)
        if not first.startswith("{") and (there is None or shutil.which(str(there)) is None):
            raise UserError(
                f"there is no program `{first}` to start in {self.folder}: give its path from "
                "there (./assistant, or venv/bin/python assistant.py), and make it executable"
            )
        return words


@dataclass(frozen=True, slots=True)
class Measured:
    """What a rig file takes from a first meeting; None where it was not seen.

    `ready_s`: until its microphone was open. `answered_s`: from the question to its answer.
    `local`: whether it answered without an upload. `panel`: whether it has one.
    """

    ready_s: float | None = None
    answered_s: float | None = None
    local: bool = True
    panel: bool = False


def device_rig_text(device: NewDevice, measured: Measured) -> str:
    """The text of a rig file. Raises `UserError` for a command that names no program."""
    ready_s, answer_s = device.ready_s, _FIRST_ANSWER_S
    if measured.ready_s is not None:
        ready_s = max(_LEAST_READY_S, math.ceil(_MARGIN * measured.ready_s))
    if measured.answered_s is not None:
        answer_s = max(_LEAST_ANSWER_S, math.ceil(_MARGIN * measured.answered_s))
    return _text(device, measured, ready_s, answer_s)


def first_rig_text(device: NewDevice) -> str:
    """The text of a rig file to meet the device by: with time to spare, a panel, and a key log."""
    return _text(device, Measured(panel=True), device.ready_s, _FIRST_ANSWER_S, is_open=True)


def _text(
    device: NewDevice,
    measured: Measured,
    ready_s: float,
    answer_s: float,
    *,
    is_open: bool = False,
) -> str:
    told: dict[str, Any] = {
        "name": device.name,
        "firmware": device.firmware,
        "command": device.words(),
        "cwd": str(device.folder),
        "ready_s": ready_s,
        "panel": measured.panel,
        "open": is_open,
        "prompts": None if device.prompts is None else _folder(device.prompts),
        "reading": device.prompts is None,
        "control": {
            "voice": device.voice,
            "wake": device.wake,
            "says": device.says,
            "answer_within_s": answer_s,
            "local": measured.local,
        },
    }
    if device.env:
        told["env"] = dict(device.env)
    data = {"extends": BASE, "name": device.rig, "device": told}
    return HEAD + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=96)


def _folder(prompts: Path) -> dict[str, Any]:
    return {"command": None, "folder": str(prompts)}
