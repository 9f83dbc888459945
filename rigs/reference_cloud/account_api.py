"""What owners call over HTTPS, and what the operator calls about accounts."""

import json
import math
import re

from aiohttp import web

from rigs.reference_cloud.account_calls import KeeperCalls, OwnerCalls
from rigs.reference_cloud.calls import refusal
from rigs.reference_cloud.responses import bearer, response

EXPORTS = "/v1/exports/"
"""Under here whoever asks is told apart by the call itself, not at the door."""


_FROM = re.compile(r"bytes=(\d{1,15})-")


class OwnerApi:
    """Carries an owner's calls."""

    def __init__(self, calls: OwnerCalls) -> None:
        self._calls = calls

    def add_to(self, app: web.Application) -> None:
        """Add the routes to the application that serves devices: one host for both."""
        app.router.add_get("/v1/account/settings", self._settings)
        app.router.add_put("/v1/account/settings", self._change)
        app.router.add_get("/v1/account/history", self._history)
        app.router.add_delete("/v1/account/history", self._delete)
        app.router.add_get("/v1/account/history/{recording_id}/audio", self._audio)
        app.router.add_post("/v1/account/exports", self._ask_export)
        app.router.add_get(EXPORTS + "{link}", self._fetch)
        app.router.add_get("/v1/account/review", self._review)
        app.router.add_put("/v1/account/voices/{name}", self._enroll)

    async def _settings(self, request: web.Request) -> web.Response:
        return response(self._calls.settings(bearer(request)))

    async def _change(self, request: web.Request) -> web.Response:
        return response(self._calls.change(bearer(request), await request.read()))

    async def _history(self, request: web.Request) -> web.Response:
        return response(self._calls.history(bearer(request)))

    async def _delete(self, request: web.Request) -> web.Response:
        token, ids = bearer(request), request.query.getall("id", [])
        if ids:
            return response(self._calls.delete(token, ids))
        if not {"from", "until"} & set(request.query):
            return response(self._calls.delete_all(token))
        span = _number(request.query.get("from")), _number(request.query.get("until"))
        if not all(map(math.isfinite, span)):
            return response(refusal(400, "a span is from=SECONDS&until=SECONDS, Unix time"))
        return response(self._calls.delete_between(token, *span))

    async def _audio(self, request: web.Request) -> web.Response:
        return response(self._calls.audio(bearer(request), request.match_info["recording_id"]))

    async def _ask_export(self, request: web.Request) -> web.Response:
        return response(self._calls.ask_export(bearer(request)))

    async def _fetch(self, request: web.Request) -> web.Response:
        link, token = request.match_info["link"], bearer(request)
        asked = _FROM.fullmatch(request.headers.get("Range", ""))
        if asked is None:
            return response(self._calls.fetch(token, link))
        mark = request.headers.get("If-Range", "").strip('"')
        return response(self._calls.fetch(token, link, int(asked[1]), mark))

    async def _review(self, request: web.Request) -> web.Response:
        return response(self._calls.review(bearer(request)))

    async def _enroll(self, request: web.Request) -> web.Response:
        name, pcm = request.match_info["name"], await request.read()
        own = request.query.getall("contact", [])
        return response(self._calls.enroll(bearer(request), name, pcm, own))


class KeeperApi:
    """Carries what the operator calls about accounts."""

    def __init__(self, calls: KeeperCalls) -> None:
        self._calls = calls

    def add_to(self, app: web.Application) -> None:
        """Add the routes to the operator's application."""
        app.router.add_put("/operator/owner", self._open)
        app.router.add_get("/operator/mail", self._mail)
        app.router.add_get("/operator/time", self._time)
        app.router.add_post("/operator/time", self._let_pass)
        app.router.add_get("/operator/witness", self._witness)

    async def _open(self, request: web.Request) -> web.Response:
        wanted = await _object(request)
        token, name = wanted.get("token"), wanted.get("name")
        if not isinstance(token, str) or not token.strip() or not isinstance(name, str):
            return response(refusal(400, '"token" and "name" must be text'))
        return response(self._calls.open_account(token, name))

    async def _mail(self, request: web.Request) -> web.Response:
        return response(self._calls.mail(request.query.get("token", "")))

    async def _time(self, _: web.Request) -> web.Response:
        return response(self._calls.time())

    async def _let_pass(self, request: web.Request) -> web.Response:
        hours = (await _object(request)).get("hours")
        if not isinstance(hours, int | float):
            return response(refusal(400, '"hours" must be a number'))
        return response(self._calls.let_pass(float(hours)))

    async def _witness(self, request: web.Request) -> web.Response:
        return response(self._calls.witness(request.query.get("token", "")))


async def _object(request: web.Request) -> dict[str, object]:
    try:
        told = json.loads(await request.read())
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _number(text: str | None) -> float:
    try:
        return float(text or "nan")
    except ValueError:
        return math.nan
