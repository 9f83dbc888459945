"""What the operator of the cloud calls, over its Unix socket: set an account up, read what came."""

import json

from aiohttp import web

from rigs.reference_cloud import VERSION
from rigs.reference_cloud.store import Store


class OperatorApi:
    """Health, account, inbox and uploads."""

    def __init__(self, store: Store) -> None:
        """Serve from `store`."""
        self._store = store

    def application(self) -> web.Application:
        """The aiohttp application to serve."""
        app = web.Application()
        app.router.add_get("/operator/health", self._health)
        app.router.add_put("/operator/account", self._account)
        app.router.add_get("/operator/inbox", self._inbox)
        app.router.add_get("/operator/inbox/{message_id}/audio", self._audio)
        app.router.add_get("/operator/uploads", self._uploads)
        return app

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"ok": True, "version": VERSION})

    async def _account(self, request: web.Request) -> web.Response:
        try:
            wanted = await request.json()
        except (json.JSONDecodeError, UnicodeDecodeError):
            return _refusal(400, "the body is not JSON")
        token = wanted.get("token") if isinstance(wanted, dict) else None
        contacts = wanted.get("contacts") if isinstance(wanted, dict) else None
        if not isinstance(token, str) or not token.strip():
            return _refusal(400, '"token" must be text, and not empty')
        if not isinstance(contacts, list) or not all(isinstance(name, str) for name in contacts):
            return _refusal(400, '"contacts" must be a list of full names')
        self._store.replace_account(token, contacts)
        return web.json_response({"contacts": self._store.contacts(token)})

    async def _inbox(self, request: web.Request) -> web.Response:
        token = request.query.get("token", "")
        if not self._store.has_account(token):
            return _refusal(404, "no account has this token: PUT /operator/account makes one")
        return web.json_response({"messages": self._store.inbox(token)})

    async def _audio(self, request: web.Request) -> web.Response:
        wav = self._store.message_audio(request.match_info["message_id"])
        if wav is None:
            return _refusal(404, "no such message")
        return web.Response(body=wav, content_type="audio/wav")

    async def _uploads(self, request: web.Request) -> web.Response:
        token = request.query.get("token", "")
        if not self._store.has_account(token):
            return _refusal(404, "no account has this token: PUT /operator/account makes one")
        return web.json_response({"uploads": self._store.uploads(token)})


def _refusal(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)
