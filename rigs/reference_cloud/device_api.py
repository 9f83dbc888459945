"""What devices call, over HTTPS, each with its account's token."""

import json
import logging
import uuid
from collections.abc import Awaitable, Callable

from aiohttp import ClientPayloadError, web

from rigs.reference_cloud.sound import SPEECH_BYTES_A_SECOND
from rigs.reference_cloud.store import NewMessage, Store

_log = logging.getLogger(__name__)
_CUT = (ConnectionError, ClientPayloadError, web.RequestPayloadError)

LARGEST_BODY_BYTES = 64 * 2**20
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DeviceApi:
    """Contacts, speech, messages, heartbeat and telemetry. `now_s` tells Unix time in seconds."""

    def __init__(self, store: Store, now_s: Callable[[], float]) -> None:
        """Serve from `store`, stamping what comes in by `now_s`."""
        self._store = store
        self._now_s = now_s

    def application(self) -> web.Application:
        """The aiohttp application to serve."""
        app = web.Application(client_max_size=LARGEST_BODY_BYTES, middlewares=[self._authorize])
        app.router.add_get("/v1/contacts", self._contacts)
        app.router.add_post("/v1/speech", self._speech)
        app.router.add_post("/v1/messages", self._messages)
        app.router.add_post("/v1/heartbeat", self._note)
        app.router.add_post("/v1/telemetry", self._note)
        return app

    @web.middleware
    async def _authorize(self, request: web.Request, handler: _Handler) -> web.StreamResponse:
        if not self._store.has_account(_token(request)):
            return _refusal(401, "no account has this token: send Authorization: Bearer TOKEN")
        try:
            return await handler(request)
        except _CUT as error:
            _log.info("cut by the device: %s %s: %s", request.method, request.path, error)
            return _refusal(400, "the connection was cut before the body was complete")

    async def _contacts(self, request: web.Request) -> web.Response:
        return web.json_response({"contacts": self._store.contacts(_token(request))})

    async def _speech(self, request: web.Request) -> web.Response:
        token, upload_id, began_s = _token(request), f"u{uuid.uuid4().hex}", self._now_s()
        self._store.begin_upload(token, upload_id, began_s)
        received = 0
        async for pcm in request.content.iter_any():
            now_s = self._now_s()
            # The operator may have emptied the account meanwhile: what still comes is shown anew.
            self._store.begin_upload(token, upload_id, now_s)
            self._store.add_speech(upload_id, now_s, pcm)
            received += len(pcm)
        self._store.complete_upload(upload_id)
        return web.json_response({"id": upload_id, "seconds": received / SPEECH_BYTES_A_SECOND})

    async def _messages(self, request: web.Request) -> web.Response:
        token = _token(request)
        if request.content_type != "multipart/form-data":
            return _refusal(400, "a message is multipart/form-data")
        try:
            form = await request.post()
        except ValueError as error:
            return _refusal(400, f"not a whole multipart form: {error}")
        received_s = self._now_s()
        recipient = self._store.contact_name(token, _text(form.get("contact_id")) or "")
        if recipient is None:
            return _refusal(404, "no such contact: GET /v1/contacts lists them")
        transcript, audio = _text(form.get("transcript")), _content(form.get("audio"))
        if transcript is None and audio is None:
            return _refusal(400, "a message needs a transcript, audio, or both")
        message = NewMessage(
            recipient=recipient,
            received_unix_s=received_s,
            transcript=transcript,
            audio=audio,
            canary=request.headers.get("X-Sayso-Canary"),
            idempotency_key=request.headers.get("Idempotency-Key"),
        )
        return web.json_response({"id": self._store.deliver(token, message)}, status=201)

    async def _note(self, request: web.Request) -> web.Response:
        try:
            await request.json()
        except (json.JSONDecodeError, UnicodeDecodeError):
            return _refusal(400, "the body is not JSON")
        return web.Response(status=204)


_Field = str | bytes | bytearray | web.FileField | None


def _token(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _text(field: _Field) -> str | None:
    content = _content(field)
    return None if content is None else content.decode(errors="replace")


def _content(field: _Field) -> bytes | None:
    if field is None:
        return None
    if isinstance(field, web.FileField):
        return field.file.read()
    return field.encode() if isinstance(field, str) else bytes(field)


def _refusal(status: int, reason: str) -> web.Response:
    return web.json_response({"error": reason}, status=status)
