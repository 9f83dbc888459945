"""Peers of the real drivers that keep the same promises in memory, on a simulated clock.

They are as honest as the real ones: what was lost, what died and what is down they say. The
methods beyond the ports' own are what a test or a simulated device does to them.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.bench.drivers.namespaces import CLOUD_ADDRESS, DEVICE_ADDRESS
from harness.bench.drivers.simulated_capture import udp_frame, write_capture
from harness.bench.drivers.tap_stall import StallWatch
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT
from harness.bench.ports.device import Panel, PanelEvent, Power
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.bench.ports.tap import Tap, TapReport
from harness.clock import Clock
from harness.errors import DeviceError, RigError
from harness.model.timeline import LightState

_CANARY_SOURCE_PORT = 40_000


class SimulatedTap(Tap):
    """Keeps frames in memory while started, and writes a real pcapng file when stopped."""

    def __init__(self, clock: Clock) -> None:
        """Nothing is captured before `start`."""
        self._clock = clock
        self._path: Path | None = None
        self._frames: list[tuple[float, bytes]] = []
        self._dropped = self._overwritten = 0
        self._death: str | None = None
        self._stall = StallWatch(clock)
        self.unplugged = False
        self.severed = False

    def start(self, path: Path) -> None:
        """Capture into `path`, which is written at `stop`."""
        if self._path is not None:
            raise RigError(f"tap: already capturing into {self._path}; stop it first")
        self._path, self._frames, self._death = path, [], None
        self._dropped = self._overwritten = 0

    def trouble(self) -> str | None:
        """Why it died, or keeps nothing; None while it captures or is stopped."""
        return self._death or self._stall.trouble()

    def stop(self) -> TapReport:
        """Write the file and report; `RigError` when it died before."""
        path, self._path = self._path, None
        death, self._death = self.trouble(), None
        self._stall.forget()
        if path is None:
            raise RigError("tap: nothing is being captured; start it first")
        if death is not None:
            raise RigError(death)
        write_capture(path, self._frames, self._dropped)
        kept, gone = len(self._frames), self._overwritten
        return TapReport(path, kept, self._dropped, files=(path,), overwritten=gone)

    def send_canary(self, nonce: bytes) -> float:
        """Put one datagram holding `nonce` on the simulated link."""
        now_s = self._clock.now_s()
        ends = DEVICE_ADDRESS, _CANARY_SOURCE_PORT, CLOUD_ADDRESS, CANARY_PORT
        count = len(self._frames)
        self.see(udp_frame(*ends, CANARY_MARK + nonce))
        kept = len(self._frames) > count
        if self._path is not None:
            self._stall.expect(lambda: kept)
        return now_s

    def see(self, frame: bytes) -> None:
        """An Ethernet frame passes now, unless the link is `severed`.

        A tap that is stopped, dead or `unplugged` misses it.
        """
        misses = self._path is None or self._death is not None or self.unplugged
        if not (misses or self.severed):
            self._frames.append((self._clock.now_s(), frame))

    def drop(self, packets: int) -> None:
        """So many packets pass that it fails to keep."""
        self._dropped += packets

    def overwrite(self, files: int) -> None:
        """A ring that is too short for the play takes so many files with it."""
        self._overwritten += files

    def die(self, reason: str = "tap: killed") -> None:
        """The capture ends by itself."""
        self._death = reason


class SimulatedPower(Power):
    """A plug; the device behind it may `die`.

    A device that is stepped listens to `given` and `taken`.
    """

    def __init__(self) -> None:
        """The device is off."""
        self.given: list[Callable[[], None]] = []
        self.taken: list[Callable[[], None]] = []
        self.is_on = False
        self.times_on = 0
        self.dies_at_start: str | None = None
        self._death: str | None = None

    def on(self) -> None:
        """Give power; `DeviceError` when the device `dies_at_start`, or has died before."""
        if not self.is_on:
            self.is_on = True
            self.times_on += 1
            self._death = self.dies_at_start
            _tell(self.given if self._death is None else ())
        if self._death is not None:
            raise DeviceError(self._death)

    def off(self) -> None:
        """Take power away."""
        _tell(self.taken if self.is_on else ())
        self.is_on = False
        self._death = None

    def trouble(self) -> str | None:
        """Why the device died; None while all is well or it is off."""
        return self._death

    def die(self, reason: str = "device: ended by itself") -> None:
        """The device ends although it has power."""
        if self.is_on:
            self._death = reason
            _tell(self.taken)


def _tell(listeners: Sequence[Callable[[], None]]) -> None:
    for listener in listeners:
        listener()


class SimulatedPanel(Panel):
    """A light and a mute switch; without a device that uses it, not present."""

    def __init__(self, clock: Clock) -> None:
        """No device has connected yet."""
        self._clock = clock
        self._events: list[PanelEvent] = []
        self._present = False
        self._malformed: list[str] = []
        self.muted = False
        self.pressed: list[Callable[[bool], None]] = []

    def present(self) -> bool:
        """Whether the device has used its panel."""
        return self._present

    def press_mute(self, on: bool) -> None:
        """Set the mute switch; the simulated device reads `muted`, or is told by `pressed`."""
        self.muted = on
        for tell in self.pressed:
            tell(on)

    def events(self) -> tuple[PanelEvent, ...]:
        """All light changes so far, oldest first."""
        return tuple(self._events)

    def malformed(self) -> tuple[str, ...]:
        """What came from the device that is no panel message, each with the reason."""
        return tuple(self._malformed)

    def babble(self, line: str) -> None:
        """The device sends a line that makes no sense."""
        self._malformed.append(f"{line!r}: no panel message")

    def connect(self) -> None:
        """The device connects to its panel."""
        self._present = True

    def show(self, light: LightState) -> None:
        """The device's light changes now."""
        self.connect()
        self._events.append(PanelEvent(self._clock.now_s(), light))


class SimulatedInbox(Inbox):
    """Inboxes in memory. Set `down` to the reason, and it refuses as a dead cloud does.

    While it `swallows`, it accepts messages and delivers none.
    """

    def __init__(self, clock: Clock, uncertainty_s: float = 0.0) -> None:
        """An account without contacts."""
        self._clock = clock
        self._uncertainty_s = uncertainty_s
        self._messages: list[InboxMessage] = []
        self._audio: dict[str, bytes] = {}
        self._count = 0
        self.contacts: tuple[str, ...] = ()
        self.down: str | None = None
        self.swallows = False

    def prepare(self, contacts: Sequence[str]) -> None:
        """Give the account exactly these contacts and empty every inbox."""
        self._check()
        self.contacts = tuple(contacts)
        self._messages.clear()
        self._audio.clear()

    def messages(self) -> tuple[InboxMessage, ...]:
        """All that was received since `prepare`, oldest first."""
        self._check()
        return tuple(self._messages)

    def audio(self, message_id: str) -> bytes:
        """The sound of a message; empty when it has none, `RigError` when there is no such one."""
        self._check()
        if message_id not in self._audio:
            raise RigError(f"cloud: there is no message {message_id}")
        return self._audio[message_id]

    def send_canary(self, nonce: str) -> None:
        """Deliver a message marked `nonce`."""
        self._check()
        self._deliver("Sayso Canary", "canary", b"", None, nonce)

    def deliver(
        self,
        recipient: str,
        transcript: str | None = None,
        wav: bytes = b"",
        audio_s: float | None = None,
    ) -> InboxMessage:
        """A message of the device arrives now; `RigError` when there is no such contact."""
        self._check()
        if recipient not in self.contacts:
            raise RigError(f"cloud: {recipient} is not a contact of this account")
        return self._deliver(recipient, transcript, wav, audio_s)

    def _deliver(
        self,
        recipient: str,
        transcript: str | None,
        wav: bytes,
        audio_s: float | None,
        canary: str | None = None,
    ) -> InboxMessage:
        self._count += 1
        message = InboxMessage(
            message_id=f"m{self._count}",
            recipient=recipient,
            unix_s=self._clock.now_s(),
            uncertainty_s=self._uncertainty_s,
            audio_s=audio_s,
            transcript=transcript,
            sha256=hashlib.sha256(wav).hexdigest() if wav else None,
            canary=canary,
        )
        if self.swallows:
            return message
        self._messages.append(message)
        self._audio[message.message_id] = wav
        return message

    def _check(self) -> None:
        if self.down is not None:
            raise RigError(self.down)
