"""A mailbox, on a real server where one is installed; and what is made of a mail, everywhere."""

import tempfile
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any, ClassVar

import pytest

from harness.bench.drivers.inboxes.imap import ImapInbox, ImapInboxText, found_in
from harness.clock import RealClock
from harness.errors import RigError, UserError
from tests.bench.inboxes.dovecot import CAN_RUN, PASSWORD, PROGRAM, USER, Dovecot, self_signed
from tests.bench.inboxes.sounds import sound

real_server = pytest.mark.skipif(
    PROGRAM is None or not CAN_RUN,
    reason="no dovecot (Debian's dovecot-imapd), or not root: there is no real IMAP server to ask",
)
NAMES = {"thomas@bench.test": "Thomas Reed", "anna@bench.test": "Anna Bell"}


def mail(to: str, text: str | None = None, voice: bytes = b"", **headers: str) -> bytes:
    made = EmailMessage()
    made["From"] = "Service <voice@maker.test>"
    made["To"] = to
    for name, value in headers.items():
        made[name] = value
    made.set_content(text or "")
    if voice:
        made.add_attachment(voice, maintype="audio", subtype="wav", filename="message.wav")
    return made.as_bytes()


def options(server: Dovecot, **values: Any) -> ImapInboxText:
    fixed = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "user": USER,
        "password": {"env": "BENCH_MAIL"},
        "contacts": {name: address for address, name in NAMES.items()},
        "times": {"poll_s": 0.2, "delivery_s": 0.2},
    }
    return ImapInboxText.model_validate({**fixed, **values})


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:  # not below `tmp_path`, which is ours alone
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def server(home: Path) -> Iterator[Dovecot]:
    made = Dovecot(home)
    yield made
    made.stop()


@real_server
def test_mails_are_messages(server: Dovecot) -> None:
    server.deliver("0", mail("thomas@bench.test", "from before"))
    inbox = ImapInbox(options(server), PASSWORD, RealClock())
    inbox.prepare(["Thomas Reed", "Anna Bell"])
    before_s = RealClock().now_s()
    server.deliver("1", mail("Thomas <THOMAS@bench.test>", voice=sound(2.0)))
    after_s = RealClock().now_s()
    server.deliver("2", mail("anna@bench.test, stranger@bench.test", "milk"))
    inbox.send_canary("c0ffee")
    told = inbox.messages()
    by_recipient = {message.recipient: message for message in told}
    assert len(told) == len(by_recipient) == 4
    voice = by_recipient["Thomas Reed"]
    assert (voice.audio_s, voice.transcript) == (2.0, None)
    assert inbox.audio(voice.message_id) == sound(2.0)
    assert before_s <= voice.unix_s + voice.uncertainty_s
    assert voice.unix_s - voice.uncertainty_s <= after_s
    assert voice.uncertainty_s < 3.0
    assert by_recipient["Anna Bell"].transcript == "milk"
    assert by_recipient["stranger@bench.test"].transcript == "milk"
    assert by_recipient["sayso-canary@sayso.invalid"].canary == "c0ffee"
    assert inbox.messages() == told
    inbox.close()


@real_server
def test_a_server_that_was_away_is_asked_again(server: Dovecot) -> None:
    asked = options(server, times={"poll_s": 0.5, "delivery_s": 0})
    inbox = ImapInbox(asked, PASSWORD, RealClock())
    inbox.prepare(["Thomas Reed"])
    server.stop()
    with pytest.raises(RigError, match="is the server up"):
        for _ in range(100):  # what serves us outlives its master for a moment
            inbox.look()
            time.sleep(0.05)
    server.deliver("1", mail("thomas@bench.test", "sent meanwhile"))
    server.restart()
    assert [message.transcript for message in inbox.messages()] == ["sent meanwhile"]
    assert inbox.trouble() is None or "is the server up" in (inbox.trouble() or "")
    inbox.close()


@real_server
def test_a_mailbox_made_anew_is_told(server: Dovecot) -> None:
    inbox = ImapInbox(options(server, times={"poll_s": 60, "delivery_s": 0}), PASSWORD, RealClock())
    inbox.prepare(["Thomas Reed"])
    server.stop()
    for file in (server.folder / "mail").glob("dovecot*"):
        file.unlink()
    (server.folder / "mail" / "dovecot-uidlist").write_text("3 V1 N7 G" + "0" * 31 + "1\n")
    server.restart()
    with pytest.raises(RigError):
        inbox.look()
    with pytest.raises(RigError, match="made anew while it was watched"):
        inbox.look()
    inbox.close()


@real_server
def test_over_tls_only_with_a_server_that_is_known(home: Path) -> None:
    certificate, key = self_signed(home, "127.0.0.1")
    server = Dovecot(home, (certificate, key))
    for values in ({"security": "tls", "port": server.secure_port}, {"security": "starttls"}):
        stranger = ImapInbox(options(server, **values), PASSWORD, RealClock())
        with pytest.raises(RigError, match="certificate verify failed"):
            stranger.prepare(["Thomas Reed"])
        known = options(server, authority=str(certificate), **values)
        inbox = ImapInbox(known, PASSWORD, RealClock())
        inbox.prepare(["Thomas Reed"])
        inbox.send_canary("c0ffee")
        assert [message.canary for message in inbox.messages()] == ["c0ffee"]
        inbox.close()
    server.stop()


@real_server
@pytest.mark.parametrize(
    ("values", "password"),
    [
        ({}, "wrong"),
        ({"mailbox": "No such"}, PASSWORD),
        ({"security": "starttls"}, PASSWORD),
    ],
)
def test_what_is_wrong_is_named(server: Dovecot, values: dict[str, object], password: str) -> None:
    inbox = ImapInbox(options(server, **values), password, RealClock())
    with pytest.raises(RigError, match=r"are `user`, `mailbox`, `security` .*BENCH_MAIL") as told:
        inbox.prepare(["Thomas Reed"])
    assert password not in str(told.value)
    inbox.close()


def test_the_password_comes_from_the_environment_only() -> None:
    class Place:
        clock = RealClock()
        environment: ClassVar[dict[str, str]] = {}

    asked = ImapInboxText.model_validate(
        {
            "host": "127.0.0.1",
            "user": USER,
            "password": {"env": "BENCH_MAIL"},
            "contacts": {"Thomas Reed": "thomas@bench.test"},
            "times": {"delivery_s": 1},
        }
    )
    with pytest.raises(UserError, match="BENCH_MAIL"):
        ImapInbox.opened(asked, Place())
    with pytest.raises(RigError, match="no mail address for Anna Bell"):
        ImapInbox(asked, PASSWORD, RealClock()).prepare(["Anna Bell"])


def test_a_mail_is_read_for_each_recipient_and_each_sound() -> None:
    voice = sound(1.0)
    found = found_in(mail("thomas@bench.test, Anna <anna@bench.test>", "hello", voice), NAMES)
    assert [(f.recipient, f.transcript, f.sound) for f in found] == [
        ("Thomas Reed", "hello", voice),
        ("Anna Bell", "hello", voice),
    ]
    (nobody,) = found_in(b"Subject: =?utf-8?q?caf=C3=A9?=\n\n\xff\xfe", NAMES)
    assert nobody.recipient == "(nobody)"
    (bcc,) = found_in(b"Delivered-To: thomas@bench.test\n\nhi", NAMES)
    assert bcc.recipient == "Thomas Reed"
