"""The network side of the stepped device: what its uplink does in threads, done on an agenda.

The same calls, in the same order, with the bytes on the wire that Python's HTTP client would put
there. What the device is told of it are the uplink's own events.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from rigs.reference_cloud.calls import Answer, MessageForm, Speech
from rigs.reference_device.actions import (
    AskName,
    CloseUpload,
    OpenUpload,
    SendDatagram,
    SendMessage,
    SendReport,
    UploadSound,
)
from rigs.reference_device.cloud import LAST_MESSAGE, TIMEOUT_S, message_form, pcm_of
from rigs.reference_device.contacts import Contact
from rigs.reference_device.sound_format import SPEECH_RATE_HZ
from rigs.reference_device.uplink import (
    CHUNK_BYTES,
    HEARTBEAT_S,
    TELEMETRY_S,
    Aside,
    CallFailed,
    CloudEvent,
    ContactsCame,
    MessageCame,
    MessageDone,
    UploadLost,
)
from rigs.reference_device.voice import wav_bytes
from rigs.simulated.cloud import SteppedCloud
from rigs.simulated.poor import Once
from rigs.simulated.wire import Cable, TlsConnection

_REFUSED_S = 0.05  # where the cable is out the device's own kernel says so at once
_AGAIN_S = 0.4
_CLOUD_TAKES_S = 1e-3
_LAST_CHUNK = b"0\r\n\r\n"
_REASONS = {200: "OK", 201: "Created", 204: "No Content"}
_JSON = "application/json"
_SPEECH = f"audio/L16; rate={SPEECH_RATE_HZ}"
Then = Callable[[Answer | None], None]


@dataclass(slots=True)
class Network:
    """What all calls of one life of the device share. Over when the power goes."""

    cable: Cable
    cloud: SteppedCloud
    token: str
    alive: bool = True

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        """Do something so many seconds from now, unless the device is off by then."""
        agenda = self.cable.around.agenda
        agenda.do_at(agenda.now_s() + after_s, lambda: deed() if self.alive else None)

    @property
    def reaches(self) -> bool:
        """Whether the cloud is there and the cable whole."""
        return self.cable.around.network_is_on() and self.cloud.down is None

    @property
    def is_poor(self) -> bool:
        """Whether what is sent may take its time, or never come."""
        return self.cable.around.network_is_poor()

    def connect(self, then: Callable[[TlsConnection | None], None]) -> None:
        """Open a connection; `then` gets it once it is open, or None when it cannot be."""
        if not self.reaches:
            self.later(_REFUSED_S, lambda: then(None))
            return
        if self.is_poor:
            poor = TlsConnection(self.cable, poorly=True)
            tell = Once(lambda well: then(poor if well else None) if self.alive else None)
            poor.open_poorly(TIMEOUT_S, tell)
            return
        connection = TlsConnection(self.cable)
        self.later(connection.ready_s, lambda: then(connection))


class SteppedUplink:
    """Talks to the stepped cloud. `tell` gets what came of it, `facts` what is reported."""

    def __init__(
        self,
        network: Network,
        tell: Callable[[CloudEvent], None],
        facts: Callable[[], dict[str, object]],
    ) -> None:
        self._network, self._tell, self._facts = network, tell, facts
        self._kept: TlsConnection | None = None
        self._uploads: dict[int, _Upload] = {}
        self._messages: list[SendMessage] = []

    def end(self) -> None:
        """Power is gone: nobody is there to be told any more."""
        self._tell, self._facts = lambda _event: None, dict
        self._uploads.clear()

    def start(self) -> None:
        """Fetch the contacts, then report now and then."""
        self.refresh_contacts()
        for path, every_s in (("/v1/heartbeat", HEARTBEAT_S), ("/v1/telemetry", TELEMETRY_S)):
            self._network.later(every_s, partial(self._report, path, every_s))

    def refresh_contacts(self) -> None:
        """Fetch the contacts anew."""

        def came(answer: Answer | None) -> None:
            if answer is None or answer.body is None or answer.status != 200:
                self._tell(CallFailed("contacts", _reason(answer)))
                return
            rows = answer.body["contacts"]
            self._tell(ContactsCame(tuple(Contact(str(c["id"]), str(c["name"])) for c in rows)))

        network = self._network
        self._call(
            "GET /v1/contacts", b"", lambda: network.cloud.calls.contacts(network.token), came
        )

    def send(self, message: SendMessage) -> None:
        """Deliver a message, over a connection of its own, after those that are under way."""
        self._messages.append(message)
        if len(self._messages) == 1:
            self._deliver(message)

    def _deliver(self, message: SendMessage) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None
        wav = wav_bytes(message.pcm, SPEECH_RATE_HZ)
        form = MessageForm(message.contact.id, message.transcript, wav, None, self._new_key())

        def done(answer: Answer | None) -> None:
            failure = None if answer and answer.status < 300 else "not_sent"
            self._tell(MessageDone(message.number, "no_network" if answer is None else failure))
            self._messages.pop(0)
            if self._messages:
                self._deliver(self._messages[0])

        calls, token = self._network.cloud.calls, self._network.token
        boundary = self._new_key()
        body = message_form(boundary, message.contact, message.transcript, wav)
        kind = f"multipart/form-data; boundary={boundary}"
        self._call("POST /v1/messages", body, lambda: calls.message(token, form), done, kind)

    def fetch(self) -> None:
        """Fetch the message that was sent last."""

        def came(answer: Answer | None) -> None:
            if answer is None or answer.status not in (200, 404):
                self._tell(MessageCame(None, "no_network"))
            else:
                self._tell(MessageCame(None if answer.wav is None else pcm_of(answer.wav)))

        calls, token = self._network.cloud.calls, self._network.token
        self._call(f"GET {LAST_MESSAGE}", b"", lambda: calls.last_message(token), came)

    def send_aside(self, action: Aside) -> None:
        """Send what belongs to no dialogue; nobody is told what became of it."""
        cable = self._network.cable
        if isinstance(action, SendReport):
            self._tell_facts("/v1/telemetry", action.facts)
        elif isinstance(action, AskName):
            cable.ask_name(action.name)
        elif isinstance(action, SendDatagram):
            cable.send_datagram(action.to, action.port, action.payload)

    def open(self, action: OpenUpload) -> None:
        """Begin an upload."""
        self._uploads[action.upload] = _Upload(action.upload, self._network, self._tell)

    def sound(self, action: UploadSound) -> None:
        """More sound for an upload."""
        self._uploads[action.upload].put(action.pcm.tobytes())

    def close(self, action: CloseUpload) -> None:
        """End an upload, well or (not `complete`) by dropping it."""
        self._uploads.pop(action.upload).end(action.complete)

    def _new_key(self) -> str:
        return self._network.cable.dice.randbytes(16).hex()

    def _report(self, path: str, every_s: float) -> None:
        self._network.later(every_s, lambda: self._report(path, every_s))
        self._tell_facts(path, self._facts())

    def _tell_facts(self, path: str, facts: dict[str, object]) -> None:
        body = json.dumps(facts).encode()

        def told(answer: Answer | None) -> None:
            if answer is None:
                self._tell(CallFailed(path, _reason(answer)))

        self._call(f"POST {path}", body, lambda: self._network.cloud.calls.note(body), told)

    def _call(
        self, line: str, body: bytes, act: Callable[[], Answer], then: Then, kind: str = _JSON
    ) -> None:
        """One request over the connection that is kept open, opened now where there is none."""

        def on(connection: TlsConnection | None) -> None:
            self._kept = connection
            if connection is None:
                then(None)
                return
            request = _head(line, self._network, kind, len(body)) + body
            answered = self._in_time(connection, then) if self._network.is_poor else then
            # Whether the device still is on by then or not: what has left it has left it.
            later = self._network.cable.line.later
            connection.send(
                request,
                lambda: later(_CLOUD_TAKES_S, lambda: self._answered(connection, act, answered)),
            )

        if self._kept is not None:
            on(self._kept)
        else:
            self._network.connect(on)

    def _in_time(self, connection: TlsConnection, then: Then) -> Then:
        """`then`, once: with the answer, or with none when that takes the device too long."""
        answers: list[Answer | None] = []
        over = Once(lambda _: then(answers[0]))

        def answered(answer: Answer | None) -> None:
            answers.append(answer)
            over(True)

        def give_up() -> None:
            if not over.over:
                connection.abort()
                self._kept = None
                answered(None)

        self._network.later(TIMEOUT_S, give_up)
        return answered

    def _answered(self, connection: TlsConnection, act: Callable[[], Answer], then: Then) -> None:
        network = self._network
        if not network.reaches:
            self._kept = None
            network.later(TIMEOUT_S, lambda: then(None))
            return
        answer = network.cloud.calls.unknown(network.token) or act()
        told = answer_content(answer)
        connection.receive(told, lambda: network.later(_CLOUD_TAKES_S, lambda: then(answer)))


class _Upload:
    """One utterance on its way, on a connection of its own."""

    def __init__(self, number: int, network: Network, tell: Callable[[CloudEvent], None]) -> None:
        self._number, self._network, self._tell = number, network, tell
        self._connection: TlsConnection | None = None
        self._speech: Speech | None = None
        self._gathered = b""
        self._chunks: list[bytes] = []
        self._ended = self._over = self._waiting = False
        network.connect(self._opened)

    def put(self, sound: bytes) -> None:
        """More sound: it leaves in pieces of a tenth of a second."""
        self._gathered += sound
        if len(self._gathered) >= CHUNK_BYTES:
            self._chunks.append(self._gathered)
            self._gathered = b""
            self._send()

    def end(self, complete: bool) -> None:
        """No more sound; what has not left yet is dropped where it is not `complete`."""
        self._ended = True
        if not complete:
            self._over = True
            self._hang_up()
            return
        if self._gathered:
            self._chunks.append(self._gathered)
        self._chunks.append(b"")
        self._send()

    def _opened(self, connection: TlsConnection | None) -> None:
        if connection is None:
            self._lost("the cloud cannot be reached")
            return
        self._connection = connection
        if self._over:
            self._hang_up()
            return
        connection.send(_head("POST /v1/speech", self._network, _SPEECH))
        if self._network.cloud.calls.unknown(self._network.token) is None:
            self._speech = self._network.cloud.calls.speech(self._network.token)
        self._send()

    def _send(self) -> None:
        """Let all leave that can; what cannot is tried again, as TCP does."""
        while self._connection is not None and self._chunks and not self._over:
            if not self._network.reaches:
                self._try_again()
                return
            chunk = self._chunks.pop(0)
            self._connection.send(_chunked(chunk), partial(self._came, chunk))
            if not chunk and self._network.is_poor:
                self._network.later(TIMEOUT_S, lambda: self._lost("it does not answer"))

    def _came(self, chunk: bytes) -> None:
        """A piece has reached the cloud."""
        if chunk and self._speech is not None:
            self._speech.take(chunk)
        elif not chunk:
            self._network.later(_CLOUD_TAKES_S, self._finish)

    def _try_again(self) -> None:
        if self._waiting:
            return
        self._waiting = True

        def again() -> None:
            self._waiting = False
            self._send()

        self._network.later(_AGAIN_S, again)
        if self._ended:
            self._network.later(TIMEOUT_S, lambda: self._lost("it does not answer"))

    def _finish(self) -> None:
        if self._speech is None:
            self._lost("it does not know this account")
            return
        answer = answer_content(self._speech.end())
        if self._connection is not None:
            self._connection.receive(answer, self._done)

    def _done(self) -> None:
        self._hang_up(2e-3)
        self._over = True

    def _hang_up(self, after_s: float = 0.0) -> None:
        if self._connection is not None:
            self._connection.close(after_s)
            self._connection = None

    def _lost(self, reason: str) -> None:
        if not self._over:
            self._over = True
            if self._connection is not None:
                self._connection.abort()
            self._tell(UploadLost(self._number, reason))


def answer_content(answer: Answer) -> bytes:
    """The cloud's answer as it is in its connection, heads included."""
    kind, body = "application/json; charset=utf-8", b""
    if answer.wav is not None:
        kind, body = "audio/wav", answer.wav
    elif answer.body is not None:
        body = json.dumps(answer.body).encode()
    rows = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, 'Answered')}",
        f"Content-Type: {kind}",
        f"Content-Length: {len(body)}",
        "Date: Sat, 01 Jan 2000 00:00:00 GMT",
        "Server: reference cloud",
    ]
    return "\r\n".join([*rows, "", ""]).encode() + body


def _head(line: str, network: Network, kind: str, length: int | None = None) -> bytes:
    """A request's head, as Python's HTTP client writes it; in chunks where it has no length."""
    framing = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    rows = [
        f"{line} HTTP/1.1",
        f"Host: {network.cable.host}",
        "Accept-Encoding: identity",
        framing,
        f"Authorization: Bearer {network.token}",
    ]
    if length != 0:
        rows.append(f"Content-Type: {kind}")
    return "\r\n".join([*rows, "", ""]).encode()


def _chunked(chunk: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(chunk), chunk) if chunk else _LAST_CHUNK


def _reason(answer: Answer | None) -> str:
    return "the cloud cannot be reached" if answer is None else f"it answered {answer.status}"
