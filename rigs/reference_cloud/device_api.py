"""What devices call, over HTTPS, each with its account's token."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import ClientPayloadError, web

from rigs.reference_cloud.account_api import EXPORTS, OwnerApi
from rigs.reference_cloud.calls import DeviceCalls, MessageForm, refusal
from rigs.reference_cloud.responses import bearer, response

_log = logging.getLogger(__name__)
_CUT = (ConnectionError, ClientPayloadError, web.RequestPayloadError)

LARGEST_BODY_BYTES = 64 * 2**20
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DeviceApi:
    """Carries contacts, speech, messages, heartbeat and telemetry to `calls`."""

    def __init__(self, calls: DeviceCalls, owners: OwnerApi) -> None:
        self._calls, self._owners = calls, owners

    def application(self) -> web.Application:
        """The aiohttp application to serve."""
        app = web.Application(client_max_size=LARGEST_BODY_BYTES, middlewares=[self._authorize])
        app.router.add_get("/v1/contacts", self._contacts)
        app.router.add_post("/v1/speech", self._speech)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_get("/v1/messages/last/audio", self._last_message)
        app.router.add_post("/v1/heartbeat", self._note)
        app.router.add_post("/v1/telemetry", self._note)
        self._owners.add_to(app)
        return app

    @web.middleware
    async def _authorize(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        unknown = self._calls.unknown(bearer(request))
        if unknown is not None and not request.path.startswith(EXPORTS):
            return response(unknown)
        try:
            return await handler(request)
        except _CUT as error:
            _log.info("cut by the device: %s %s: %s", request.method, request.path, error)
            return response(refusal(400, "the connection was cut before the body was complete"))

    async def _contacts(self, request: web.Request) -> web.Response:
        return response(self._calls.contacts(bearer(request)))

    async def _speech(self, request: web.Request) -> web.Response:
        speech = self._calls.speech(bearer(request))
        async for pcm in request.content.iter_any():
            speech.take(pcm)
        return response(speech.end())

    async def _messages(self, request: web.Request) -> web.Response:
        if request.content_type != "multipart/form-data":
            return response(refusal(400, "a message is multipart/form-data"))
        try:
            fields = await request.post()
        except ValueError as error:
            return response(refusal(400, f"not a whole multipart form: {error}"))
        form = MessageForm(
            contact_id=_text(fields.get("contact_id")),
            transcript=_text(fields.get("transcript")),
            audio=_content(fields.get("audio")),
            canary=request.headers.get("X-Sayso-Canary"),
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        return response(self._calls.message(bearer(request), form))

    async def _last_message(self, request: web.Request) -> web.StreamResponse:
        return response(self._calls.last_message(bearer(request)))

    async def _note(self, request: web.Request) -> web.Response:
        return response(self._calls.note(await request.read()))


_Field = str | bytes | bytearray | web.FileField | None


def _text(field: _Field) -> str | None:
    content = _content(field)
    return None if content is None else content.decode(errors="replace")


def _content(field: _Field) -> bytes | None:
    if field is None:
        return None
    if isinstance(field, web.FileField):
        return field.file.read()
    return field.encode() if isinstance(field, str) else bytes(field)
