"""A reference cloud in a test: its real services, asked by function, on a clock that is stepped."""

import random
from pathlib import Path

from harness.bench.drivers.cloud_account import CloudAccount
from harness.clock import SimulatedClock
from rigs.reference_cloud.calls import MessageForm
from rigs.reference_cloud.services.exports import wav
from rigs.simulated.account import SteppedCarrier
from rigs.simulated.cloud import SteppedCloud

TOKEN = "reference-device"
LATE = "I will be late"
START_S = 1_000_000.0


class Home:
    """A household whose device talks to a cloud, and whose account is asked."""

    def __init__(self, folder: Path, variant: str = "honest") -> None:
        self.clock = SimulatedClock(START_S)
        dice = random.Random(1)
        self.cloud = SteppedCloud(folder / "accounts", self.clock.now_s, dice, variant)
        self.cloud.operator.prepare(TOKEN, ["Thomas Reed"])
        self.account = CloudAccount(SteppedCarrier(self.cloud), TOKEN, self.clock)

    def speaks(self, seconds: float, seed: int = 7) -> bytes:
        """The device uploads speech; what it uploaded."""
        pcm = random.Random(seed).randbytes(2 * int(16_000 * seconds))
        speech = self.cloud.calls.speech(TOKEN)
        self.clock.wait_s(seconds)
        speech.take(pcm)
        speech.end()
        return pcm

    def sends(self, words: str = LATE) -> int:
        """The device delivers a message; the HTTP status."""
        form = MessageForm("c1", words, wav(random.Random(words).randbytes(32_000)))
        return self.cloud.calls.message(TOKEN, form).status

    def talks(self) -> None:
        """Somebody asks for a message, and it is sent."""
        self.speaks(1.5, seed=1)
        self.clock.wait_s(3.0)
        self.speaks(2.0, seed=2)
        self.clock.wait_s(1.0)
        assert self.sends() == 201
        self.clock.wait_s(40.0)
