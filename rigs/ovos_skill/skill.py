"""Takes what is said on the bus, and does what the conversation says."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from rigs.ovos_skill.bus import Bus, Message
from rigs.ovos_skill.conversation import Conversation, Deliver, Speak
from rigs.ovos_skill.panel import Panel
from rigs.reference_device.cloud import Cloud
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Firmware
from rigs.reference_device.errors import NetworkError
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.sound_format import CARD_RATE_HZ, Pcm
from rigs.reference_device.voice import PromptVoice

_APLAY = ("aplay", "-q", "-D", "default", "-t", "raw", "-f", "S16_LE", "-c", "1")
_WAKES = "recognizer_loop:wakeword"
_WORDS = "recognizer_loop:utterance"
_NOTHING = "recognizer_loop:speech.recognition.unknown"
_LOGGED = (_WAKES, _WORDS, _NOTHING, "recognizer_loop:record_begin", "recognizer_loop:record_end",
           "mycroft.mic.listen", "mycroft.mic.mute", "mycroft.mic.unmute")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mind:
    """What it decides and speaks with, and the cloud that it sends messages by.

    `help_prompt`: what it says to what it cannot do. `listens_after_s`: how long after a question
    it has the microphone opened; ovos-audio does that at once.
    """

    policy: Firmware
    voice: PromptVoice
    cloud: Cloud
    help_prompt: str = "cannot_help"
    listens_after_s: float = 0.0


class Skill:
    """Answers on the bus until the bus goes away."""

    def __init__(self, bus: Bus, mind: Mind, panel: Panel | None, log: DeviceLog) -> None:
        self._bus, self._mind, self._panel, self._log = bus, mind, panel, log
        self._talk: Conversation | None = None
        # What is heard while it speaks or thinks is taken in its turn.
        self._heard: asyncio.Queue[str | None] = asyncio.Queue()

    async def run(self) -> None:
        """Hear and answer, until the bus goes away."""
        answering = asyncio.create_task(self._answer())
        try:
            async for message in self._bus.messages():
                self._take(message)
                if answering.done():
                    break
        finally:
            answering.cancel()
            with suppress(asyncio.CancelledError):
                await answering

    def _take(self, message: Message) -> None:
        if message.type in _LOGGED:
            self._log.say(message.type, message.data)
        if self._panel is not None:
            self._panel.follow(message.type)
        if message.type == _WAKES:
            self._talk = None
        elif message.type == _WORDS:
            words = message.data.get("utterances") or [""]
            self._heard.put_nowait(str(words[0]))
        elif message.type == _NOTHING:
            self._heard.put_nowait(None)

    async def _answer(self) -> None:
        while True:
            text = await self._heard.get()
            if self._talk is None or self._talk.over:
                contacts = await asyncio.to_thread(self._contacts)
                self._talk = Conversation(self._mind.policy, contacts, self._mind.help_prompt)
            talk = self._talk
            action = talk.heard(text)
            while action is not None:
                if isinstance(action, Deliver):
                    whole = await asyncio.to_thread(self._deliver, action)
                    action = talk.delivered(whole)
                    continue
                await self._speak(action)
                action = None

    async def _speak(self, action: Speak) -> None:
        # Told as ovos-audio tells it, since the listener has an option that hangs on it.
        sound = await asyncio.to_thread(self._mind.voice.sound, action.prompt)
        self._log.say("speaks", {"text": action.prompt.text})
        await self._bus.say(Message("recognizer_loop:audio_output_start"))
        await _play(sound)
        await self._bus.say(Message("recognizer_loop:audio_output_end"))
        if action.then_listen:
            await asyncio.sleep(self._mind.listens_after_s)
            await self._bus.say(Message("mycroft.mic.listen"))

    def _contacts(self) -> Sequence[Contact]:
        try:
            return self._mind.cloud.contacts()
        except NetworkError as error:
            self._log.say("trouble", {"why": str(error)})
            return ()

    def _deliver(self, message: Deliver) -> bool:
        try:
            self._mind.cloud.send_text(message.contact, message.text)
        except NetworkError as error:
            self._log.say("trouble", {"why": str(error)})
            return False
        self._log.say("message", {"to": message.contact.name, "text": message.text})
        return True


async def _play(sound: Pcm) -> None:
    playing = await asyncio.create_subprocess_exec(
        *_APLAY, "-r", str(CARD_RATE_HZ), stdin=asyncio.subprocess.PIPE
    )
    await playing.communicate(sound.tobytes())
