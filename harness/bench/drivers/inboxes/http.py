"""A JSON endpoint that lists what arrived, asked again and again; which field is what, the rig
file says.
"""

import base64
import binascii
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, Field

from harness.bench.drivers.inboxes.source import Found, Source, TimesText
from harness.bench.drivers.inboxes.watched import WatchedInbox
from harness.bench.drivers.placed import Placed
from harness.clock import Clock
from harness.errors import RigError
from harness.forms.fields import Name, Text
from harness.forms.secret import Secret
from harness.forms.strict import StrictModel

_WITHIN_S = 10.0
_MOST_BYTES = 50_000_000
_ID, _NONCE = "{id}", "{nonce}"


def _address(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ValueError(f"is `{text}`; write an address that begins with https:// or http://")
    return text


Address = Annotated[str, AfterValidator(_address)]


class FieldsText(StrictModel):
    """Where in an entry what stands; dots lead into maps, such as `to.address`."""

    id: Text
    """What tells a message from all others, for ever."""
    recipient: Text
    """A contact's name, or what `contacts` turns into one."""
    text: Text | None = None
    """What a text message says."""
    sound: Text | None = None
    """Its sound, as base64."""
    canary: Text | None = None
    """The nonce of a canary."""


class CanaryText(StrictModel):
    """How a canary is put there: a POST of JSON."""

    url: Address
    """Where it is sent."""
    body: dict[str, Any] = Field(min_length=1)
    """What is sent; {nonce} in any text of it is replaced."""


class HttpInboxText(StrictModel):
    """An endpoint that answers GET with all that arrived since the scene began, or more."""

    url: Address
    """What is asked."""
    token: Secret | None = None
    """{env: NAME}; sent as `Authorization: Bearer ...`"""
    authority: Text | None = None
    """File with the certificate that signed the server's, where no public authority did."""
    entries: str = ""
    """Where in the answer the list is, such as `data.messages`; without it the answer is one."""
    fields: FieldsText
    """What stands where in an entry."""
    sound_url: Address | None = None
    """Where the sound of an entry is fetched; {id} is replaced. Without it, `fields: sound`."""
    contacts: dict[Name, Text] = Field(default_factory=dict)
    """What stands for a contact in `recipient`, where that is not the name."""
    canary: CanaryText | None = None
    """Without it, or without `fields: canary`, none can be sent."""
    times: TimesText
    """How often it is looked at, and how long a message is on its way."""


class HttpSource(Source):
    """Asks without a proxy: a bench's services are near."""

    def __init__(self, options: HttpInboxText, token: str | None) -> None:
        self._options, self._token = options, token
        self._names = {written: name for name, written in options.contacts.items()}
        self._entries: dict[str, Any] = {}
        self._nonces: set[str] = set()
        trusted = ssl.create_default_context(cafile=options.authority)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=trusted),
            _NoRedirects(),  # the token is for this server alone
        )
        if options.canary is not None and options.fields.canary is not None:
            self.canary_proves = "that the endpoint takes and lists messages"

    def check(self, contacts: Sequence[str]) -> None:
        """Any contact may be in the list; a map, where there is one, must know them all."""
        missing = [name for name in contacts if name not in self._options.contacts]
        if self._options.contacts and missing:
            raise RigError(
                f"inbox: the rig file does not say how {', '.join(missing)} is written at "
                f"{self._options.url}: add it to the inbox's `contacts`"
            )

    def keys(self) -> Sequence[str]:
        """The id of every entry. `RigError` when two share one."""
        answer = self._json(self._options.url)
        entries = _at(answer, self._options.entries) if self._options.entries else answer
        if not isinstance(entries, list):
            raise self._strange(f"`{self._options.entries or 'the answer'}` is no list")
        ids = [str(self._field(entry, self._options.fields.id)) for entry in entries]
        if len(set(ids)) != len(ids):
            raise self._strange(f"two entries have the same `{self._options.fields.id}`")
        self._entries = dict(zip(ids, entries, strict=True))
        return ids

    def fetch(self, key: str) -> Sequence[Found]:
        """What the entry says, from the listing before; its sound is fetched."""
        if key not in self._entries:
            raise RigError(f"inbox: entry {key} of {self._options.url} went away unread")
        entry, fields = self._entries[key], self._options.fields
        recipient = str(self._field(entry, fields.recipient))
        text = _at(entry, fields.text) if fields.text else None
        mark = _at(entry, fields.canary) if fields.canary else None
        return [
            Found(
                self._names.get(recipient, recipient),
                None if text is None else str(text),
                b"" if mark in self._nonces else self._sound(key, entry),
                None if mark is None else str(mark),
            )
        ]

    def send_canary(self, nonce: str) -> None:
        """POST it; `RigError` where the rig file does not say how, or the server refuses."""
        canary = self._options.canary
        if canary is None or self._options.fields.canary is None:
            raise RigError("inbox canary: the rig file does not say how one is sent over HTTP")
        self._nonces.add(nonce)
        self._open(canary.url, json.dumps(_filled(canary.body, nonce)).encode())

    def close(self) -> None:
        """Nothing is held."""

    def _sound(self, key: str, entry: Any) -> bytes:
        fields = self._options.fields
        if self._options.sound_url is not None:
            safe = urllib.parse.quote(key, safe="")
            return self._open(self._options.sound_url.replace(_ID, safe))
        written = _at(entry, fields.sound) if fields.sound else None
        if written is None:
            return b""
        try:
            return base64.b64decode(str(written), validate=True)
        except (binascii.Error, ValueError) as error:
            raise self._strange(f"`{fields.sound}` of entry {key} is no base64") from error

    def _field(self, entry: Any, path: str) -> Any:
        found = _at(entry, path)
        if found is None:
            raise self._strange(f"an entry has no `{path}`: {json.dumps(entry)[:200]}")
        return found

    def _json(self, url: str) -> Any:
        content = self._open(url)
        try:
            return json.loads(content)
        except ValueError as error:
            raise self._strange(f"it is no JSON: {content[:200]!r}") from error

    def _open(self, url: str, body: bytes | None = None) -> bytes:
        request = urllib.request.Request(url, body)
        if body is not None:
            request.add_header("Content-Type", "application/json")
        if self._token is not None:
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=_WITHIN_S) as answer:
                content = bytes(answer.read(_MOST_BYTES + 1))
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise RigError(
                f"inbox: {url} does not answer as it should ({error}): is the service up, and are "
                "`url` and `token` right?"
            ) from error
        if len(content) > _MOST_BYTES:
            raise RigError(f"inbox: {url} answered more than {_MOST_BYTES} bytes: narrow it down")
        return content

    def _strange(self, what: str) -> RigError:
        return RigError(
            f"inbox: the answer of {self._options.url} is not as the rig file says: {what}; look "
            "at `entries` and `fields`"
        )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Refuse: the answer is then an error."""


def _at(value: Any, path: str | None) -> Any:
    """What stands at a path of dots; None where nothing does."""
    for part in (path or "").split("."):
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _filled(body: Any, nonce: str) -> Any:
    if isinstance(body, str):
        return body.replace(_NONCE, nonce)
    if isinstance(body, Mapping):
        return {key: _filled(value, nonce) for key, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, nonce) for value in body]
    return body


class HttpInbox(WatchedInbox):
    """A JSON endpoint, as a rig file names it."""

    options: ClassVar[type[StrictModel]] = HttpInboxText

    def __init__(self, options: HttpInboxText, token: str | None, clock: Clock) -> None:
        super().__init__(HttpSource(options, token), options.times, clock)

    @classmethod
    def opened(cls, options: HttpInboxText, place: Placed) -> Self:
        """The inbox of a rig file; `UserError` when its token is not in the environment."""
        token = None if options.token is None else options.token.value(place.environment)
        return cls(options, token, place.clock)
