"""Drives the device in real time: one queue of events in, actions carried out."""

import queue
import resource
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

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
from rigs.reference_device.clock import Clock
from rigs.reference_device.contacts import Contact
from rigs.reference_device.core import Device, Parts
from rigs.reference_device.errors import SoundError
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.panel import Panel
from rigs.reference_device.prompts import all_prompts
from rigs.reference_device.sound import Sound
from rigs.reference_device.sound_format import DownSampler
from rigs.reference_device.state import State
from rigs.reference_device.stt import LazyRecogniser
from rigs.reference_device.uplink import (
    CloudEvent,
    ContactsCame,
    MessageCame,
    MessageDone,
    Uplink,
    UploadLost,
)

STALL_S = 3.0
"""Without a block of sound for this long the device gives up."""


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the microphone, and whether sound was lost before it."""

    data: bytes
    lost: bool


@dataclass(frozen=True, slots=True)
class MuteButton:
    """The mute button was pressed."""

    muted: bool


@dataclass(frozen=True, slots=True)
class Broken:
    """Something the device cannot do without failed in the background."""

    error: BaseException


Event = Block | MuteButton | Broken | CloudEvent


class Runner:
    """Everything around the device; `run` returns only by an exception."""

    def __init__(self, parts: Parts, state: State, clock: Clock, log: DeviceLog) -> None:
        self._parts, self._state, self._clock, self._log = parts, state, clock, log
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._device = Device(parts, state.contacts(), state.muted(), state.messages())
        self._down = DownSampler()
        self._blocks = 0
        self._overruns = 0
        self._backlog_most = 0
        self._started_s = time.monotonic()
        self.panel: Panel
        self.sound: Sound
        self.uplink: Uplink

    def take_block(self, data: bytes, lost: bool) -> None:
        """A block of the microphone; called by the sound card's thread."""
        self._events.put(Block(data, lost))

    def take_mute(self, muted: bool) -> None:
        """The mute button; called by the panel's thread."""
        self._events.put(MuteButton(muted))

    def take_cloud(self, event: CloudEvent) -> None:
        """News of the cloud; called by the uplink's threads."""
        self._events.put(event)

    def facts(self) -> dict[str, object]:
        """What heartbeats and telemetry report."""
        return {
            "firmware": self._parts.firmware.name,
            "uptime_s": round(time.monotonic() - self._started_s, 1),
            "blocks": self._blocks,
            "overruns": self._overruns,
            "underruns": self.sound.underruns,
            "backlog_most_blocks": self._backlog_most,
            "memory_kib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }

    def run(self) -> None:
        """Serve events until the sound stalls (`SoundError`) or the process is ended."""
        self._in_background(self._load)
        last_block_s = time.monotonic()
        while True:
            try:
                event = self._events.get(timeout=STALL_S / 4)
            except queue.Empty:
                event = None
            if isinstance(event, Block):
                last_block_s = time.monotonic()
            elif time.monotonic() - last_block_s > STALL_S:
                raise SoundError(
                    f"no sound from the microphone for {STALL_S:.0f} s; is the sound server up?"
                )
            if event is not None:
                self._serve(event)

    def _in_background(self, task: Callable[[], None]) -> None:
        def do() -> None:
            try:
                task()
            except BaseException as error:  # raised again where the device runs
                self._events.put(Broken(error))

        threading.Thread(target=do, daemon=True).start()

    def _load(self) -> None:
        # Heavy parts load while the wake word is already listened for.
        if isinstance(self._parts.recogniser, LazyRecogniser):
            self._parts.recogniser.load()
        self._render(self._state.contacts())
        self._log.say("loaded", self.facts())

    def _render(self, contacts: Sequence[Contact]) -> None:
        for prompt in all_prompts(self._parts.firmware.prompt_ids, tuple(contacts)):
            self._parts.voice.sound(prompt)

    def _serve(self, event: Event) -> None:
        now_s = self._clock.now_s()
        if isinstance(event, Block):
            self._hear(event, now_s)
        elif isinstance(event, Broken):
            raise event.error
        elif isinstance(event, MuteButton):
            self._carry_out(self._device.set_muted(event.muted, now_s))
        elif isinstance(event, ContactsCame):
            self._device.set_contacts(event.contacts)
            if event.contacts != self._state.contacts():
                self._state.keep_contacts(event.contacts)
                self._in_background(lambda: self._render(event.contacts))
        elif isinstance(event, MessageDone):
            self._carry_out(self._device.message_done(event.number, event.failure, now_s))
        elif isinstance(event, MessageCame):
            self._carry_out(self._device.message_came(event.pcm, event.failure, now_s))
        elif isinstance(event, UploadLost):
            self._log.say("cloud trouble", {"reason": event.reason})
            self._carry_out(self._device.upload_lost(event.upload, now_s))
        else:
            self._log.say("cloud trouble", {"reason": event.reason, "call": event.what})

    def _hear(self, block: Block, now_s: float) -> None:
        if self._blocks == 0:
            self._log.say("listening", {"after_s": round(time.monotonic() - self._started_s, 3)})
            self._carry_out(self._device.start(now_s))
        self._blocks += 1
        self._backlog_most = max(self._backlog_most, self._events.qsize())
        if block.lost:
            self._overruns += 1
            self._log.say("overrun", {"count": self._overruns})
        pcm = self._down.process(np.frombuffer(block.data, np.int16))
        self._carry_out(self._device.step(pcm, now_s))

    def _carry_out(self, actions: list[Action]) -> None:
        for action in actions:
            self._do(action)

    def _do(self, action: Action) -> None:
        if isinstance(action, UploadSound):
            self.uplink.sound(action)
        elif isinstance(action, OpenUpload):
            self.uplink.open(action)
        elif isinstance(action, CloseUpload):
            self.uplink.close(action)
        elif isinstance(action, SendMessage):
            self.uplink.send(action)
        elif isinstance(action, FetchMessage):
            self.uplink.fetch(action)
        elif isinstance(action, RefreshContacts):
            self.uplink.refresh_contacts()
        elif isinstance(action, (SendDatagram, AskName, SendReport)):
            self.uplink.send_aside(action)
        elif isinstance(action, Light):
            self.panel.show(action.state)
        elif isinstance(action, Play):
            self.sound.play(action.sound)
        elif isinstance(action, StopPlaying):
            self.sound.stop()
        elif isinstance(action, KeepMuted):
            self._state.keep_muted(action.muted)
        elif isinstance(action, KeepMessages):
            self._state.keep_messages(action.messages)
        elif isinstance(action, Note):
            self._log.say(action.what, action.detail)
