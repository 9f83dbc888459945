"""The reference device on simulated time: its own core and engines, stepped by blocks.

It hears the simulated room by the device's microphone and speaks into it, each with the delay that
a sound card and its server have on the virtual bench.
"""

import json
import random
from collections.abc import Callable, Sequence
from typing import assert_never

import numpy as np

from harness.bench.ports.sound import Samples
from harness.bench.ports.stepped import Surroundings
from harness.model.timeline import LightState
from rigs.reference_device.actions import (
    Action,
    AskName,
    CloseUpload,
    FetchMessage,
    KeepMessages,
    KeepMuted,
    Light,
    Note,
    OpenUpload,
    Play,
    RefreshContacts,
    SendDatagram,
    SendMessage,
    SendReport,
    StopPlaying,
    UploadSound,
)
from rigs.reference_device.core import Device, Parts
from rigs.reference_device.sound_format import (
    CARD_RATE_HZ,
    SPEECH_RATE_HZ,
    DownSampler,
    Pcm,
    resample,
    scaled,
)
from rigs.reference_device.state import State
from rigs.reference_device.uplink import (
    CloudEvent,
    ContactsCame,
    MessageCame,
    MessageDone,
    UploadLost,
)
from rigs.simulated.cloud import SteppedCloud
from rigs.simulated.network import Network
from rigs.simulated.tls import OpenTls
from rigs.simulated.uplink import SteppedUplink
from rigs.simulated.wire import Cable

INPUT_S, OUTPUT_S = 0.2, 0.25
"""From the microphone to the device, and from the device to the loudspeaker."""
BOOT_S, _BOOT_MORE_S = 1.0, 0.25
BLOCK = 480
"""Samples that the device takes at a time: 30 ms."""
_FULL_SCALE = np.float32(32768.0)


class Life:
    """The device from one power-on to the next power-off; `gain` scales what it plays."""

    def __init__(
        self,
        around: Surroundings,
        parts: Parts,
        cloud: SteppedCloud,
        host: str,
        seed: int,
        gain: float,
        tls: OpenTls | None = None,
    ) -> None:
        self._around, self._parts, self._gain = around, parts, gain
        self._state = State(around.folder)
        kept = self._state.contacts(), self._state.muted(), self._state.messages()
        self._device = Device(parts, *kept)
        self._born_s = around.agenda.now_s()
        dice = random.Random(seed)
        # It never takes quite as long: so no two plays cut the room's sound at the same places.
        boots_s = BOOT_S + dice.uniform(0.0, _BOOT_MORE_S)
        cable = Cable(around, host, dice, tls)
        assert around.file.cloud is not None  # of every rig but a bench
        self._network = Network(cable, cloud, around.file.cloud.token)
        self._uplink = SteppedUplink(self._network, self._take_cloud, self._facts)
        self._down = _down_sampler(around.sound.rate_hz)
        self._next = -1
        self._steps = 0
        self._network.later(boots_s, self._open)

    @property
    def listening(self) -> bool:
        """Whether its microphone is open."""
        return self._network.alive and self._next >= 0

    def end(self) -> None:
        """Power is gone."""
        self._network.alive = self._network.cable.alive = False
        self._uplink.end()
        self._around.sound.device_hushes(self._around.sound.now() + 1)

    def press_mute(self, on: bool) -> None:
        """The switch was set."""
        if self.listening:
            self._carry_out(self._device.set_muted(on, self._now_s()))

    # Sound -----------------------------------------------------------------------------------

    def _open(self) -> None:
        self._log("started", {"firmware": self._parts.firmware.name, "simulated": True})
        self._next = self._around.sound.now()
        self._carry_out(self._device.start(self._now_s()))
        if self._around.muted():
            self._carry_out(self._device.set_muted(True, self._now_s()))
        self._uplink.start()
        self._await_block()

    def _await_block(self) -> None:
        sounded_s = self._around.sound.sounds_at_s(self._next + self._block)
        self._around.agenda.do_at(sounded_s + INPUT_S, self._step)

    @property
    def _block(self) -> int:
        return BLOCK * self._around.sound.rate_hz // SPEECH_RATE_HZ

    def _step(self) -> None:
        if not self._network.alive:
            return
        heard = self._around.sound.device_hears(self._next, self._block)
        self._next += self._block
        self._steps += 1
        self._carry_out(self._device.step(self._down(_as_pcm(heard)), self._now_s()))
        self._await_block()

    def _play(self, sound: Pcm) -> None:
        rate = self._around.sound.rate_hz
        sound = scaled(sound, self._gain)
        samples = resample(sound, CARD_RATE_HZ, rate).astype(np.float32) / _FULL_SCALE
        at = self._around.sound.now() + round(OUTPUT_S * rate)
        self._around.sound.device_says(samples, at)

    def _stop(self) -> None:
        rate = self._around.sound.rate_hz
        self._around.sound.device_hushes(self._around.sound.now() + round(OUTPUT_S * rate))

    # What it does ----------------------------------------------------------------------------

    def _carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:
            self._do(action)

    def _do(self, action: Action) -> None:
        match action:
            case UploadSound():
                self._uplink.sound(action)
            case OpenUpload():
                self._uplink.open(action)
            case CloseUpload():
                self._uplink.close(action)
            case SendMessage():
                self._uplink.send(action)
            case FetchMessage():
                self._uplink.fetch()
            case RefreshContacts():
                self._uplink.refresh_contacts()
            case SendDatagram() | AskName() | SendReport():
                self._uplink.send_aside(action)
            case Light(state):
                self._around.show(LightState(state))
            case Play(_, sound):
                self._play(sound)
            case StopPlaying():
                self._stop()
            case KeepMuted(muted):
                self._state.keep_muted(muted)
            case KeepMessages(messages):
                self._state.keep_messages(messages)
            case Note(what, detail):
                self._log(what, detail)
            case _:
                assert_never(action)

    def _take_cloud(self, event: CloudEvent) -> None:
        now_s = self._now_s()
        match event:
            case ContactsCame(contacts):
                self._device.set_contacts(contacts)
                if contacts != self._state.contacts():
                    self._state.keep_contacts(contacts)
            case MessageDone(number, failure):
                self._carry_out(self._device.message_done(number, failure, now_s))
            case MessageCame(pcm, failure):
                self._carry_out(self._device.message_came(pcm, failure, now_s))
            case UploadLost(upload, reason):
                self._log("cloud trouble", {"reason": reason})
                self._carry_out(self._device.upload_lost(upload, now_s))
            case _:
                self._log("cloud trouble", {"reason": event.reason, "call": event.what})

    def _facts(self) -> dict[str, object]:
        return {
            "firmware": self._parts.firmware.name,
            "uptime_s": round(self._now_s() - self._born_s, 1),
            "blocks": self._steps,
            "overruns": 0,
            "underruns": 0,
        }

    def _now_s(self) -> float:
        return self._around.agenda.now_s()

    def _log(self, what: str, detail: dict[str, object]) -> None:
        line = {"unix_s": round(self._now_s(), 3), "what": what, **detail}
        with self._around.log.open("a") as log:
            log.write(json.dumps(line) + "\n")


def _down_sampler(rate_hz: int) -> Callable[[Pcm], Pcm]:
    """What brings the room's sound to the rate of the engines."""
    return DownSampler().process if rate_hz == CARD_RATE_HZ else lambda pcm: pcm


def _as_pcm(heard: Samples) -> Pcm:
    scaled = np.rint(heard * _FULL_SCALE)
    pcm: Pcm = np.minimum(np.maximum(scaled, -32768), 32767).astype(np.int16)
    return pcm
