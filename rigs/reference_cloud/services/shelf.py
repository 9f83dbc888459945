"""One database with a folder of sound: the working one, or its replica."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rigs.reference_cloud.sound import SPEECH_BYTES_A_SECOND

INTERACTION, MESSAGE = "interaction", "message"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS recording (
    id TEXT PRIMARY KEY, token TEXT NOT NULL, kind TEXT NOT NULL, from_unix_s REAL NOT NULL,
    until_unix_s REAL NOT NULL, recipient TEXT, transcript TEXT, profile TEXT);
CREATE INDEX IF NOT EXISTS recording_of ON recording (token, from_unix_s);
"""


@dataclass(frozen=True, slots=True)
class Recording:
    """What a device handed in: speech (`interaction`), or a message and its `recipient`.

    `profile`: the voice profile that the cloud took the speaker for, None where none fits.
    """

    id: str
    token: str
    kind: str
    from_unix_s: float
    until_unix_s: float
    recipient: str | None = None
    transcript: str | None = None
    profile: str | None = None


_COLUMNS = tuple(Recording.__dataclass_fields__)


class Shelf:
    """Recordings in SQLite, their sound (s16le, 16 kHz, mono) as files beside it."""

    def __init__(self, folder: Path, name: str) -> None:
        """Open or make it; raises `OSError` or `sqlite3.Error` when that is impossible."""
        self._sound = folder / name
        self._sound.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._db = sqlite3.connect(folder / f"{name}.sqlite3", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._db.close()

    def put(self, recording: Recording) -> None:
        """Keep it, in place of what has its id. `OSError` where the disk does not take it, as for
        its sound.
        """
        marks = ", ".join(f":{name}" for name in _COLUMNS)
        query = f"INSERT OR REPLACE INTO recording VALUES ({marks})"
        try:
            self._db.execute(query, asdict(recording))
        except sqlite3.OperationalError as error:
            raise OSError(
                f"the disk of {self._sound} is full, or does not work: {error}"
            ) from error

    def add_sound(self, recording_id: str, pcm: bytes) -> None:
        """Append sound to a recording."""
        with self._file(recording_id).open("ab") as file:
            file.write(pcm)

    def get(self, recording_id: str) -> Recording | None:
        """A recording; None where it is not there."""
        found = self._rows("SELECT * FROM recording WHERE id = ?", recording_id)
        return next(found, None)

    def of(self, token: str) -> tuple[Recording, ...]:
        """All of an account, oldest first."""
        return tuple(
            self._rows("SELECT * FROM recording WHERE token = ? ORDER BY from_unix_s, id", token)
        )

    def everything(self) -> tuple[Recording, ...]:
        """All of all accounts."""
        return tuple(self._rows("SELECT * FROM recording ORDER BY from_unix_s, id"))

    def sound(self, recording_id: str) -> bytes | None:
        """Its sound; None where there is none."""
        try:
            return self._file(recording_id).read_bytes()
        except FileNotFoundError:
            return None

    def drop(self, recording_ids: Sequence[str]) -> None:
        """Forget words and sound of these."""
        for recording_id in recording_ids:
            self._db.execute("DELETE FROM recording WHERE id = ?", (recording_id,))
            self.drop_sound(recording_id)

    def drop_sound(self, recording_id: str) -> None:
        """Forget its sound, and keep its words."""
        self._file(recording_id).unlink(missing_ok=True)

    def _file(self, recording_id: str) -> Path:
        # Ids are the cloud's own; whatever else is asked for lies nowhere.
        name = recording_id if recording_id.isalnum() else "-"
        return self._sound / f"{name}.pcm"

    def _rows(self, query: str, *values: object) -> Iterator[Recording]:
        for row in self._db.execute(query, values).fetchall():
            yield Recording(**dict(row))


def seconds(pcm: bytes | None) -> float | None:
    """How long sound is; None where there is none."""
    return None if pcm is None else len(pcm) / SPEECH_BYTES_A_SECOND
