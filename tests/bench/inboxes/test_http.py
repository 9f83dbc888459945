"""An HTTP endpoint, on a real socket, in more shapes than one."""

import base64
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.bench.drivers.inboxes.http import HttpInbox, HttpInboxText
from harness.clock import RealClock
from harness.errors import RigError
from tests.bench.inboxes.sounds import sound

TOKEN = "not-a-secret"
VOICE = sound(2.0)


class Service:
    """Lists messages to who has the token; `answer` may be replaced."""

    def __init__(self) -> None:
        self.entries: list[dict[str, Any]] = []
        self.answer: Callable[[], tuple[int, bytes]] = lambda: (
            200,
            json.dumps({"data": {"messages": self.entries}}).encode(),
        )
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if self.headers["Authorization"] != f"Bearer {TOKEN}":
                    self.say(401, b"")
                elif self.path == "/sound/m%2F1":
                    self.say(200, VOICE)
                elif self.path == "/messages":
                    self.say(*service.answer())
                else:
                    self.say(404, b"")

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.entries.append(body["message"])
                self.say(201, b"{}")

            def say(self, status: int, content: bytes) -> None:
                self.send_response(status)
                if status == 302:
                    self.send_header("Location", "/messages")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.stop()


def options(service: Service, **values: object) -> HttpInboxText:
    fixed = {
        "url": f"{service.url}/messages",
        "token": {"env": "BENCH_TOKEN"},
        "entries": "data.messages",
        "fields": {"id": "id", "recipient": "to.id", "text": "text", "canary": "mark"},
        "contacts": {"Thomas Reed": "u-17"},
        "canary": {
            "url": f"{service.url}/messages",
            "body": {"message": {"id": "c-{nonce}", "to": {"id": "c"}, "mark": "{nonce}"}},
        },
        "times": {"poll_s": 0.2, "delivery_s": 0.1},
    }
    return HttpInboxText.model_validate({**fixed, **values})


def entry(message_id: str, **values: object) -> dict[str, object]:
    return {"id": message_id, "to": {"id": "u-17"}, "mark": "", **values}


def test_entries_are_messages(service: Service) -> None:
    service.entries.append(entry("before"))
    asked = options(service, sound_url=f"{service.url}/sound/{{id}}")
    inbox = HttpInbox(asked, TOKEN, RealClock())
    inbox.prepare(["Thomas Reed"])
    service.entries.append(entry("m/1"))
    inbox.send_canary("c0ffee")
    told = {message.message_id: message for message in inbox.messages()}
    assert set(told) == {"m/1", "c-c0ffee"}
    assert told["c-c0ffee"].canary == "c0ffee"
    assert (told["m/1"].recipient, told["m/1"].audio_s) == ("Thomas Reed", 2.0)
    assert told["m/1"].canary is None
    assert inbox.audio("m/1") == VOICE
    inbox.close()


def test_sound_may_be_in_the_entry(service: Service) -> None:
    fields = {"id": "id", "recipient": "to.id", "sound": "wav"}
    inbox = HttpInbox(options(service, fields=fields), TOKEN, RealClock())
    inbox.prepare(["Thomas Reed"])
    service.entries.append(entry("m1", wav=base64.b64encode(VOICE).decode()))
    (message,) = inbox.messages()
    assert message.audio_s == 2.0
    assert inbox.canary_proves is None
    with pytest.raises(RigError, match="does not say how one is sent"):
        inbox.send_canary("c0ffee")
    inbox.close()


@pytest.mark.parametrize(
    ("status", "content", "why"),
    [
        (500, b"", "does not answer as it should"),
        (302, b"", "does not answer as it should"),
        (200, b"<html>", "it is no JSON"),
        (200, b'{"data": {}}', "`data.messages` is no list"),
        (200, b'{"data": {"messages": [{"to": {"id": "u-17"}}]}}', "an entry has no `id`"),
        (200, b'{"data": {"messages": [{"id": 1}, {"id": 1}]}}', "the same `id`"),
        (200, b'{"data": {"messages": [{"id": 2}]}}', "an entry has no `to.id`"),
    ],
)
def test_an_answer_that_is_not_as_told_is_no_empty_inbox(
    service: Service, status: int, content: bytes, why: str
) -> None:
    inbox = HttpInbox(options(service, times={"poll_s": 60, "delivery_s": 0}), TOKEN, RealClock())
    inbox.prepare(["Thomas Reed"])
    service.answer = lambda: (status, content)
    with pytest.raises(RigError, match=why):
        inbox.look()
    inbox.close()


def test_a_wrong_token_and_an_unknown_contact_are_named(service: Service) -> None:
    inbox = HttpInbox(options(service), "wrong", RealClock())
    with pytest.raises(RigError, match="are `url` and `token` right"):
        inbox.prepare(["Thomas Reed"])
    with pytest.raises(RigError, match="how Anna Bell is written"):
        inbox.prepare(["Anna Bell"])
    inbox.close()
