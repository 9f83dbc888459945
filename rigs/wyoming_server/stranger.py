"""Somebody else on the satellite's network: what anybody can do who can reach its port."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from rigs.wyoming_server.protocol import Event, ProtocolError, encode, read_event

_AGAIN_S = 1.0
_STREAM_S = 4.0
"""How much of the room somebody takes who is asked as if they were the server."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """Connects to the satellite at `host`:`port`, from `address` (any of this machine's if empty).

    `say` takes one line of the log: what, and details.
    """

    host: str
    port: int
    address: str
    say: Callable[..., None]

    async def listen(self, for_s: float) -> None:
        """Say no more than `ping`, and take what comes."""
        got = 0
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(for_s), self._connected() as (reader, writer):
                writer.write(encode(Event("ping")))
                while data := await reader.read(1 << 16):
                    got += len(data)
        self.say("a stranger listened", bytes=got)

    async def knock(self, for_s: float) -> None:
        """Connect again and again, as one does who is turned away, and take what comes."""
        got, times = 0, 0
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(for_s):
                while True:
                    times += 1
                    async with self._connected() as (reader, writer):
                        writer.write(encode(Event("run-satellite")))
                        while data := await reader.read(1 << 16):
                            got += len(data)
                    await asyncio.sleep(_AGAIN_S)
        self.say("a stranger knocked", times=times, bytes=got)

    async def squat(self, for_s: float) -> None:
        """Be its server: take each stream, and end it after a while as a server does."""
        streams, got = 0, 0
        with contextlib.suppress(OSError, TimeoutError, ProtocolError):
            async with asyncio.timeout(for_s), self._connected() as (reader, writer):
                writer.write(encode(Event("run-satellite")))
                while (event := await read_event(reader)) is not None:
                    got += len(event.payload)
                    if event.type == "run-pipeline":
                        streams += 1
                        asyncio.get_running_loop().call_later(_STREAM_S, _end_stream, writer)
        self.say("a stranger was its server", streams=streams, bytes=got)

    @asynccontextmanager
    async def _connected(
        self,
    ) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        ours = (self.address, 0) if self.address else None
        reader, writer = await asyncio.open_connection(self.host, self.port, local_addr=ours)
        try:
            yield reader, writer
        finally:
            writer.close()


def _end_stream(writer: asyncio.StreamWriter) -> None:
    if not writer.is_closing():
        writer.write(encode(Event("transcript", {"text": ""})))
