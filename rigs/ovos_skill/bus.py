"""OpenVoiceOS's message bus: JSON over a WebSocket, and everybody hears everything."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

_RETRY_S = 0.2
_LONGEST = 4 << 20


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the bus."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)


def decoded(text: str) -> Message | None:
    """A message as it came; None for what is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    kind = found.get("type") if isinstance(found, dict) else None
    if not isinstance(kind, str):
        return None
    data = found.get("data")
    return Message(kind, data if isinstance(data, dict) else {})


class Bus:
    """A connection to the bus at `url`; open it with `connect`."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session, self._url = session, url
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    async def connect(self, within_s: float) -> None:
        """Connect as soon as the bus is there. Raises `TimeoutError` when it is not in time."""
        async with asyncio.timeout(within_s):
            while self._socket is None:
                try:
                    self._socket = await self._session.ws_connect(self._url, max_msg_size=_LONGEST)
                except (aiohttp.ClientError, OSError):
                    await asyncio.sleep(_RETRY_S)

    async def messages(self) -> AsyncIterator[Message]:
        """What is said on the bus from now on, until it goes away."""
        assert self._socket is not None, "connect first"
        async for event in self._socket:
            if event.type is aiohttp.WSMsgType.TEXT and (message := decoded(event.data)):
                yield message

    async def say(self, message: Message) -> None:
        """Tell everybody."""
        assert self._socket is not None, "connect first"
        whole = {"type": message.type, "data": message.data, "context": {"source": "skills"}}
        await self._socket.send_str(json.dumps(whole))
