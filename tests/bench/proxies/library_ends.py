"""Both ends of a conversation by the `wyoming` package itself, in an environment that has it.

Arguments: where the satellite listens (tcp://HOST:PORT), and what its server is told. Prints what
each end heard, as JSON: a list of [type, data, SHA-256 of the payload], the satellite's first. It
imports nothing of the harness.
"""

import asyncio
import hashlib
import json
import sys

from wyoming.asr import Transcript
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncClient
from wyoming.event import Event
from wyoming.satellite import RunSatellite
from wyoming.server import AsyncEventHandler, AsyncServer
from wyoming.snd import Played
from wyoming.wake import Detection

SOUND = bytes(range(256)) * 8
FORM = {"rate": 16_000, "width": 2, "channels": 1}
CHUNKS = 60
AT_SATELLITE, AT_SERVER = [], []


def noted(event):
    """An event as it is printed."""
    return [event.type, event.data or {}, hashlib.sha256(event.payload or b"").hexdigest()]


class Satellite(AsyncEventHandler):
    """Streams when it is told to run, and ends when it has heard its answer."""

    async def handle_event(self, event):
        """Note it; `run-satellite` starts the stream, `audio-stop` ends the conversation."""
        AT_SATELLITE.append(noted(event))
        if RunSatellite.is_type(event.type):
            await self.write_event(Detection(name="alexa", timestamp=7).event())
            for number in range(CHUNKS):
                chunk = AudioChunk(audio=SOUND, timestamp=number * 64, **FORM)
                await self.write_event(chunk.event())
            await self.write_event(Event("no-such-thing", {"a": {"b": [1, None]}}, b"\n{\n"))
        if AudioStop.is_type(event.type):
            await self.write_event(Played().event())
            return False
        return True


async def main(satellite, server_uri):
    """Play it."""
    listening = AsyncServer.from_uri(satellite)
    task = asyncio.create_task(listening.run(Satellite))
    await asyncio.sleep(0.2)
    async with AsyncClient.from_uri(server_uri) as server:
        await server.write_event(RunSatellite().event())
        while (event := await asyncio.wait_for(server.read_event(), 10)) is not None:
            AT_SERVER.append(noted(event))
            if event.type == "no-such-thing":
                await server.write_event(Transcript(text="Wie spät?").event())
                await server.write_event(AudioStart(rate=22_050, width=2, channels=1).event())
                await server.write_event(AudioChunk(audio=SOUND * 100, **FORM).event())
                await server.write_event(AudioStop().event())
            if Played.is_type(event.type):  # not every version of it hangs up by itself
                break
    task.cancel()
    print(json.dumps([AT_SATELLITE, AT_SERVER]))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
