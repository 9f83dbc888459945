"""The reference device as the program it is, on a private sound server, with the real cloud."""

import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.bench.drivers.authority import Authority, open_authority
from tests.rigs.corpus_clips import ROOT
from tests.rigs.private_sound import PrivateSound, private_sound

TOKEN = "reference-device"


@dataclass(slots=True)
class RunningCloud:
    """The cloud program, on loopback."""

    folder: Path
    authority: Authority
    port: int
    process: subprocess.Popen[bytes]

    def operator(self, method: str, path: str, body: object = None) -> Any:
        """One operator call over its Unix socket; the parsed answer."""
        connection = _UnixConnection(str(self.folder / "operator.sock"))
        connection.request(method, path, None if body is None else json.dumps(body))
        content = connection.getresponse().read()
        connection.close()
        return json.loads(content) if content else None

    def inbox(self) -> list[dict[str, Any]]:
        """Messages that arrived."""
        found: list[dict[str, Any]] = self.operator("GET", f"/operator/inbox?token={TOKEN}")[
            "messages"
        ]
        return found

    def uploads(self) -> list[dict[str, Any]]:
        """Speech that was uploaded."""
        found: list[dict[str, Any]] = self.operator("GET", f"/operator/uploads?token={TOKEN}")[
            "uploads"
        ]
        return found


@dataclass(slots=True)
class RunningDevice:
    """The device program; its log is read for the tests' own timing."""

    process: subprocess.Popen[str]
    lines: "queue.SimpleQueue[dict[str, Any] | None]"
    log: list[dict[str, Any]] = field(default_factory=list)

    def wait_for(self, what: str, within_s: float, **detail: object) -> dict[str, Any]:
        """The next log line of a kind; fails when it does not come."""
        end_s = time.monotonic() + within_s
        while (left_s := end_s - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left_s)
            except queue.Empty:
                break
            assert line is not None, f"the device ended, waiting for {what}: {self.log[-5:]}"
            self.log.append(line)
            if line["what"] == what and all(line.get(k) == v for k, v in detail.items()):
                return line
        raise AssertionError(f"no {what} {detail} in {within_s} s; last: {self.log[-8:]}")

    def wait_for_all(self, *kinds: str, within_s: float) -> None:
        """Until a line of each kind has come; a device says them in no fixed order."""
        end_s = time.monotonic() + within_s
        for what in kinds:
            if all(line["what"] != what for line in self.log):
                self.wait_for(what, end_s - time.monotonic())

    def drain(self) -> list[dict[str, Any]]:
        """Everything logged so far."""
        while not self.lines.empty():
            if (line := self.lines.get()) is not None:
                self.log.append(line)
        return self.log


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("operator", timeout=10)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


@contextmanager
def running_cloud(folder: Path) -> Iterator[RunningCloud]:
    """The reference cloud with an account for the device."""
    folder.mkdir(parents=True, exist_ok=True)
    authority = open_authority(folder / "ca")
    command = [
        sys.executable, "-m", "rigs.reference_cloud", "--listen", "127.0.0.1:0",
        "--operator-socket", str(folder / "operator.sock"), "--state", str(folder / "state"),
        "--ca-cert", str(authority.certificate), "--ca-key", str(authority.key),
        "--ready-file", str(folder / "ready"), "--address", "127.0.0.1",
    ]  # fmt: skip
    with (folder / "cloud.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, stderr=log, stdout=log)
    try:
        end_s = time.monotonic() + 60
        while not (folder / "ready").exists():
            assert process.poll() is None, (folder / "cloud.log").read_text()
            assert time.monotonic() < end_s, "the cloud did not become ready"
            threading.Event().wait(0.05)
        port = json.loads((folder / "ready").read_text())["port"]
        cloud = RunningCloud(folder, authority, port, process)
        contacts = ["Thomas Reed", "Anna Kowalski"]
        cloud.operator("PUT", "/operator/account", {"token": TOKEN, "contacts": contacts})
        yield cloud
    finally:
        process.kill()
        process.wait(5)


@contextmanager
def running_device(
    folder: Path, firmware: str, sound: PrivateSound, cloud: RunningCloud, **more: str
) -> Iterator[RunningDevice]:
    """The device; `more` are environment variables."""
    environment = {
        **os.environ,
        **sound.environment(),
        "SSL_CERT_FILE": str(cloud.authority.certificate),
        "DEVICE_STATE": str(folder / "device-state"),
        **more,
    }
    command = [sys.executable, "-m", "rigs.reference_device", "--firmware", firmware]
    command += ["--cloud", f"https://127.0.0.1:{cloud.port}"]
    with (folder / "device.err").open("wb") as errors:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        )
    lines: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    try:
        yield RunningDevice(process, lines)
    finally:
        process.kill()
        process.wait(5)
        reader.join(5)
        if process.stdout is not None:
            process.stdout.close()


@contextmanager
def whole_bench(
    folder: Path, firmware: str, **more: str
) -> Iterator[tuple[PrivateSound, RunningCloud, RunningDevice]]:
    """Sound, cloud and device, with the device listening and loaded."""
    with ExitStack() as stack:
        sound = stack.enter_context(private_sound(folder / "sound"))
        cloud = stack.enter_context(running_cloud(folder / "cloud"))
        device = stack.enter_context(running_device(folder, firmware, sound, cloud, **more))
        device.wait_for_all("listening", "loaded", within_s=20.0)
        yield sound, cloud, device


def _read(
    process: subprocess.Popen[str], lines: "queue.SimpleQueue[dict[str, Any] | None]"
) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.put(json.loads(line))
    lines.put(None)
