"""The device itself: a state machine stepped by blocks of sound.

It has no thread, no socket and no sound card, and reads no clock: whoever drives it gives it the
microphone's blocks with their time and carries out the actions it answers with. Time inside is
counted in samples, so it behaves the same at any speed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rigs.reference_device.actions import (
    Action,
    CloseUpload,
    FetchMessage,
    KeepMuted,
    Light,
    Note,
    OpenUpload,
    Play,
    RefreshContacts,
    SendMessage,
    StopPlaying,
    UploadSound,
)
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
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.listening import Listening
from rigs.reference_device.modes import (
    AboutToSpeak,
    Attending,
    Fetching,
    Idle,
    Mode,
    Sending,
    Speaking,
)
from rigs.reference_device.prompts import RECORDING, Prompt, make_prompt
from rigs.reference_device.ring import Ring
from rigs.reference_device.sound_format import (
    CARD_RATE_HZ,
    SPEECH_RATE_HZ,
    Pcm,
    resample,
    samples,
    seconds,
)
from rigs.reference_device.spotter import Opinion, SecondOpinion, WakeSpotter
from rigs.reference_device.stt import Recogniser
from rigs.reference_device.vad import VoiceActivity
from rigs.reference_device.voice import PromptVoice, as_played
from rigs.reference_device.wake import WakeEngine

_LEAD_S = 0.2
"""How much sound before the end of the wake word is streamed."""
_WAKE_TAIL_S = 0.25
_BUFFER_S = 2.0
_ROOM_S = 4.0
"""How much of the room a firmware that asks for no message sends."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the device is made of."""

    firmware: Firmware
    habits: Habits
    wake: WakeEngine
    make_second: Callable[[], WakeEngine]
    vad: VoiceActivity
    recogniser: Recogniser
    voice: PromptVoice
    limits: EndpointLimits


class Device:
    """The device. Each call returns what is to be done now, in order."""

    def __init__(
        self,
        parts: Parts,
        contacts: Sequence[Contact] = (),
        muted: bool = False,
        kept: Sequence[SendMessage] = (),
    ) -> None:
        self._parts = parts
        self._kept = tuple(kept)
        self._contacts = tuple(contacts)
        self._muted = muted
        self._spotter = WakeSpotter(parts.wake)
        self._ring = Ring(samples(max(_BUFFER_S, _ROOM_S)))
        self._mode: Mode = Idle()
        self._second: SecondOpinion | None = None
        self._delay_s: float | None = None
        self._session_uploads: set[int] = set()
        self._count = 0
        self._since_wake = 0
        self._out: list[Action] = []

    def start(self, now_s: float = 0.0) -> list[Action]:
        """Switched on: show the light."""
        self._out.append(Light("muted" if self._muted else "idle"))
        self._out += self._parts.habits.starts(self._kept)
        return self._flush(now_s)

    def step(self, pcm: Pcm, now_s: float) -> list[Action]:
        """Take the microphone's next sound (int16, 16 kHz, any length) of Unix time `now_s`."""
        if not len(pcm):
            return []
        moment = self._moment(now_s)
        self._out += self._parts.habits.hears(pcm, moment)
        if not self._muted:
            self._attend(pcm)
            self._speak_up(moment)
        return self._flush(now_s)

    def _attend(self, pcm: Pcm) -> None:
        self._ring.add(pcm)
        score = self._spotter.spot(pcm)
        if score is not None and isinstance(self._mode, (Idle, Speaking)):
            self._woke(score)
        elif not self._still_asking(pcm):
            self._go_on(pcm)

    def _speak_up(self, moment: Moment) -> None:
        prompt_id = self._parts.habits.speaks_up(moment) if moment.resting else None
        if prompt_id is not None and isinstance(self._mode, Idle):
            self._speak(prompt_id, None, None)

    def _moment(self, now_s: float) -> Moment:
        resting = isinstance(self._mode, Idle) and self._second is None
        return Moment(now_s, self._muted, resting, self._contacts)

    def set_muted(self, muted: bool, now_s: float) -> list[Action]:
        """The mute button: the microphone is dropped at once, with all that was going on."""
        if muted == self._muted:
            return []
        self._muted = muted
        if isinstance(self._mode, Attending):
            self._out.append(CloseUpload(self._mode.upload, complete=False))
        if isinstance(self._mode, Speaking):
            self._out.append(StopPlaying())
        self._mode, self._second = Idle(), None
        self._ring.clear()
        self._out += [KeepMuted(muted), Light("muted" if muted else "idle")]
        return self._flush(now_s)

    def set_contacts(self, contacts: Sequence[Contact]) -> None:
        """The cloud's newest list of contacts."""
        self._contacts = tuple(contacts)

    def message_done(self, number: int, failure: str | None, now_s: float) -> list[Action]:
        """A message was delivered (`failure` None), or was not: "no_network" or "not_sent"."""
        self._note("sent" if failure is None else "not sent", number=number, failure=failure)
        if isinstance(self._mode, Sending) and self._mode.number == number:
            self._move(Say(failure or self._mode.then_say))
        self._out += self._parts.habits.done(number, failure)
        return self._flush(now_s)

    def message_came(self, pcm: Pcm | None, failure: str | None, now_s: float) -> list[Action]:
        """What was fetched to be played back (int16, 16 kHz), None where there is nothing;
        `failure`: the prompt that says why it could not be asked for.
        """
        if isinstance(self._mode, Fetching):
            if pcm is not None and len(pcm):
                self._start_playing(RECORDING, as_played(pcm), None)
            else:
                self._move(Say(failure or self._mode.else_say))
        return self._flush(now_s)

    def upload_lost(self, upload: int, now_s: float) -> list[Action]:
        """The cloud could not be reached while speech was streamed to it."""
        self._note("upload lost", upload=upload)
        mode = self._mode
        asking = isinstance(mode, (AboutToSpeak, Speaking)) and mode.after is not None
        if upload in self._session_uploads and (asking or isinstance(mode, Attending)):
            self._out.append(
                CloseUpload(mode.upload, complete=False)
                if isinstance(mode, Attending)
                else StopPlaying()
            )
            self._move(Say("no_network"))
        return self._flush(now_s)

    def _flush(self, now_s: float) -> list[Action]:
        out = [left for action in self._out for left in self._parts.habits.before(action)]
        self._out = []
        for action in out:
            if isinstance(action, Note):
                action.detail["at_s"] = round(now_s, 3)
        return out

    def _woke(self, score: float) -> None:
        self._note("woke", score=round(score, 3))
        if not self._parts.firmware.second_opinion:
            self._begin(after_wake=0)
            return
        self._second = SecondOpinion(self._parts.make_second, self._ring.tail(samples(_BUFFER_S)))
        self._since_wake = 0
        self._consult(self._ring.tail(0))

    def _still_asking(self, pcm: Pcm) -> bool:
        """Hear the second engine, where it is asked; True when this sound began a session."""
        if self._second is None:
            return False
        if not isinstance(self._mode, (Idle, Speaking)):
            self._second = None
            return False
        self._since_wake += len(pcm)
        return self._consult(pcm)

    def _consult(self, pcm: Pcm) -> bool:
        opinion = self._second.hear(pcm) if self._second else Opinion.DISAGREES
        if opinion is Opinion.UNDECIDED:
            return False
        self._second = None
        self._note("second opinion", agrees=opinion is Opinion.AGREES)
        if opinion is Opinion.AGREES:
            self._begin(after_wake=self._since_wake)
        return opinion is Opinion.AGREES

    def _begin(self, after_wake: int) -> None:
        if isinstance(self._mode, Speaking):
            self._out.append(StopPlaying())
        self._session_uploads.clear()
        self._out.append(RefreshContacts())
        buffered = self._ring.tail(samples(_LEAD_S) + after_wake)
        cut = max(0, len(buffered) - after_wake)
        self._listen(Turn.REQUEST, Draft(), lead=buffered[:cut])
        if after_wake:
            self._go_on(buffered[cut:])

    def _listen(self, turn: Turn, draft: Draft, lead: Pcm) -> None:
        self._count += 1
        upload = self._count
        self._session_uploads.add(upload)
        ignore_s = _WAKE_TAIL_S if turn is Turn.REQUEST else 0.0
        endpointer = Endpointer(self._parts.vad, self._parts.limits, lead, ignore_s)
        talk = Listening(turn, draft, endpointer, self._parts.recogniser)
        self._mode = Attending(talk, upload)
        self._out += [Light("listening"), OpenUpload(upload)]
        if len(lead):
            self._out.append(UploadSound(upload, lead))

    def _go_on(self, pcm: Pcm) -> None:
        mode = self._mode
        if isinstance(mode, Attending):
            self._hear(mode, pcm)
        elif isinstance(mode, AboutToSpeak):
            self._speak_when_due(mode)
        elif isinstance(mode, Speaking):
            self._wait_for_echo(mode, pcm)

    def _hear(self, mode: Attending, pcm: Pcm) -> None:
        self._out.append(UploadSound(mode.upload, pcm))
        over = mode.talk.hear(pcm)
        if over is not None:
            self._heard(mode, over.heard)

    def _heard(self, mode: Attending, heard: Heard | None) -> None:
        self._out += [CloseUpload(mode.upload), Light("thinking")]
        text = heard.text if heard else None
        turn, draft = mode.talk.turn, mode.talk.draft
        self._note("heard", turn=turn.value, text=text)
        self._move(self._parts.firmware.next_move(turn, draft, heard, self._contacts))

    def _move(self, move: Move) -> None:
        self._note("decided", move=type(move).__name__, prompt=getattr(move, "prompt_id", None))
        if isinstance(move, Send):
            self._send(move)
        elif isinstance(move, PlayBack):
            self._mode = Fetching(move.else_say)
            self._out.append(FetchMessage())
        elif isinstance(move, Ask):
            self._speak(move.prompt_id, move.about, move)
        elif move.prompt_id is not None:
            self._speak(move.prompt_id, None, None)
        else:
            self._rest()

    def _send(self, move: Send) -> None:
        self._count += 1
        self._mode = Sending(self._count, move.then_say)
        pcm = move.message.pcm if move.message else self._ring.tail(samples(_ROOM_S))
        text = move.message.text if move.message else ""
        self._out.append(SendMessage(self._count, move.contact, text, pcm))
        self._note("sending", to=move.contact.name, length_s=round(seconds(len(pcm)), 2))

    def _speak(self, prompt_id: str, about: Contact | None, after: Ask | None) -> None:
        self._mode = AboutToSpeak(make_prompt(prompt_id, about), after)
        self._speak_when_due(self._mode)

    def _speak_when_due(self, mode: AboutToSpeak) -> None:
        prompt, after, habits = mode.prompt, mode.after, self._parts.habits
        if not habits.speaks_now(prompt):
            return
        self._start_playing(prompt, self._parts.voice.sound(prompt), after)

    def _start_playing(self, prompt: Prompt, sound: Pcm, after: Ask | None) -> None:
        heard_as = resample(sound, CARD_RATE_HZ, SPEECH_RATE_HZ)
        self._mode = Speaking(EchoGate(heard_as, self._delay_s), after)
        self._note("prompt started", text=prompt.text)
        if after is not None and not self._parts.habits.is_deaf_to(prompt):
            self._out.append(Play(prompt, sound))
            self._listen(after.turn, after.draft, lead=self._ring.tail(0))
        else:
            self._out += [Light("speaking"), Play(prompt, sound)]

    def _wait_for_echo(self, mode: Speaking, pcm: Pcm) -> None:
        if not mode.gate.feed(pcm):
            return
        if mode.gate.measured_delay_s is not None:
            self._delay_s = mode.gate.measured_delay_s
        self._note("prompt ended", echo_delay_s=mode.gate.measured_delay_s)
        if mode.after is None:
            self._rest()
        else:
            self._listen(mode.after.turn, mode.after.draft, lead=self._ring.tail(0))

    def _rest(self) -> None:
        self._mode = Idle()
        self._session_uploads.clear()
        self._out.append(Light("idle"))

    def _note(self, what: str, **detail: object) -> None:
        self._out.append(Note(what, detail))
