"""What the cloud does with a call, whoever carried it: plain functions from a call to an answer.

`device_api` and `operator_api` carry calls over sockets; on simulated time a simulated link does.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rigs.reference_cloud import VERSION
from rigs.reference_cloud.services.exports import wav
from rigs.reference_cloud.services.service import Services
from rigs.reference_cloud.sound import SPEECH_BYTES_A_SECOND
from rigs.reference_cloud.store import NewMessage, Store


@dataclass(frozen=True, slots=True)
class Archive:
    """A zip file from byte `begins` of `total` on; `mark`: with it the rest may be asked for."""

    content: bytes
    mark: str
    begins: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status, and what is answered: JSON (`body`), sound (`wav`) or a zip file (`archive`);
    none of them for 204.
    """

    status: int
    body: dict[str, Any] | None = None
    wav: bytes | None = None
    archive: Archive | None = None


def refusal(status: int, reason: str) -> Answer:
    """An answer that says what is wrong."""
    return Answer(status, {"error": reason})


@dataclass(frozen=True, slots=True)
class MessageForm:
    """A message as a device hands it in; a field that was not sent is None.

    `canary` and `idempotency_key` are the headers X-Sayso-Canary and Idempotency-Key.
    """

    contact_id: str | None
    transcript: str | None
    audio: bytes | None
    canary: str | None = None
    idempotency_key: str | None = None


class Speech:
    """Speech that a device is streaming."""

    def __init__(self, store: Store, services: Services, token: str, upload_id: str) -> None:
        """Begins at once, before any sound has come."""
        self._store, self._services = store, services
        self._token, self._id = token, upload_id
        self._received = 0
        store.begin_upload(token, upload_id, services.clock.now_s())
        services.records.begin(token, upload_id)

    def take(self, pcm: bytes) -> None:
        """Keep the next piece; what came of speech that is never ended stays, as not complete."""
        now_s = self._services.clock.now_s()
        # The operator may have emptied the account meanwhile: what still comes is shown anew.
        self._store.begin_upload(self._token, self._id, now_s)
        self._store.add_speech(self._id, now_s, pcm)
        self._services.records.begin(self._token, self._id)
        self._services.records.add(self._id, pcm)
        self._received += len(pcm)

    def end(self) -> Answer:
        """All of it has come."""
        self._store.complete_upload(self._id)
        return Answer(200, {"id": self._id, "seconds": self._received / SPEECH_BYTES_A_SECOND})


class DeviceCalls:
    """Contacts, speech, messages, heartbeat and telemetry, for devices that know a token.

    `services` get all that comes in; `new_id` makes an id that was never used.
    """

    def __init__(self, store: Store, services: Services, new_id: Callable[[], str]) -> None:
        self._store, self._services, self._new_id = store, services, new_id

    def unknown(self, token: str) -> Answer | None:
        """The refusal of a token that opens no account; None for one that does."""
        if self._store.has_account(token):
            return None
        return refusal(401, "no account has this token: send Authorization: Bearer TOKEN")

    def contacts(self, token: str) -> Answer:
        """GET /v1/contacts."""
        return Answer(200, {"contacts": self._store.contacts(token)})

    def speech(self, token: str) -> Speech:
        """POST /v1/speech: begins now."""
        return Speech(self._store, self._services, token, f"u{self._new_id()}")

    def speeches(self, token: str) -> int:
        """How much speech came in from the account since its operator last emptied it."""
        return len(self._store.uploads(token))

    def message(self, token: str, form: MessageForm) -> Answer:
        """POST /v1/messages: the last byte has just come."""
        received_s = self._services.clock.now_s()
        recipient = self._store.contact_name(token, form.contact_id or "")
        if recipient is None:
            return refusal(404, "no such contact: GET /v1/contacts lists them")
        if form.transcript is None and form.audio is None:
            return refusal(400, "a message needs a transcript, audio, or both")
        if form.canary is None and not self._services.records.may_send(token):
            return refusal(403, "communications are off: the owner can switch them on")
        if form.canary is None and not self._services.may_reach(token, recipient, form.audio):
            return refusal(403, "this is a contact of somebody else in the household")
        message = NewMessage(
            recipient=recipient,
            received_unix_s=received_s,
            transcript=form.transcript,
            audio=form.audio,
            canary=form.canary,
            idempotency_key=form.idempotency_key,
        )
        message_id = self._store.deliver(token, message)
        if form.canary is None:
            self._services.keep_message(token, message_id, recipient, form.transcript, form.audio)
        return Answer(201, {"id": message_id})

    def last_message(self, token: str) -> Answer:
        """GET /v1/messages/last/audio: to be played at the device."""
        pcm = self._services.records.last_message(token)
        return refusal(404, "no message") if pcm is None else Answer(200, wav=wav(pcm))

    def note(self, body: bytes) -> Answer:
        """POST /v1/heartbeat and /v1/telemetry."""
        _, wrong = _json(body)
        return wrong or Answer(204)


class OperatorCalls:
    """Health, account, inbox and uploads, for the operator of the cloud."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def health(self) -> Answer:
        """GET /operator/health."""
        return Answer(200, {"ok": True, "version": VERSION})

    def account(self, body: bytes) -> Answer:
        """PUT /operator/account with JSON."""
        wanted, wrong = _json(body)
        if wrong is not None:
            return wrong
        token = wanted.get("token") if isinstance(wanted, dict) else None
        contacts = wanted.get("contacts") if isinstance(wanted, dict) else None
        if not isinstance(token, str) or not token.strip():
            return refusal(400, '"token" must be text, and not empty')
        if not isinstance(contacts, list) or not all(isinstance(name, str) for name in contacts):
            return refusal(400, '"contacts" must be a list of full names')
        return self.prepare(token, contacts)

    def prepare(self, token: str, contacts: Sequence[str]) -> Answer:
        """Give the account exactly these contacts, and empty it."""
        self._store.replace_account(token, contacts)
        return Answer(200, {"contacts": self._store.contacts(token)})

    def inbox(self, token: str) -> Answer:
        """GET /operator/inbox."""
        return self._no_account(token) or Answer(200, {"messages": self._store.inbox(token)})

    def audio(self, message_id: str) -> Answer:
        """GET /operator/inbox/ID/audio."""
        wav = self._store.message_audio(message_id)
        return refusal(404, "no such message") if wav is None else Answer(200, wav=wav)

    def uploads(self, token: str) -> Answer:
        """GET /operator/uploads."""
        return self._no_account(token) or Answer(200, {"uploads": self._store.uploads(token)})

    def _no_account(self, token: str) -> Answer | None:
        if self._store.has_account(token):
            return None
        return refusal(404, "no account has this token: PUT /operator/account makes one")


def _json(body: bytes) -> tuple[object, Answer | None]:
    try:
        return json.loads(body), None
    except (json.JSONDecodeError, UnicodeDecodeError):
        return None, refusal(400, "the body is not JSON")
