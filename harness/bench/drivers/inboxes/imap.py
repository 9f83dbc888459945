"""A mailbox on an IMAP server: what the maker's service mails to contacts, or forwards there.

RFC 3501 by `imaplib`, with the mailbox opened for reading only, so that nothing is marked or moved.
"""

import contextlib
import email.policy
import imaplib
import ssl
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from email.utils import getaddresses
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field

from harness.bench.drivers.inboxes.source import CANARY_PLACE, Found, Source, TimesText
from harness.bench.drivers.inboxes.watched import WatchedInbox
from harness.bench.drivers.placed import Placed
from harness.clock import Clock
from harness.errors import RigError
from harness.forms.fields import Name, Text
from harness.forms.secret import Secret
from harness.forms.strict import StrictModel

_WITHIN_S = 10.0
_HEADER = "X-Sayso-Canary"
_FAILED = (imaplib.IMAP4.error, OSError)


class ImapInboxText(StrictModel):
    """A mailbox that gets nothing but what the device sends: every new mail counts."""

    host: Text
    """The server's name or address."""
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    """993 for `tls`, else 143."""
    security: Literal["tls", "starttls", "none"] = "tls"
    """`none` sends the password in the clear: for a server on this machine only."""
    authority: Text | None = None
    """File with the certificate that signed the server's, where no public authority did."""
    user: Text
    """Whom to log in as."""
    password: Secret
    """{env: NAME}: the environment variable that holds it."""
    mailbox: Text = "INBOX"
    """The mailbox that is read."""
    contacts: dict[Name, Text] = Field(min_length=1)
    """The mail address of each contact."""
    times: TimesText
    """How often it is looked at, and how long a message is on its way."""


class ImapSource(Source):
    """One connection, made when it is needed and anew when it broke."""

    canary_proves = "that the mailbox is read; not that mail is delivered to it"

    def __init__(self, options: ImapInboxText, password: str) -> None:
        self._options, self._password = options, password
        self._names = {address.casefold(): name for name, address in options.contacts.items()}
        self._connection: imaplib.IMAP4 | None = None
        self._validity: bytes | None = None

    def check(self, contacts: Sequence[str]) -> None:
        """Every contact must have an address in the rig file."""
        missing = [name for name in contacts if name not in self._options.contacts]
        if missing:
            raise RigError(
                f"inbox: the rig file has no mail address for {', '.join(missing)}: add them to "
                "the inbox's `contacts`"
            )

    def keys(self) -> Sequence[str]:
        """The UIDs of all mails in the mailbox."""
        told = self._say("look at the mailbox", lambda c: (c.noop(), c.uid("SEARCH", "ALL"))[1])
        return [f"{_text(self._validity)}-{uid}" for uid in _text(told[0]).split()]

    def fetch(self, key: str) -> Sequence[Found]:
        """Read a mail; one for each recipient and each sound in it."""
        uid = key.rpartition("-")[2]
        told = self._say("read a mail", lambda c: c.uid("FETCH", uid, "(BODY.PEEK[])"))
        content = next((part[1] for part in told if isinstance(part, tuple)), None)
        if content is None:
            raise RigError(f"inbox: mail {uid} was deleted before it could be read")
        return found_in(content, self._names)

    def send_canary(self, nonce: str) -> None:
        """Append a mail to the mailbox."""
        mail = EmailMessage()
        mail["Subject"] = f"{CANARY_PLACE} {nonce}"
        mail["To"] = f"{CANARY_PLACE}@sayso.invalid"
        mail[_HEADER] = nonce
        mail.set_content(nonce)
        mailbox, content = _quoted(self._options.mailbox), mail.as_bytes(policy=email.policy.SMTP)
        self._say("append a canary", lambda c: c.append(mailbox, "", "", content))

    def close(self) -> None:
        """Log out."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*_FAILED):
                connection.logout()

    def _say(self, what: str, ask: Any) -> Any:
        try:
            connection = self._connection or self._connect()
            kind, told = ask(connection)
        except _FAILED as error:
            self._drop()
            raise self._cannot(what, error) from error
        if kind != "OK":
            raise self._cannot(what, told)
        return told

    def _connect(self) -> imaplib.IMAP4:
        options = self._options
        port = options.port or (993 if options.security == "tls" else 143)
        trusted = ssl.create_default_context(cafile=options.authority)
        if options.security == "tls":
            connection: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                options.host, port, ssl_context=trusted, timeout=_WITHIN_S
            )
        else:
            connection = imaplib.IMAP4(options.host, port, timeout=_WITHIN_S)
        self._connection = connection
        if options.security == "starttls":
            connection.starttls(trusted)
        connection.login(options.user, self._password)
        kind, told = connection.select(_quoted(options.mailbox), readonly=True)
        if kind != "OK":
            raise imaplib.IMAP4.error(f"no mailbox {options.mailbox}: {told}")
        self._check_validity(connection.response("UIDVALIDITY")[1][0])
        return connection

    def _check_validity(self, validity: bytes | None) -> None:
        if validity is None:
            raise imaplib.IMAP4.error("the server tells no UIDVALIDITY: mails have no lasting name")
        if self._validity not in (None, validity):
            raise imaplib.IMAP4.error("the mailbox was made anew while it was watched")
        self._validity = validity

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(*_FAILED):
                connection.shutdown()

    def _cannot(self, what: str, why: object) -> RigError:
        options = self._options
        return RigError(
            f"inbox: could not {what} of {options.user} at {options.host} ({why}): is the server "
            "up, and are `user`, `mailbox`, `security` and the password in "
            f"${options.password.env} right?"
        )


def found_in(content: bytes, names: Mapping[str, str]) -> Sequence[Found]:
    """What a mail holds, once for each recipient and sound. `names`: contacts by small address."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    to = [str(value) for field in ("To", "Cc") for value in mail.get_all(field, [])]
    to = to or [str(value) for value in mail.get_all("Delivered-To", [])]
    addresses = dict.fromkeys(address for _, address in getaddresses(to) if address)
    recipients = [names.get(address.casefold(), address) for address in addresses]
    body = mail.get_body(("plain",))
    text = None if body is None else str(body.get_content()).strip() or None
    sounds = [
        bytes(part.get_payload(decode=True) or b"")
        for part in mail.walk()
        if part.get_content_maintype() == "audio"
    ]
    mark = mail.get(_HEADER)
    return [
        Found(recipient, text, sound, None if mark is None else str(mark))
        for recipient in recipients or ["(nobody)"]
        for sound in sounds or [b""]
    ]


def _quoted(mailbox: str) -> str:
    return '"' + mailbox.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(told: bytes | None) -> str:
    return (told or b"").decode()


class ImapInbox(WatchedInbox):
    """A mailbox, as a rig file names it."""

    options: ClassVar[type[StrictModel]] = ImapInboxText

    def __init__(self, options: ImapInboxText, password: str, clock: Clock) -> None:
        super().__init__(ImapSource(options, password), options.times, clock)

    @classmethod
    def opened(cls, options: ImapInboxText, place: Placed) -> Self:
        """The inbox of a rig file; `UserError` when its password is not in the environment."""
        return cls(options, options.password.value(place.environment), place.clock)
