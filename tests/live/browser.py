"""A headless Chromium, steered by its own protocol: what a page shows, and a picture of it."""

import asyncio
import base64
import itertools
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser")
_SAID = "DevTools listening on "


class Browser:
    """One page in a headless browser."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket, self._numbers = socket, itertools.count(1)
        self.complaints: list[str] = []

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One call of the protocol; what the page complains of meanwhile is kept."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            told: dict[str, Any] = json.loads(await self._socket.receive_str())
            if told.get("id") == number:
                assert "error" not in told, told
                return dict(told["result"])
            if told.get("method") in ("Runtime.exceptionThrown", "Log.entryAdded"):
                self.complaints.append(json.dumps(told["params"])[:600])

    async def open(self, address: str, width: int, dark: bool = False) -> None:
        """Show a page in a window of this width."""
        for domain in ("Page", "Runtime", "Log"):
            await self.ask(f"{domain}.enable")
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        await self.ask("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.ask("Emulation.setEmulatedMedia", features=[scheme])
        await self.ask("Page.navigate", url=address)

    async def value(self, expression: str) -> Any:
        """What an expression comes to in the page."""
        told = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return told["result"].get("value")

    async def until(self, expression: str, within_s: float = 60.0) -> None:
        """Return once an expression is true in the page."""
        async with asyncio.timeout(within_s):
            while not await self.value(expression):
                await asyncio.sleep(0.1)

    async def picture(self, path: Path) -> None:
        """A picture of the whole page."""
        shot = await self.ask("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


@asynccontextmanager
async def browser(profile: Path) -> AsyncIterator[Browser]:
    """A browser with a profile of its own in a folder."""
    assert PROGRAM is not None
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    options += ["--remote-debugging-port=0", f"--user-data-dir={profile}", "about:blank"]
    process = await asyncio.create_subprocess_exec(
        PROGRAM, *options, stderr=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(180), aiohttp.ClientSession() as client:
            address = await _page_address(process, client)
            async with client.ws_connect(address, max_msg_size=64 << 20) as socket:
                yield Browser(socket)
    finally:
        process.kill()
        await process.wait()


async def _page_address(process: asyncio.subprocess.Process, client: aiohttp.ClientSession) -> str:
    assert process.stderr is not None
    while _SAID not in (line := (await process.stderr.readline()).decode()):
        assert line, "the browser ended before it listened"
    host = line.partition(_SAID)[2].split("/")[2]
    async with client.get(f"http://{host}/json/list") as answer:
        pages = [each for each in await answer.json() if each["type"] == "page"]
    return str(pages[0]["webSocketDebuggerUrl"])
