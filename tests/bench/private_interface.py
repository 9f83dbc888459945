"""A sound interface made of real parts: PortAudio, ALSA and a private PulseAudio null sink.

One ALSA device with eight outputs and eight inputs, of which each output is cabled to the input of
the same number: so a loudspeaker on output 8 is heard by the microphone on input 8.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness.bench.drivers.pulse_server import PulseServer
from harness.clock import RealClock

NAME = "bench_card"
_DEVICE = """
pcm.bench_card {{ type asym
  playback.pcm {{ type pulse server "unix:{socket}" device "air" }}
  capture.pcm {{ type pulse server "unix:{socket}" device "air.monitor" }}
  hint {{ show on description "The bench's sound interface" }} }}
"""


@contextmanager
def private_interface(folder: Path) -> Iterator[tuple[PulseServer, Mapping[str, str]]]:
    """The server, and the environment in which PortAudio finds the interface."""
    settings = folder / ".config" / "pulse" / "daemon.conf"
    settings.parent.mkdir(parents=True)
    # Whoever opens fewer than eight outputs would be mixed into the others, too.
    settings.write_text("enable-remixing = no\n")
    with PulseServer(folder, RealClock()) as server:
        file = folder / "interface.asoundrc"
        text = server.files.bench_alsa.read_text() + _DEVICE.format(socket=server.files.socket)
        file.write_text(text)
        yield server, {**os.environ, "ALSA_CONFIG_PATH": str(file)}
