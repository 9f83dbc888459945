"""A watched folder: in it a folder for each contact, in that a file for each message."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Self

from harness.bench.drivers.inboxes.source import CANARY_PLACE, Found, Source, TimesText
from harness.bench.drivers.inboxes.watched import WatchedInbox
from harness.bench.drivers.placed import Placed
from harness.clock import Clock
from harness.errors import RigError
from harness.forms.fields import Text
from harness.forms.strict import StrictModel

_TEXT = {".txt"}
_SOUND = {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aiff"}


class FolderInboxText(StrictModel):
    """A folder that something outside the harness fills."""

    folder: Text
    """Holds a folder for each contact, named as in the scenes; counted from the working folder."""
    times: TimesText
    """How often it is looked at, and how long a message is on its way."""


class FolderSource(Source):
    """Files, each written once: its name with its inode is what tells it from all others."""

    canary_proves = "that the folder is read; not that anything fills it"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, tuple[int, int]] = {}

    def check(self, contacts: Sequence[str]) -> None:
        """Every contact must have a folder; one that is missing may be missing for a reason."""
        missing = [name for name in contacts if not (self._folder / name).is_dir()]
        if missing:
            raise RigError(
                f"inbox: {self._folder} has no folder for {', '.join(missing)}; make one for each "
                "contact, and have their messages put there"
            )

    def keys(self) -> Sequence[str]:
        """Every file of every contact, by folder, name and inode; hidden ones are in the making."""
        try:
            paths = [path for path in self._folder.glob("*/*") if not path.name.startswith(".")]
            found = []
            for path in sorted(paths):
                stat = path.stat()
                key = f"{path.relative_to(self._folder)}@{stat.st_ino}"
                self._check_unchanged(key, (stat.st_size, stat.st_mtime_ns))
                found.append(key)
            if not self._folder.is_dir():
                raise FileNotFoundError(str(self._folder))
        except OSError as error:
            raise RigError(f"inbox: {self._folder} cannot be read: {error}") from error
        return found

    def fetch(self, key: str) -> Sequence[Found]:
        """Read a file; `RigError` while it is still being written, and for unknown kinds."""
        path = self._folder / key.rpartition("@")[0]
        try:
            before = path.stat()
            content = path.read_bytes()
            after = path.stat()
        except OSError as error:
            raise RigError(f"inbox: {path} cannot be read: {error}") from error
        stamp = after.st_size, after.st_mtime_ns
        if (before.st_size, before.st_mtime_ns) != stamp or len(content) != after.st_size:
            raise RigError(f"inbox: {path} is still being written")
        kind, recipient = path.suffix.lower(), path.parent.name
        if kind in _TEXT:
            text = content.decode(errors="replace")
            self._read[key] = stamp
            return [Found(recipient, text, mark=text if recipient == CANARY_PLACE else None)]
        if kind not in _SOUND or not content:
            raise RigError(
                f"inbox: {path} is no message that can be read (it has {len(content)} bytes): "
                f"messages are {', '.join(sorted(_TEXT | _SOUND))}, each moved there when complete"
            )
        self._read[key] = stamp
        return [Found(recipient, None, content)]

    def send_canary(self, nonce: str) -> None:
        """Put a file there as whatever fills the folder should: made aside, then moved."""
        folder = self._folder / CANARY_PLACE
        making, made = folder / f".{nonce}", folder / f"{nonce}.txt"
        try:
            folder.mkdir(exist_ok=True)
            making.write_text(nonce)
            making.rename(made)
        except OSError as error:
            raise RigError(f"inbox canary: {made} cannot be written: {error}") from error

    def close(self) -> None:
        """Nothing is held."""

    def _check_unchanged(self, key: str, stamp: tuple[int, int]) -> None:
        if self._read.get(key, stamp) != stamp:
            raise RigError(
                f"inbox: {key.rpartition('@')[0]} changed after it was read: each message must be "
                "a file of its own, written aside and moved there"
            )


class FolderInbox(WatchedInbox):
    """A watched folder, as a rig file names it."""

    options: ClassVar[type[StrictModel]] = FolderInboxText

    def __init__(self, options: FolderInboxText, clock: Clock) -> None:
        super().__init__(FolderSource(Path(options.folder)), options.times, clock)

    @classmethod
    def opened(cls, options: FolderInboxText, place: Placed) -> Self:
        """The inbox of a rig file."""
        return cls(options, place.clock)
