"""Phones of the recipients, by adb: on commercial speakers a message arrives in an app.

What counts as a message is either each notification that the app shows, or each file that it puts
into a folder. Both for one message would count it twice, so the rig file says which.
"""

import hashlib
import posixpath
import re
import shlex
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from harness.bench.drivers.inboxes.adb_wire import PORT, Phone
from harness.bench.drivers.inboxes.source import CANARY_PLACE, Found, Source, TimesText
from harness.bench.drivers.inboxes.watched import WatchedInbox
from harness.bench.drivers.placed import Placed
from harness.clock import Clock
from harness.errors import RigError
from harness.forms.fields import Name, Text
from harness.forms.strict import StrictModel

_RECORD = re.compile(r"^ {2,}NotificationRecord\(.*\bpkg=(\S+)", re.MULTILINE)
_KEY = re.compile(r"^ +key=(.+)$", re.MULTILINE)
_WHEN = re.compile(r"^ +when=([1-9]\d*)", re.MULTILINE)
_UPDATED = re.compile(r"^ +mUpdateTimeMs=(\d+)", re.MULTILINE)
_FLAGS = re.compile(r"^ +flags=(\S+)", re.MULTILINE)
_EXTRA = re.compile(
    r"^ +android\.(title|text|bigText)=\w+ \((.*?)\)$(?=\n +(?:[\w.]+=|\}))",
    re.MULTILINE | re.DOTALL,
)
_DUMP = "Current Notification Manager state"
_LIST = "Notification List:"
_SECTION = re.compile(r"^ {2}(?=\S)(?!NotificationRecord)", re.MULTILINE)
_SUMMARY = 0x200
_SHELL = "com.android.shell"
_APP = re.compile(r"[A-Za-z]\w*(\.\w+)+")


class PhoneInboxText(StrictModel):
    """The phones, and what on them is a message."""

    phones: dict[Name, Text] = Field(min_length=1)
    """Whose phone it is, and its serial number as `adb devices` prints it."""
    messages: Literal["notifications", "files"]
    """What is a message: each notification of `app`, or each file in `folder`."""
    app: Text | None = None
    """For notifications: the app's package name, such as com.amazon.dee.app."""
    folder: Text | None = None
    """For files: the folder on the phone that the app puts them into."""
    host: Text = "127.0.0.1"
    """Where the adb server runs."""
    port: Annotated[int, Field(ge=1, le=65535)] = PORT
    """And on which port."""
    times: TimesText
    """How often it is looked at, and how long a message is on its way."""

    @model_validator(mode="after")
    def _says_what(self) -> Self:
        wanted = self.app if self.messages == "notifications" else self.folder
        if wanted is None:
            missing = "app" if self.messages == "notifications" else "folder"
            raise ValueError(f"has `messages: {self.messages}` and no `{missing}`")
        if self.app is not None and not _APP.fullmatch(self.app):
            raise ValueError(f"names the app `{self.app}`; write its package, such as com.some.app")
        return self


class _Phones(Source):
    """Every key begins with whose phone it is."""

    def __init__(self, options: PhoneInboxText) -> None:
        self._phones = {
            name: Phone(serial, options.host, options.port)
            for name, serial in options.phones.items()
        }

    def check(self, contacts: Sequence[str]) -> None:
        """Every contact must have a phone."""
        missing = [name for name in contacts if name not in self._phones]
        if missing:
            raise RigError(
                f"inbox: there is no phone of {', '.join(missing)}; a message to them would go "
                "unseen. Add it to the inbox's `phones`"
            )

    def close(self) -> None:
        """Nothing is held."""


class NotificationSource(_Phones):
    """What an app shows, by `dumpsys notification`; an update of what it shows is a message too."""

    canary_proves = "that the phones' notifications are read; not that the app gets any"

    def __init__(self, options: PhoneInboxText) -> None:
        super().__init__(options)
        self._app = options.app or ""
        self._found: dict[str, Found] = {}

    def keys(self) -> Sequence[str]:
        """The notifications that are shown now, by their keys and times."""
        self._found.clear()
        for owner, phone in self._phones.items():
            said = phone.shell("dumpsys notification --noredact")
            if _DUMP not in said:
                raise RigError(
                    f"inbox: `dumpsys notification` of {owner}'s phone lists no notifications "
                    f"({said[:80]!r}): this Android says it in another way"
                )
            for key, package, found in shown(said, owner):
                if package in (self._app, _SHELL):
                    self._found[f"{owner}/{key}"] = found
        return list(self._found)

    def fetch(self, key: str) -> Sequence[Found]:
        """What it showed when it was listed."""
        if key not in self._found:
            raise RigError(f"inbox: the notification {key} went away before it was read")
        return [self._found[key]]

    def send_canary(self, nonce: str) -> None:
        """Have the first phone post a notification (Android 10 and later)."""
        phone = next(iter(self._phones.values()))
        words = ["cmd", "notification", "post", "-t", CANARY_PLACE, f"sayso-{nonce}", nonce]
        phone.shell(shlex.join(words))


class FileSource(_Phones):
    """What an app puts into a folder of the phone."""

    canary_proves = "that the phones' folder is read; not that the app puts anything there"

    def __init__(self, options: PhoneInboxText) -> None:
        super().__init__(options)
        self._folder = options.folder or ""
        self._sizes: dict[str, int] = {}

    def keys(self) -> Sequence[str]:
        """The files in the folder, by name; that it exists is asked first."""
        found: dict[str, int] = {}
        for owner, phone in self._phones.items():
            phone.shell(f"test -d {shlex.quote(self._folder)}")
            for file in phone.files(self._folder):
                if file.regular and not file.name.startswith("."):
                    found[f"{owner}/{file.name}"] = file.size
        grown = [key for key, size in self._sizes.items() if found.get(key, size) != size]
        if grown:
            raise RigError(f"inbox: {grown[0]} changed on the phone after it was pulled")
        return list(found)

    def fetch(self, key: str) -> Sequence[Found]:
        """Pull it, once it has stopped growing."""
        owner, _, name = key.partition("/")
        phone, path = self._phones[owner], posixpath.join(self._folder, name)
        before = {file.name: file.size for file in phone.files(self._folder)}.get(name)
        content = phone.pull(path)
        if not content or before != len(content):
            raise RigError(f"inbox: {path} on {owner}'s phone is still being written")
        self._sizes[key] = len(content)
        if name.startswith(CANARY_PLACE):
            text = content.decode(errors="replace").strip()
            return [Found(owner, text, mark=text)]
        return [Found(owner, None, content)]

    def send_canary(self, nonce: str) -> None:
        """Write a file into the first phone's folder."""
        path = posixpath.join(self._folder, f"{CANARY_PLACE}-{nonce}.txt")
        phone = next(iter(self._phones.values()))
        phone.shell(f"echo {shlex.quote(nonce)} > {shlex.quote(path)}")


def shown(dump: str, owner: str) -> list[tuple[str, str, Found]]:
    """Key, package and message of every notification in a dump (as Android 8 to 16 print it).

    Only what is shown now: an archive of what was shown follows. The summary that stands above a
    group of notifications is none of them.
    """
    now = _SECTION.split(dump.partition(_LIST)[2], maxsplit=1)[0]
    heads = list(_RECORD.finditer(now))
    ends = [*(head.start() for head in heads[1:]), len(now)]
    found = []
    for head, end in zip(heads, ends, strict=False):
        record = now[head.start() : end]
        if not _is_summary(record):
            found.append(_read(record, head[1], owner))
    return found


def _read(record: str, package: str, owner: str) -> tuple[str, str, Found]:
    key, when = _KEY.search(record), _WHEN.search(record) or _UPDATED.search(record)
    if key is None or when is None:
        raise RigError(
            f"inbox: a notification on {owner}'s phone is not as known Androids tell it: "
            f"{record[:200]!r}"
        )
    said = dict(_EXTRA.findall(record))
    text = said.get("bigText") or said.get("text")
    mark = text if package == _SHELL and said.get("title") == CANARY_PLACE else None
    # An app may add a message to a notification that is shown already: another time or text.
    digest = hashlib.sha256((text or "").encode()).hexdigest()[:8]
    return f"{key[1].strip()}@{when[1]}-{digest}", package, Found(owner, text, mark=mark)


def _is_summary(record: str) -> bool:
    flags = _FLAGS.search(record)
    if flags is None:
        return False
    if flags[1].startswith("0x"):
        return bool(int(flags[1], 16) & _SUMMARY)
    return "GROUP_SUMMARY" in flags[1].split("|")


class PhoneInbox(WatchedInbox):
    """Phones by adb, as a rig file names them."""

    options: ClassVar[type[StrictModel]] = PhoneInboxText

    def __init__(self, options: PhoneInboxText, clock: Clock) -> None:
        notifications = options.messages == "notifications"
        source = NotificationSource(options) if notifications else FileSource(options)
        super().__init__(source, options.times, clock)

    @classmethod
    def opened(cls, options: PhoneInboxText, place: Placed) -> Self:
        """The inbox of a rig file."""
        return cls(options, place.clock)
