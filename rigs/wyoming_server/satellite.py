"""One satellite: connected again and again, its streams taken, what is answered sent to it."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass

import numpy as np

from rigs.reference_cloud.calls import DeviceCalls, MessageForm, Speech
from rigs.reference_device.contacts import Contact
from rigs.reference_device.sound_format import CARD_RATE_HZ, SPEECH_RATE_HZ, Pcm
from rigs.reference_device.voice import wav_bytes
from rigs.wyoming_server.conversation import Action, Conversation, Deliver, EndStream, Mind, Speak
from rigs.wyoming_server.faults import Fault, Kind
from rigs.wyoming_server.protocol import Event, ProtocolError, encode, read_event
from rigs.wyoming_server.stranger import Stranger

_RETRY_S, _TURNED_AWAY_S = 0.5, 3.0
_AT_ONCE_S = 1.0
"""A connection that ends so soon was turned away: somebody else has it."""
_CHUNK = 2048
_FORMAT = {"rate": CARD_RATE_HZ, "width": 2, "channels": 1}


@dataclass(frozen=True, slots=True)
class Account:
    """Whose satellite it is: the cloud's calls, and the token they are made with."""

    calls: DeviceCalls
    token: str

    def contacts(self) -> Sequence[Contact]:
        """The account's contacts now."""
        found = (self.calls.contacts(self.token).body or {}).get("contacts", [])
        return tuple(Contact(each["id"], each["name"]) for each in found)

    def deliver(self, message: Deliver) -> bool:
        """Put a message into its inbox; whether that was accepted."""
        wav = wav_bytes(message.pcm, SPEECH_RATE_HZ)
        form = MessageForm(message.contact.id, message.text or None, wav)
        return self.calls.message(self.token, form).status == 201


class SatelliteClient:
    """Keeps a connection to `host`:`port`, with one `fault` each time that it is switched on.

    `stranger_address`: where a fault's stranger connects from.
    """

    def __init__(
        self,
        host: str,
        port: int,
        mind: Mind,
        account: Account,
        fault: Fault | None = None,
        stranger_address: str = "",
    ) -> None:
        self._host, self._port = host, port
        self._mind, self._account, self._fault = mind, account, fault
        self._stranger = Stranger(host, port, stranger_address, say)
        self._strangers = set[asyncio.Task[None]]()
        self._writer: asyncio.StreamWriter | None = None
        self._streams = 0

    async def run(self) -> None:
        """Connect, serve, and connect again, for ever."""
        while True:
            try:
                reader, writer = await asyncio.open_connection(self._host, self._port)
            except OSError:
                self._streams = 0  # it is off
                await asyncio.sleep(_RETRY_S)
                continue
            since_s = time.monotonic()
            await self._serve(reader, writer)
            at_once = time.monotonic() - since_s < _AT_ONCE_S
            await asyncio.sleep(_TURNED_AWAY_S if at_once else _RETRY_S)

    def fault_in_next(self) -> Fault | None:
        """Another stream begins: the fault that strikes in it."""
        self._streams += 1
        struck = self._fault is not None and self._streams == self._fault.stream
        if struck and self._fault is not None and self._fault.kind is Kind.SECOND:
            self._comes(self._knock(self._fault))
        return self._fault if struck else None

    async def _knock(self, fault: Fault) -> None:
        await asyncio.sleep(fault.after_s)
        await self._stranger.knock(fault.lasts_s)

    async def _squat(self, for_s: float) -> None:
        await self._stranger.squat(for_s)
        # Who was turned away is not told so: its connection stays open, and nobody reads it. It is
        # made again, as by a server that is started again.
        if self._writer is not None:
            self._writer.close()

    def _comes(self, doing: Coroutine[None, None, None]) -> None:
        """Somebody does something while the server goes on."""
        task = asyncio.create_task(doing)
        self._strangers.add(task)
        task.add_done_callback(self._strangers.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        served = _Served(writer, self._mind, self._account, self.fault_in_next)
        try:
            await served.run(reader)
        except (ProtocolError, OSError) as error:
            say("trouble", why=str(error))
        finally:
            writer.close()
        if served.fault is not None and served.fault.kind is Kind.HANGS_UP:
            await asyncio.sleep(served.fault.lasts_s)
        if served.fault is not None and served.fault.kind is Kind.STRANGER:
            await self._stranger.listen(served.fault.lasts_s)
        if served.fault is not None and served.fault.kind is Kind.SQUATTER:
            self._comes(self._squat(served.fault.lasts_s))


class _Served:
    """One connection, from `run-satellite` to its end. `fault`: the one that ended it."""

    def __init__(
        self,
        writer: asyncio.StreamWriter,
        mind: Mind,
        account: Account,
        fault_in_next: Callable[[], Fault | None],
    ) -> None:
        self._writer, self._mind = writer, mind
        self._account, self._fault_in_next = account, fault_in_next
        self.fault: Fault | None = None
        self._speech: Speech | None = None
        self._talk: Conversation | None = None
        self._bytes = 0
        # Recognition takes its time: what comes meanwhile waits here, and is logged as it comes.
        self._sound: asyncio.Queue[tuple[Conversation, Pcm]] = asyncio.Queue()

    async def run(self, reader: asyncio.StreamReader) -> None:
        say("connected")
        await self._send(Event("describe"))
        await self._send(Event("run-satellite"))
        thinking = asyncio.create_task(self._think())
        try:
            while (event := await read_event(reader)) is not None and not thinking.done():
                self._take(event)
        finally:
            thinking.cancel()
            self._close_stream("the connection ended")
            say("disconnected")
            with contextlib.suppress(asyncio.CancelledError, OSError):
                await thinking

    def _take(self, event: Event) -> None:
        if event.type == "run-pipeline":
            self._close_stream("another began")
            self._begin_stream()
        elif event.type == "audio-chunk":
            self._take_sound(event.payload)
        elif event.type == "audio-stop":
            self._close_stream("the satellite stopped it")
        else:
            say("event", type=event.type)

    def _begin_stream(self) -> None:
        known = self._account.calls.unknown(self._account.token) is None
        self._speech = self._account.calls.speech(self._account.token) if known else None
        self._talk = Conversation(self._mind, self._account.contacts())
        self._bytes = 0
        say("stream begins")
        fault = self._fault_in_next()
        if fault is not None:
            self.fault = fault
            say("fault", kind=fault.kind)
            if fault.closes_after_s is not None:
                asyncio.get_running_loop().call_later(fault.closes_after_s, self._writer.close)

    def _take_sound(self, sound: bytes) -> None:
        if self._talk is None:
            say("sound outside of any stream", bytes=len(sound))
            return
        if not self._bytes:
            say("first sound")
        self._bytes += len(sound)
        if self._speech is not None:
            self._speech.take(sound)
        answers = self.fault is None or self.fault.answers
        if answers and not self._talk.over:
            self._sound.put_nowait((self._talk, np.frombuffer(sound[: len(sound) & ~1], np.int16)))

    def _close_stream(self, why: str) -> None:
        if self._talk is not None:
            if self._speech is not None:
                self._speech.end()
            say("stream ends", why=why, bytes=self._bytes)
        self._speech = self._talk = None

    async def _think(self) -> None:
        while True:
            talk, pcm = await self._sound.get()
            if talk is not self._talk or talk.over:
                continue
            actions = await asyncio.to_thread(talk.hear, pcm)
            if talk is self._talk:
                await self._carry_out(talk, actions)

    async def _carry_out(self, talk: Conversation, actions: Sequence[Action]) -> None:
        for action in actions:
            if isinstance(action, Speak):
                say("speaks", text=action.prompt.text)
                await self._play(action.sound)
            elif isinstance(action, EndStream):
                say("ends the stream", heard=action.text)
                await self._send(Event("transcript", {"text": action.text}))
            else:
                whole = self._account.deliver(action)
                say("message", to=action.contact.name, text=action.text, delivered=whole)
                # Its prompt may still have to be rendered.
                more = await asyncio.to_thread(talk.delivered, whole)
                await self._carry_out(talk, more)

    async def _play(self, sound: Pcm) -> None:
        await self._send(Event("audio-start", _FORMAT))
        for start in range(0, len(sound), _CHUNK):
            payload = sound[start : start + _CHUNK].tobytes()
            await self._send(Event("audio-chunk", _FORMAT, payload))
        await self._send(Event("audio-stop"))

    async def _send(self, event: Event) -> None:
        self._writer.write(encode(event))
        await self._writer.drain()


def say(what: str, **detail: object) -> None:
    """One line of the server's own log, with Unix time."""
    line = {"unix_s": round(time.time(), 4), "what": what, **detail}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
