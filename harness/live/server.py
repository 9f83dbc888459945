"""The live view as a page: on this machine alone, to read only, by a token in its address.

Whoever has the address sees what is said in the room. So nothing answers without the token, to
another host's name (a page elsewhere whose name was turned to this machine), or to anything but a
reading request; no other page may read or frame it, and the page itself may load nothing.
"""

import asyncio
import hmac
import json
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from harness.live.state import Section
from harness.live.watcher import POLL_S, Watcher

HOST = "127.0.0.1"
_MOST_READERS = 8
# So soon a reader that has gone is noticed, too.
_KEEP_ALIVE_S = 2.0
_PAGE = Path(__file__).with_name("page.html")
_HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
_POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Board:
    """The newest text of each section, for any number of readers.

    A reader is told what has changed since it was told last. One that is slow is told less often,
    and nothing waits for it: there is no queue.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._number = 0
        self._changed = asyncio.Event()
        self.is_over = False

    def put(self, sections: dict[str, Section]) -> None:
        """What is known now. A section that is not among them any more is empty."""
        gone: dict[str, Section] = {name: {} for name in self._texts if name not in sections}
        for name, section in {**sections, **gone}.items():
            text = json.dumps(section, ensure_ascii=False)
            if self._texts.get(name) != text:
                self._number += 1
                self._texts[name], self._numbers[name] = text, self._number
        self._changed.set()
        self._changed = asyncio.Event()

    def end(self) -> None:
        """Nothing more will be put; every reader is let go."""
        self.is_over = True
        self._changed.set()

    def since(self, number: int) -> tuple[int, dict[str, str]]:
        """The number that it has come to, and the sections that changed after `number`."""
        return self._number, {n: self._texts[n] for n, at in self._numbers.items() if at > number}

    async def change(self) -> None:
        """Return once something was put."""
        await self._changed.wait()


BOARD: web.AppKey[Board] = web.AppKey("board", Board)
READERS: web.AppKey[set[object]] = web.AppKey("readers", set)


def live_app(watcher: Watcher, token: str, hosts: frozenset[str]) -> web.Application:
    """The application. `hosts`: what a request's Host may be; see `hosts_at`."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        why = _refusal(request, token, hosts)
        if why is not None:
            raise why
        return await handler(request)

    app = web.Application(middlewares=[guarded])
    app[BOARD], app[READERS] = Board(), set()
    app.router.add_get("/{token}/", _page, allow_head=False)
    app.router.add_get("/{token}/events", _events, allow_head=False)
    app.cleanup_ctx.append(lambda running: _looking(running, watcher))
    app.on_response_prepare.append(_harden)
    app.on_shutdown.append(_let_go)
    return app


def hosts_at(port: int) -> frozenset[str]:
    """What a browser on this machine calls this server."""
    return frozenset(f"{name}:{port}" for name in (HOST, "localhost"))


def _refusal(request: web.Request, token: str, hosts: frozenset[str]) -> web.HTTPException | None:
    """Why a request is not answered; None where it is."""
    if request.method != "GET":
        return web.HTTPMethodNotAllowed(request.method, ["GET"])
    if request.headers.get("Host", "") not in hosts:
        return web.HTTPMisdirectedRequest(text="not the name of this server\n")
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        return web.HTTPForbidden(text="not for other pages\n")
    given = request.match_info.get("token", "")
    if not hmac.compare_digest(given.encode(), token.encode()):
        return web.HTTPNotFound(text="nothing here\n")
    return None


async def _harden(_: web.Request, response: web.StreamResponse) -> None:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce="none"))
    response.headers["Server"] = "sayso"


async def _page(_: web.Request) -> web.Response:
    nonce = secrets.token_urlsafe(16)
    text = _PAGE.read_text(encoding="utf-8").replace("NONCE", nonce)
    headers = {"Content-Security-Policy": _POLICY.format(nonce=nonce)}
    return web.Response(text=text, content_type="text/html", headers=headers)


async def _events(request: web.Request) -> web.StreamResponse:
    """Sections as they change, as server-sent events."""
    board, readers = request.app[BOARD], request.app[READERS]
    if board.is_over or len(readers) >= _MOST_READERS:
        why = "it is over" if board.is_over else f"{_MOST_READERS} pages are open already"
        raise web.HTTPServiceUnavailable(text=f"{why}\n")
    reader = object()
    readers.add(reader)
    try:
        return await _stream(request, board)
    finally:
        readers.discard(reader)


async def _stream(request: web.Request, board: Board) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream; charset=utf-8"})
    await response.prepare(request)
    number = 0
    with suppress(ConnectionError):
        while not board.is_over:
            number, changed = board.since(number)
            told = [f"event: {name}\ndata: {text}\n\n" for name, text in changed.items()]
            await response.write(("".join(told) or ": still here\n\n").encode())
            await _change(board, number)
    return response


async def _change(board: Board, number: int) -> None:
    """Return once there is something new, or a sign of life is due."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_KEEP_ALIVE_S):
            while not board.is_over and not board.since(number)[1]:
                await board.change()


async def _let_go(app: web.Application) -> None:
    app[BOARD].end()


async def _looking(app: web.Application, watcher: Watcher) -> AsyncIterator[None]:
    """Look at the play as long as the server runs."""

    async def look() -> None:
        try:
            while True:
                watcher.look()
                app[BOARD].put(watcher.sections())
                await asyncio.sleep(POLL_S)
        finally:
            app[BOARD].end()  # a page must not seem alive that is not

    task = asyncio.create_task(look())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    watcher.close()


async def serve(watcher: Watcher, port: int, announce: Callable[[str], None]) -> None:
    """Serve until cancelled, on `port` (0: any that is free); `OSError` where it is taken."""
    token = secrets.token_urlsafe(24)
    listening = socket.create_server((HOST, port))
    port = listening.getsockname()[1]
    runner = web.AppRunner(live_app(watcher, token, hosts_at(port)), access_log=None)
    await runner.setup()
    try:
        await web.SockSite(runner, listening, shutdown_timeout=1.0).start()
        announce(f"http://{HOST}:{port}/{token}/")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()
