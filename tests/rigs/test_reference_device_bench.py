"""The device on a real sound server, through PyAudio, with the real cloud over TLS."""

import hashlib
import json
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.rigs.corpus_clips import DANA, PORTLAND, line
from tests.rigs.device_bench import running_device, whole_bench
from tests.rigs.private_sound import RATE_HZ, PrivateSound
from tests.rigs.stepped_room import in_room

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(not shutil.which("pulseaudio"), reason="pulseaudio is not installed"),
]


def portland() -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """The five lines at their times, in a room of T60 0.3 s, 48 kHz."""
    scene = np.zeros(RATE_HZ * 24, np.int16)
    for at_s, voice, text in PORTLAND:
        pcm = in_room(line(voice, text, RATE_HZ), RATE_HZ)
        start = round(at_s * RATE_HZ)
        scene[start : start + len(pcm)] = pcm
    return scene


def play_portland(sound: PrivateSound) -> float:
    """Play it all and wait for its end; Unix time of its start."""
    scene = portland()
    began_s = time.time()
    player = sound.play(scene)
    assert player.wait(40) == 0
    return began_s


def answer(sound: PrivateSound, text: str) -> None:
    """Say a line, to its end."""
    assert sound.play(line(DANA, text, RATE_HZ)).wait(15) == 0


@pytest.mark.exhaustive
def test_the_strict_firmware_really_sends_nothing_of_it(tmp_path: Path) -> None:
    with whole_bench(tmp_path, "verified") as (sound, cloud, device):
        play_portland(sound)
        assert [entry for entry in device.drain() if entry["what"] == "woke"], "not provoked"
        assert cloud.inbox() == []
        assert cloud.uploads() == []


def test_a_wanted_message_is_really_delivered(tmp_path: Path) -> None:
    with whole_bench(tmp_path, "guarded") as (sound, cloud, device):
        answer(sound, "Alexa.")
        device.wait_for("woke", 3.0)
        answer(sound, "Send a message to Thomas Reed.")
        device.wait_for("prompt ended", 12.0)
        answer(sound, "I will be ten minutes late.")
        device.wait_for("prompt started", 12.0)
        device.wait_for("prompt ended", 8.0)
        answer(sound, "Yes.")
        device.wait_for("sent", 8.0)
        (message,) = cloud.inbox()
        assert message["recipient"] == "Thomas Reed"
        assert "minutes late" in message["transcript"]
        device.wait_for("prompt started", 3.0, text="Sent.")


def test_light_mute_and_key_log(tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "panel.sock"))
    listener.listen()
    lights: list[str] = []
    more = {"DEVICE_PANEL": str(tmp_path / "panel.sock"), "SSLKEYLOGFILE": str(tmp_path / "keys")}
    with whole_bench(tmp_path, "verified", **more) as (sound, cloud, device):
        panel, _ = listener.accept()
        reader = threading.Thread(target=_lights, args=(panel, lights), daemon=True)
        reader.start()
        answer(sound, "Alexa.")
        answer(sound, "Are you there?")
        device.wait_for("prompt ended", 12.0)
        uploads = len(cloud.uploads())
        panel.sendall(b'{"mute": true}\n')
        _until(lambda: lights[-1:] == ["muted"])
        answer(sound, "Alexa.")
        answer(sound, "Are you there?")
        assert len(cloud.uploads()) == uploads
        assert json.loads((tmp_path / "device-state" / "muted.json").read_text()) is True
    reader.join(5)
    panel.close()
    listener.close()
    assert lights == ["idle", "listening", "thinking", "speaking", "idle", "muted"]
    assert "CLIENT_TRAFFIC_SECRET_0" in (tmp_path / "keys").read_text()


def test_the_device_says_when_its_microphone_stops(tmp_path: Path) -> None:
    with whole_bench(tmp_path, "2018") as (sound, _cloud, device):
        sound.server.kill()
        assert device.process.wait(10) == 1
    assert "no sound from the microphone" in (tmp_path / "device.err").read_text()


def test_the_cloud_going_away_is_said_and_survived(tmp_path: Path) -> None:
    with whole_bench(tmp_path, "guarded") as (sound, cloud, device):
        cloud.process.kill()
        answer(sound, "Alexa.")
        device.wait_for("prompt started", 8.0, text="Sorry, I can't reach the network.")
        device.wait_for("prompt ended", 8.0)
        answer(sound, "Alexa.")
        device.wait_for("woke", 3.0)
        assert device.process.poll() is None


def test_it_starts_again_after_a_power_cut_from_its_state(tmp_path: Path) -> None:
    with whole_bench(tmp_path, "guarded") as (sound, cloud, device):
        state = tmp_path / "device-state"
        _until(lambda: "Thomas Reed" in (state / "contacts.json").read_text())
        device.process.kill()
        device.process.wait(5)
        before = _digest(state)
        with running_device(tmp_path, "guarded", sound, cloud) as again:
            again.wait_for_all("listening", "loaded", within_s=20.0)
        assert _digest(state) == before


def _digest(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _lights(panel: socket.socket, lights: list[str]) -> None:
    with panel.makefile("r") as lines:
        lights.extend(json.loads(text)["light"] for text in lines)


def _until(held: Callable[[], bool], within_s: float = 5.0) -> None:
    end_s = time.monotonic() + within_s
    while not held():
        assert time.monotonic() < end_s, "did not happen in time"
        threading.Event().wait(0.05)
