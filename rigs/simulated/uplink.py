"""The network side of the stepped device: what its uplink does in threads, done on an agenda.

The same calls, in the same order, with the bytes on the wire that Python's HTTP client would put
there. What the device is told of it are the uplink's own events.
"""

import json
from collections.abc import Callable
from functools import partial

from rigs.reference_cloud.calls import Answer, MessageForm
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
    HEARTBEAT_S,
    TELEMETRY_S,
    Aside,
    CallFailed,
    CloudEvent,
    ContactsCame,
    MessageCame,
    MessageDone,
)
from rigs.reference_device.voice import wav_bytes
from rigs.simulated.network import CLOUD_TAKES_S, Network, answer_content, request_head
from rigs.simulated.poor import Once
from rigs.simulated.upload import SteppedUpload
from rigs.simulated.wire import TlsConnection

_JSON = "application/json"
Then = Callable[[Answer | None], None]


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
        self._uploads: dict[int, SteppedUpload] = {}
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
        self._uploads[action.upload] = SteppedUpload(action.upload, self._network, self._tell)

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
            request = request_head(line, self._network, kind, len(body)) + body
            answered = self._in_time(connection, then) if self._network.is_poor else then
            # Whether the device still is on by then or not: what has left it has left it.
            later = self._network.cable.line.later
            connection.send(
                request,
                lambda: later(CLOUD_TAKES_S, lambda: self._answered(connection, act, answered)),
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
        connection.receive(told, lambda: network.later(CLOUD_TAKES_S, lambda: then(answer)))


def _reason(answer: Answer | None) -> str:
    return "the cloud cannot be reached" if answer is None else f"it answered {answer.status}"
