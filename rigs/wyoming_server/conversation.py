"""The dialogue over one satellite's stream: a state machine stepped by blocks of sound.

It has no socket and reads no clock: whoever drives it gives it the stream and carries out what it
answers with. The stream begins after the wake word and goes on, through every question, until the
server ends it: so this machine, not the satellite, keeps the microphone open.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import (
    Ask,
    Draft,
    Firmware,
    Heard,
    Move,
    PlayBack,
    Say,
    Send,
    Turn,
)
from rigs.reference_device.echo import EchoGate
from rigs.reference_device.endpoint import Endpointer, EndpointLimits
from rigs.reference_device.listening import Listening
from rigs.reference_device.prompts import Prompt, make_prompt
from rigs.reference_device.ring import Ring
from rigs.reference_device.sound_format import CARD_RATE_HZ, SPEECH_RATE_HZ, Pcm, resample, samples
from rigs.reference_device.stt import Recogniser
from rigs.reference_device.vad import VoiceActivity
from rigs.reference_device.voice import PromptVoice

_CANNOT = "cannot_help"
_TAIL_S = 0.3
"""Sound so soon after it begins to listen is the tail of the wake word, or of its own voice."""
_ROOM_S = 4.0
"""How much of the room a policy that asks for no message sends."""


@dataclass(frozen=True, slots=True)
class Mind:
    """What the server hears, decides and speaks with.

    `help_prompt`: what it says to what it cannot do, in place of the policy's own.
    """

    policy: Firmware
    vad: VoiceActivity
    recogniser: Recogniser
    voice: PromptVoice
    limits: EndpointLimits
    help_prompt: str = _CANNOT


@dataclass(frozen=True, slots=True)
class Speak:
    """Play a prompt (int16, 48 kHz) at the satellite."""

    prompt: Prompt
    sound: Pcm


@dataclass(frozen=True, slots=True)
class EndStream:
    """The interaction is over: the satellite is to stop streaming. `text`: what was heard last."""

    text: str


@dataclass(frozen=True, slots=True)
class Deliver:
    """Put a message into a contact's inbox, then call `delivered`. `pcm`: int16, 16 kHz."""

    contact: Contact
    text: str
    pcm: Pcm


Action = Speak | EndStream | Deliver


@dataclass(slots=True)
class _Speaking:
    gate: EchoGate
    after: Ask


class Conversation:
    """One interaction, from the wake to its end. Each call returns what is to be done, in order."""

    def __init__(self, mind: Mind, contacts: Sequence[Contact]) -> None:
        """Listens for a request from the first block on; messages can go to `contacts`."""
        self._mind, self._contacts = mind, contacts
        self._ring = Ring(samples(_ROOM_S))
        self._mode: Listening | _Speaking | None = None
        self._then_say: str | None = None
        self._text = ""
        self._out: list[Action] = []
        self._listen(Turn.REQUEST, Draft())

    @property
    def over(self) -> bool:
        """Whether it has ended: more sound changes nothing."""
        return self._mode is None

    def hear(self, pcm: Pcm) -> list[Action]:
        """Take the stream's next sound (int16, 16 kHz, any length)."""
        if len(pcm) and self._mode is not None:
            self._ring.add(pcm)
            if isinstance(self._mode, Listening):
                self._attend(self._mode, pcm)
            else:
                self._wait_for_echo(self._mode, pcm)
        return self._flush()

    def delivered(self, whole: bool) -> list[Action]:
        """Whether the message was taken by the inbox."""
        self._move(Say(self._then_say if whole else "not_sent"))
        return self._flush()

    def _flush(self) -> list[Action]:
        out, self._out = self._out, []
        return out

    def _listen(self, turn: Turn, draft: Draft) -> None:
        mind = self._mind
        endpointer = Endpointer(mind.vad, mind.limits, self._ring.tail(0), _TAIL_S)
        self._mode = Listening(turn, draft, endpointer, mind.recogniser)

    def _attend(self, mode: Listening, pcm: Pcm) -> None:
        over = mode.hear(pcm)
        if over is not None:
            self._heard(mode, over.heard)

    def _heard(self, mode: Listening, heard: Heard | None) -> None:
        self._text = heard.text if heard else ""
        policy = self._mind.policy
        self._move(policy.next_move(mode.turn, mode.draft, heard, self._contacts))

    def _move(self, move: Move) -> None:
        if isinstance(move, Ask):
            self._ask(move)
        elif isinstance(move, Send):
            pcm = move.message.pcm if move.message else self._ring.tail(samples(_ROOM_S))
            self._then_say = move.then_say
            self._out.append(Deliver(move.contact, move.message.text if move.message else "", pcm))
        else:
            # This server keeps no message that could be played.
            self._end(move.else_say if isinstance(move, PlayBack) else move.prompt_id)

    def _ask(self, move: Ask) -> None:
        prompt = make_prompt(move.prompt_id, move.about)
        sound = self._mind.voice.sound(prompt)
        self._mode = _Speaking(EchoGate(resample(sound, CARD_RATE_HZ, SPEECH_RATE_HZ), None), move)
        self._out.append(Speak(prompt, sound))

    def _end(self, prompt_id: str | None) -> None:
        # The stream ends first: what is said last asks for no answer, so nobody need be heard.
        self._mode = None
        self._out.append(EndStream(self._text))
        if prompt_id is not None:
            prompt = make_prompt(self._mind.help_prompt if prompt_id == _CANNOT else prompt_id)
            self._out.append(Speak(prompt, self._mind.voice.sound(prompt)))

    def _wait_for_echo(self, mode: _Speaking, pcm: Pcm) -> None:
        if mode.gate.feed(pcm):
            self._listen(mode.after.turn, mode.after.draft)
