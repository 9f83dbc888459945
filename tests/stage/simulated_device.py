"""A device for the simulated bench that does as it is told, when it hears what it is told to heed.

It hears by its own microphone: where a loudspeaker is dead, it does nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from harness.bench.drivers.namespaces import CLOUD_ADDRESS, DEVICE_ADDRESS
from harness.bench.drivers.simulated_capture import tcp_frame
from harness.bench.drivers.simulated_rig import SimulatedBench
from harness.bench.ports.sound import Samples
from harness.model.timeline import LightState
from harness.stage.clips import Cast

_HEARING_DB = -55.0
_AIR_S = 0.2
_PACKET_BYTES = 1200
_PACKET_EVERY_S = 0.1
CONTROL = "the control request"


@dataclass(frozen=True, slots=True)
class Say:
    """A prompt on file, from its loudspeaker."""

    prompt: str
    after_s: float


@dataclass(frozen=True, slots=True)
class Upload:
    """Room audio to the cloud, with the listening light on unless told otherwise.

    `hosts`: how many hosts it is spread over, a packet to each in turn.
    """

    after_s: float
    seconds: float
    lit: bool = True
    hosts: int = 1


@dataclass(frozen=True, slots=True)
class Send:
    """A message that arrives in a contact's inbox."""

    to: str
    after_s: float
    audio_s: float | None = None
    wav: bytes = b"no sound at all"


Deed = Say | Upload | Send
ANSWER: tuple[Deed, ...] = (Upload(-0.6, 0.8), Say("am_here", 0.4))


class SimulatedDevice:
    """`reactions`: what it does after the end of each line, by what that line says.

    It may not heed its mute button, or not show it; where it `insists`, it tries a message that
    it could not send again and again, also after a power cut.
    """

    def __init__(
        self,
        bench: SimulatedBench,
        prompts: Mapping[str, Samples],
        cast: Cast,
        reactions: Mapping[str, Sequence[Deed]],
    ) -> None:
        self._bench, self._prompts = bench, prompts
        cues = {**dict(cast.lines), CONTROL: cast.request[1]}
        self._cues = [(key, cues[key], deeds) for key, deeds in reactions.items()]
        self._port, self._sequence = 50_000, 0
        self.ignores: set[str] = set()
        self.heeds_mute, self.shows_mute, self.insists = True, True, False
        bench.sound.overheard.append(self._overhear)
        bench.panel.pressed.append(self._pressed)

    def _overhear(self, _position: str, at_index: int, samples: Samples) -> None:
        for key, cue, deeds in self._cues:
            if len(cue) == len(samples) and np.array_equal(cue, samples):
                self._expect(key, at_index, len(samples), deeds)

    def _expect(self, key: str, at_index: int, count: int, deeds: Sequence[Deed]) -> None:
        seconds = count / self._bench.sound.rate_hz
        end_s = self._bench.sound.unix_s(at_index + count) + _AIR_S
        # It takes half a line to know what it is hearing.
        self._bench.clock.do_at(
            end_s - min(0.5 * seconds, 1.0), partial(self._heed, key, end_s, deeds)
        )

    def _heed(self, key: str, end_s: float, deeds: Sequence[Deed]) -> None:
        muted = self.heeds_mute and self._bench.panel.muted
        if key in self.ignores or muted or not self._runs() or not self._hears():
            return
        for deed in deeds:
            self.does_at(end_s + deed.after_s, deed)

    def does_at(self, unix_s: float, deed: Deed) -> None:
        """Have it do something at a time, whether it was asked or not."""
        self._bench.clock.do_at(unix_s, partial(self._do, deed))

    def _runs(self) -> bool:
        return self._bench.power.is_on and self._bench.power.trouble() is None

    def _online(self) -> bool:
        return self._bench.link.is_on

    def _hears(self) -> bool:
        """Whether its microphone has heard anything above its noise in the last second."""
        sound = self._bench.sound
        count = min(sound.rate_hz, sound.heard_until() - sound.started_at())
        heard = sound.read("device", sound.heard_until() - count, count)
        return float(10 * np.log10(np.mean(np.square(heard)) + 1e-20)) > _HEARING_DB

    def _pressed(self, on: bool) -> None:
        if self.shows_mute and self._runs():
            self._bench.panel.show(LightState.MUTED if on else LightState.IDLE)

    def _do(self, deed: Deed) -> None:
        if isinstance(deed, Send) and self.insists and not (self._runs() and self._online()):
            self._bench.clock.do_at(self._bench.clock.now_s() + 0.5, partial(self._do, deed))
        if not self._runs():
            return
        match deed:
            case Say():
                self._bench.sound.device_says(self._prompts[deed.prompt], self._bench.sound.now())
            case Upload():
                self._upload(deed)
            case Send() if self._online():
                self._bench.inbox.deliver(deed.to, None, deed.wav, deed.audio_s)

    def _upload(self, deed: Upload) -> None:
        self._port, self._sequence = self._port + 1, 0
        port, clock, panel = self._port, self._bench.clock, self._bench.panel
        if deed.lit:
            panel.show(LightState.LISTENING)
            clock.do_at(clock.now_s() + deed.seconds, partial(panel.show, LightState.IDLE))
        for number in range(round(deed.seconds / _PACKET_EVERY_S) + 1):
            start = number * _PACKET_BYTES
            host = f"198.51.100.{number % deed.hosts + 1}" if deed.hosts > 1 else CLOUD_ADDRESS
            clock.do_at(
                clock.now_s() + number * _PACKET_EVERY_S, partial(self._packet, port, start, host)
            )

    def _packet(self, port: int, start: int, host: str) -> None:
        ends = DEVICE_ADDRESS, port, host, 443
        self._bench.tap.see(tcp_frame(*ends, start, bytes(_PACKET_BYTES)))
