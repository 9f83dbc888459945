"""Phones by adb, against a server that speaks its protocol on a real socket."""

import socket
from collections.abc import Iterator

import pytest

from harness.bench.drivers.inboxes.phone import PhoneInbox, PhoneInboxText, shown
from harness.clock import RealClock
from harness.errors import RigError
from tests.bench.inboxes.adb_server import HEAD, SERIAL, TAIL, AdbServer, record
from tests.bench.inboxes.sounds import sound

APP = "com.maker.app"


@pytest.fixture
def server() -> Iterator[AdbServer]:
    made = AdbServer()
    yield made
    made.stop()


def opened(server: AdbServer, messages: str, **values: object) -> PhoneInbox:
    fixed = {
        "phones": {"Thomas Reed": SERIAL},
        "messages": messages,
        "app": APP,
        "folder": "/sdcard/voice",
        "port": server.port,
        "times": {"poll_s": 0.2, "delivery_s": 0.1},
    }
    inbox = PhoneInbox(PhoneInboxText.model_validate({**fixed, **values}), RealClock())
    inbox.prepare(["Thomas Reed"])
    return inbox


def test_notifications_are_messages(server: AdbServer) -> None:
    server.shown = [record(APP, 1, "Anna", "from before")]
    inbox = opened(server, "notifications")
    server.shown += [
        record("com.other", 2, "Shop", "buy"),
        record(APP, 0, "", "2 messages", flags="AUTO_CANCEL|GROUP_SUMMARY"),
        record(APP, 3, "Anna", "milk (and bread)\nplease"),
    ]
    inbox.send_canary("c0ffee")
    told = inbox.messages()
    assert [(m.recipient, m.transcript, m.canary) for m in told] == [
        ("Thomas Reed", "milk (and bread)\nplease", None),
        ("Thomas Reed", "c0ffee", "c0ffee"),
    ]
    # The same notification, shown again with one message more.
    server.shown[3] = record(APP, 3, "Anna", "and eggs", when=2)
    assert [m.transcript for m in inbox.messages()][-1] == "and eggs"
    server.shown.clear()  # wiped away: they came all the same
    assert len(inbox.messages()) == 3
    inbox.close()


def test_files_are_messages(server: AdbServer) -> None:
    inbox = opened(server, "files")
    server.files["/sdcard/voice/a b.wav"] = sound(2.5)
    inbox.send_canary("c0ffee")
    told = {m.message_id: m for m in inbox.messages()}
    assert told["Thomas Reed/a b.wav"].audio_s == 2.5
    assert inbox.audio("Thomas Reed/a b.wav") == sound(2.5)
    assert told["Thomas Reed/sayso-canary-c0ffee.txt"].canary == "c0ffee"
    server.files["/sdcard/voice/a b.wav"] += b"more"
    with pytest.raises(RigError, match="changed on the phone after it was pulled"):
        inbox.look()
    inbox.close()


def test_old_androids_print_flags_as_a_number() -> None:
    dump = HEAD + "  Notification List:\n"
    dump += record(APP, 0, "", "2 messages", flags="0x210") + record(APP, 1, "Anna", "hi") + TAIL
    assert [found.transcript for _, _, found in shown(dump, "Thomas Reed")] == ["hi"]
    with pytest.raises(RigError, match="not as known Androids tell it"):
        shown(dump.replace("      key=", "      clef="), "Thomas Reed")


@pytest.mark.parametrize(
    ("command", "says", "why"),
    [
        ("dumpsys", "Can't find service: notification\n", "lists no notifications"),
        ("dumpsys", None, "ended with 127"),
    ],
)
def test_a_phone_that_tells_nothing_is_no_empty_inbox(
    server: AdbServer, command: str, says: str | None, why: str
) -> None:
    inbox = opened(server, "notifications", times={"poll_s": 60, "delivery_s": 0})
    if says is not None:
        server.says = lambda asked: says if asked.startswith(command) else None
    else:
        server._shell = lambda command: ("not found", 127)  # type: ignore[method-assign]
    with pytest.raises(RigError, match=why):
        inbox.look()
    inbox.close()


def test_a_phone_that_is_not_there_is_named(server: AdbServer) -> None:
    inbox = opened(server, "files", times={"poll_s": 60, "delivery_s": 0})
    server.refuses = "device unauthorized."
    with pytest.raises(RigError, match=f"{SERIAL} .*device unauthorized.*adb devices"):
        inbox.look()
    server.refuses = None
    server.folders.clear()
    with pytest.raises(RigError, match="ended with 1"):
        inbox.look()
    with pytest.raises(RigError, match="there is no phone of Anna Bell"):
        inbox.prepare(["Anna Bell"])
    inbox.close()


def test_what_is_no_adb_server_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        asked = {
            "phones": {"Thomas Reed": SERIAL},
            "messages": "files",
            "folder": "/sdcard/voice",
            "port": listener.getsockname()[1],
            "times": {"delivery_s": 0},
        }
        inbox = PhoneInbox(PhoneInboxText.model_validate(asked), RealClock())
    with pytest.raises(RigError, match="does the server run"):
        inbox.prepare(["Thomas Reed"])
    inbox.close()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"messages": "notifications"}, "no `app`"),
        ({"messages": "files"}, "no `folder`"),
        ({"messages": "notifications", "app": "x; reboot"}, "write its package"),
    ],
)
def test_options_that_say_too_little_are_refused(values: dict[str, str], why: str) -> None:
    fixed = {"phones": {"Thomas Reed": SERIAL}, "times": {"delivery_s": 0}}
    with pytest.raises(ValueError, match=why):
        PhoneInboxText.model_validate({**fixed, **values})
