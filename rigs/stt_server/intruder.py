"""Somebody on the device's network: what anybody can do who can reach its message bus."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass

import aiohttp

from rigs.reference_device.log import DeviceLog

_LISTEN = {"type": "mycroft.mic.listen", "data": {}, "context": {}}


@dataclass(frozen=True, slots=True)
class Intruder:
    """Connects to the bus at `url`, from `address` (any of this machine's if empty)."""

    url: str
    address: str
    log: DeviceLog

    async def listen_in(self, after_s: float) -> None:
        """Tell the device to listen."""
        await asyncio.sleep(after_s)
        try:
            async with self._session() as session, session.ws_connect(self.url) as bus:
                await bus.send_str(json.dumps(_LISTEN))
        except (aiohttp.ClientError, OSError) as error:
            self._not_reached(error)
        else:
            self.log.say("somebody told it to listen")

    async def overhear(self, for_s: float) -> None:
        """Say nothing, and take what is said there."""
        got, words, kinds = 0, list[str](), Counter[str]()
        try:
            with suppress(TimeoutError):
                async with (
                    asyncio.timeout(for_s),
                    self._session() as session,
                    session.ws_connect(self.url) as bus,
                ):
                    async for each in bus:
                        got += len(each.data)
                        said = json.loads(each.data)
                        kinds[said["type"]] += 1
                        words += said.get("data", {}).get("utterances", [])
        except (aiohttp.ClientError, OSError, ValueError) as error:
            self._not_reached(error)
        self.log.say("somebody overheard", {"bytes": got, "words": words, "kinds": dict(kinds)})

    def _session(self) -> aiohttp.ClientSession:
        ours = (self.address, 0) if self.address else None
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(local_addr=ours))

    def _not_reached(self, error: Exception) -> None:
        self.log.say("the bus could not be reached", {"why": str(error)})
