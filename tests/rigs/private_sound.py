"""A private sound server with a small room in it, for tests of the reference device alone.

One null sink with four channels is one sample clock: 0 what people say, 1 what the device says,
3 what the device's microphone hears. A loop of 10 ms blocks mixes 0 and (delayed) 1 into 3.
"""

import os
import signal
import subprocess
import threading
import wave
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
_BLOCK = 480
_CONFIG = """\
load-module module-native-protocol-unix socket={socket} auth-anonymous=1
load-module module-null-sink sink_name=air format=float32le rate=48000 channels=4 \
channel_map=front-left,front-right,rear-left,rear-right norewinds=1
load-module module-remap-sink sink_name=people master=air channels=1 channel_map=mono \
master_channel_map=front-left remix=no
load-module module-remap-sink sink_name=dut_spk master=air channels=1 channel_map=mono \
master_channel_map=front-right remix=no
load-module module-remap-sink sink_name=air_out master=air channels=1 channel_map=mono \
master_channel_map=rear-right remix=no
load-module module-remap-source source_name=dut_mic master=air.monitor channels=1 \
channel_map=mono master_channel_map=rear-right remix=no
"""


@dataclass(frozen=True, slots=True)
class PrivateSound:
    """The running server: its socket, and its process (to kill it)."""

    folder: Path
    server: subprocess.Popen[bytes]

    @property
    def socket(self) -> str:
        """The server's address."""
        return f"unix:{self.folder / 'pulse.sock'}"

    def environment(self) -> dict[str, str]:
        """What a device under test is given to find its microphone and loudspeaker."""
        return {
            "PULSE_SERVER": self.socket,
            "PULSE_SOURCE": "dut_mic",
            "PULSE_SINK": "dut_spk",
            "HOME": str(self.folder),
        }

    def play(self, pcm: NDArray[np.int16], name: str = "line") -> subprocess.Popen[bytes]:
        """Let people speak (48 kHz); returns the player, which ends when the sound does."""
        path = self.folder / f"{name}.wav"
        with wave.open(str(path), "wb") as wav:
            wav.setnchannels(1)
            wav.setsampwidth(2)
            wav.setframerate(RATE_HZ)
            wav.writeframes(pcm.tobytes())
        command = ["paplay", "--server", self.socket, "--latency-msec=200"]
        command += ["--device=people", str(path)]
        return subprocess.Popen(_favoured(command))


@contextmanager
def private_sound(folder: Path, voice_gain: float = 0.3) -> Iterator[PrivateSound]:
    """The server and the room, for as long as the block runs."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "b.pa").write_text(_CONFIG.format(socket=folder / "pulse.sock"))
    with ExitStack() as stack:
        server = _started(stack, folder)
        sound = PrivateSound(folder, server)
        _wait_until_up(sound)
        _room(stack, sound, voice_gain)
        yield sound


def _favoured(command: list[str]) -> list[str]:
    return ["chrt", "-f", "55", *command] if os.geteuid() == 0 else command


def _started(stack: ExitStack, folder: Path) -> subprocess.Popen[bytes]:
    command = ["pulseaudio", "-n", "-F", str(folder / "b.pa"), "--daemonize=no"]
    command += ["--exit-idle-time=-1", "--use-pid-file=no", "--realtime=no", "--high-priority=no"]
    command += [f"--log-target=file:{folder / 'pulse.log'}"]
    environment = {**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    server = subprocess.Popen(_favoured(command), env=environment)
    stack.callback(_end, server)
    return server


def _wait_until_up(sound: PrivateSound) -> None:
    asked = ["pactl", "--server", sound.socket, "info"]
    for _ in range(200):
        if subprocess.run(asked, capture_output=True, timeout=5).returncode == 0:
            return
        threading.Event().wait(0.02)
    raise RuntimeError(f"no sound server at {sound.socket}; see {sound.folder / 'pulse.log'}")


def _room(stack: ExitStack, sound: PrivateSound, voice_gain: float) -> None:
    stream = ["--raw", "--format=float32le", "--rate=48000", "--latency-msec=60"]
    server = ["--server", sound.socket]
    heard = subprocess.Popen(
        _favoured(["parec", *server, "--device=air.monitor", "--channels=4",
                   "--channel-map=front-left,front-right,rear-left,rear-right", *stream]),
        stdout=subprocess.PIPE,
    )  # fmt: skip
    stack.callback(_end, heard)
    made = subprocess.Popen(
        _favoured(["pacat", *server, "--device=air_out", "--channels=1", *stream]),
        stdin=subprocess.PIPE,
    )
    stack.callback(_end, made)
    mixer = threading.Thread(target=_mix, args=(heard, made, voice_gain), daemon=True)
    mixer.start()
    stack.callback(mixer.join, 2.0)
    stack.callback(heard.kill)


def _mix(heard: subprocess.Popen[bytes], made: subprocess.Popen[bytes], gain: float) -> None:
    source, sink = heard.stdout, made.stdin
    assert source is not None
    assert sink is not None
    noise = np.random.default_rng(5)
    # The recorder is killed before its pipe is closed, so that this ends by an end of file.
    while len(data := source.read(_BLOCK * 16)) == _BLOCK * 16:
        air = np.frombuffer(data, np.float32).reshape(-1, 4)
        floor = noise.standard_normal(_BLOCK).astype(np.float32) * 2e-4
        try:
            sink.write((air[:, 0] + gain * air[:, 1] + floor).tobytes())
            sink.flush()
        except OSError:
            return  # the server is gone, and with it the room


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(5)
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue
