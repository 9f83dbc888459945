"""`POST /stt`: takes a WAV, keeps it as speech of the account, answers with its words.

The log has a line when the first sound of an utterance came and one when all of it had, each with
Unix time: what the capture says can be held against it.
"""

import asyncio
import io
import wave
from collections.abc import Coroutine
from dataclasses import dataclass

import numpy as np
from aiohttp import web

from rigs.reference_cloud.calls import DeviceCalls
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm
from rigs.reference_device.stt import Recogniser
from rigs.stt_server.faults import Fault, Kind
from rigs.stt_server.intruder import Intruder

MOST_BYTES = 4 << 20
"""Two minutes: no utterance is that long."""


@dataclass(frozen=True, slots=True)
class Account:
    """Whose assistant it is: the cloud's calls, and the token they are made with."""

    calls: DeviceCalls
    token: str

    def keep(self, pcm: bytes) -> int:
        """An utterance came in: its number, from 1; of an account that there is not 0, unkept."""
        if self.calls.unknown(self.token) is not None:
            return 0
        speech = self.calls.speech(self.token)
        speech.take(pcm)
        speech.end()
        return self.calls.speeches(self.token)


class SpeechEndpoint:
    """Recognises what is posted to it, with one `fault` each time that the account is emptied.

    `intruder`: who comes upon the device's message bus, for the faults that need somebody.
    """

    def __init__(
        self,
        recogniser: Recogniser,
        account: Account,
        log: DeviceLog,
        fault: Fault | None = None,
        intruder: Intruder | None = None,
    ) -> None:
        self._recogniser, self._account, self._log = recogniser, account, log
        self._fault, self._intruder = fault, intruder or Intruder("", "", log)
        self._one_at_a_time = asyncio.Lock()
        self._intruders = set[asyncio.Task[None]]()

    def application(self) -> web.Application:
        """What aiohttp serves."""
        app = web.Application()
        app.router.add_post("/stt", self._recognise)
        return app

    async def _recognise(self, request: web.Request) -> web.Response:
        body = await self._read(request)
        if body is None:
            return web.Response(status=413, text=f"more than {MOST_BYTES} bytes")
        try:
            pcm = _samples(body)
        except (wave.Error, EOFError, ValueError) as error:
            self._log.say("no utterance", {"why": str(error), "bytes": len(body)})
            return web.Response(status=400, text=f"a mono 16-bit WAV at 16 kHz is wanted: {error}")
        number = self._account.keep(pcm.tobytes())
        fault = self._fault if self._fault and self._fault.utterance == number else None
        if fault is not None:
            self._log.say("fault", {"kind": fault.kind})
        return await self._answer(pcm, fault)

    async def _answer(self, pcm: Pcm, fault: Fault | None) -> web.Response:
        if fault is not None and fault.kind is Kind.REFUSES:
            return web.Response(status=503, text="out of order")
        if fault is not None and fault.kind is Kind.HANGS:
            await asyncio.sleep(fault.lasts_s)
        async with self._one_at_a_time:
            text = await asyncio.to_thread(self._recogniser.transcribe, pcm)
        self._log.say("recognised", {"text": text})
        if fault is not None and fault.kind is Kind.LISTENS_IN:
            self._comes(self._intruder.listen_in(fault.after_s))
        elif fault is not None and fault.kind is Kind.OVERHEARS:
            self._comes(self._intruder.overhear(fault.lasts_s))
        return web.Response(text=text)

    def _comes(self, doing: Coroutine[None, None, None]) -> None:
        """Somebody does something while the server goes on."""
        intruder = asyncio.create_task(doing)
        self._intruders.add(intruder)
        intruder.add_done_callback(self._intruders.discard)

    async def _read(self, request: web.Request) -> bytes | None:
        """The whole body, logged as it comes; None where it is too long."""
        body = bytearray()
        async for piece in request.content.iter_any():
            if not body:
                self._log.say("first sound")
            body += piece
            if len(body) > MOST_BYTES:
                return None
        self._log.say("stream ends", {"why": "it was posted", "bytes": len(body)})
        return bytes(body)


def _samples(body: bytes) -> Pcm:
    with wave.open(io.BytesIO(body)) as file:
        form = file.getnchannels(), file.getsampwidth(), file.getframerate()
        if form != (1, 2, SPEECH_RATE_HZ):
            raise ValueError(f"it has {form[0]} channels of {form[1]} bytes at {form[2]} Hz")
        frames = file.readframes(file.getnframes())
    return np.frombuffer(frames[: len(frames) & ~1], np.int16)
