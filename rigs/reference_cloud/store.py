"""What the cloud remembers: one SQLite file in WAL mode, whole after a kill at any moment."""

import hashlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rigs.reference_cloud.sound import SPEECH_BYTES_A_SECOND, samples_of, wav_seconds

CANARY_CONTACT_ID = "sayso-canary"
CANARY_CONTACT_NAME = "Sayso Canary"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS account (token TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS contact (
    token TEXT NOT NULL REFERENCES account, id TEXT NOT NULL, name TEXT NOT NULL,
    PRIMARY KEY (token, id));
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL REFERENCES account,
    recipient TEXT NOT NULL, received_unix_s REAL NOT NULL, transcript TEXT, audio BLOB,
    seconds REAL, sha256 TEXT, canary TEXT, idempotency_key TEXT,
    UNIQUE (token, idempotency_key));
CREATE TABLE IF NOT EXISTS upload (
    id TEXT PRIMARY KEY, token TEXT NOT NULL REFERENCES account,
    began_unix_s REAL NOT NULL, complete INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS upload_part (
    upload_id TEXT NOT NULL REFERENCES upload ON DELETE CASCADE,
    at_unix_s REAL NOT NULL, pcm BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS upload_part_of ON upload_part (upload_id);
"""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message as a device handed it in; `received_unix_s` is when its last byte had come."""

    recipient: str
    received_unix_s: float
    transcript: str | None
    audio: bytes | None
    canary: str | None
    idempotency_key: str | None


class Store:
    """Accounts, contacts, messages and uploads. Every method commits before it returns."""

    def __init__(self, path: Path) -> None:
        """Open or make the file at `path`; raises `sqlite3.Error` when that is impossible."""
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;" + _SCHEMA
        )

    @classmethod
    def in_memory(cls) -> "Store":
        """One that keeps nothing once it is closed."""
        return cls(Path(":memory:"))

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._db.close()

    def replace_account(self, token: str, contacts: Sequence[str]) -> None:
        """Give the account exactly these contacts and empty its inboxes and uploads."""
        with self._db:
            self._db.execute("BEGIN IMMEDIATE")
            self._db.execute("INSERT OR IGNORE INTO account VALUES (?)", (token,))
            for table in ("contact", "message", "upload"):
                self._db.execute(f"DELETE FROM {table} WHERE token = ?", (token,))
            self._db.executemany(
                "INSERT INTO contact VALUES (?, ?, ?)",
                [(token, f"c{number}", name) for number, name in enumerate(contacts, 1)],
            )

    def has_account(self, token: str) -> bool:
        """Whether `token` opens an account."""
        return self._one("SELECT 1 FROM account WHERE token = ?", token) is not None

    def contacts(self, token: str) -> list[dict[str, str]]:
        """The contacts of an account, in the order in which they were given."""
        rows = self._db.execute(
            "SELECT id, name FROM contact WHERE token = ? ORDER BY rowid", (token,)
        )
        return [dict(row) for row in rows]

    def contact_name(self, token: str, contact_id: str) -> str | None:
        """The name of a contact, or None; the canary's contact belongs to every account."""
        if contact_id == CANARY_CONTACT_ID:
            return CANARY_CONTACT_NAME
        row = self._one("SELECT name FROM contact WHERE token = ? AND id = ?", token, contact_id)
        return None if row is None else str(row["name"])

    def deliver(self, token: str, message: NewMessage) -> str:
        """Put a message into its recipient's inbox and return its id.

        A second one with the same idempotency key is not delivered: the first one's id comes back.
        """
        audio = message.audio
        values = (
            token,
            message.recipient,
            message.received_unix_s,
            message.transcript,
            audio,
            None if audio is None else wav_seconds(audio),
            None if audio is None else hashlib.sha256(audio).hexdigest(),
            message.canary,
            message.idempotency_key,
        )
        row = self._one(
            "INSERT INTO message (token, recipient, received_unix_s, transcript, audio, seconds,"
            " sha256, canary, idempotency_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (token, idempotency_key) DO UPDATE SET token = token RETURNING id",
            *values,
        )
        assert row is not None
        return f"m{row['id']}"

    def inbox(self, token: str) -> list[dict[str, object]]:
        """All messages of an account, oldest first."""
        rows = self._db.execute(
            "SELECT 'm' || id AS id, recipient, received_unix_s, seconds, transcript, sha256,"
            " canary FROM message WHERE token = ? ORDER BY received_unix_s, message.id",
            (token,),
        )
        return [dict(row) for row in rows]

    def message_audio(self, message_id: str) -> bytes | None:
        """The sound of a message (empty when it has none); None when there is no such message."""
        row = self._one("SELECT audio FROM message WHERE 'm' || id = ?", message_id)
        return None if row is None else bytes(row["audio"] or b"")

    def begin_upload(self, token: str, upload_id: str, began_unix_s: float) -> None:
        """Note that speech is coming in; does nothing when it is noted already."""
        self._db.execute(
            "INSERT OR IGNORE INTO upload (id, token, began_unix_s) VALUES (?, ?, ?)",
            (upload_id, token, began_unix_s),
        )

    def add_speech(self, upload_id: str, at_unix_s: float, pcm: bytes) -> None:
        """Keep a piece of speech that arrived at `at_unix_s`."""
        self._db.execute("INSERT INTO upload_part VALUES (?, ?, ?)", (upload_id, at_unix_s, pcm))

    def complete_upload(self, upload_id: str) -> None:
        """Note that the speech came in whole."""
        self._db.execute("UPDATE upload SET complete = 1 WHERE id = ?", (upload_id,))

    def uploads(self, token: str) -> list[dict[str, object]]:
        """All uploads of an account, oldest first, those cut short or still coming included."""
        rows = self._db.execute(
            "SELECT id, coalesce(min(at_unix_s), began_unix_s) AS first_unix_s,"
            " coalesce(max(at_unix_s), began_unix_s) AS last_unix_s,"
            " coalesce(sum(length(pcm)), 0) AS bytes, complete FROM upload"
            " LEFT JOIN upload_part ON upload_id = id WHERE token = ?"
            " GROUP BY id ORDER BY first_unix_s",
            (token,),
        )
        return [_upload(row) for row in rows]

    def digests(self, token: str) -> list[str]:
        """SHA-256 of the samples of all speech and messages that came in from an account."""
        speech = self._db.execute(
            "SELECT upload_id, pcm FROM upload_part JOIN upload ON upload_id = id"
            " WHERE token = ? ORDER BY upload_part.rowid",
            (token,),
        )
        whole: dict[str, bytes] = {}
        for row in speech:
            whole[row["upload_id"]] = whole.get(row["upload_id"], b"") + row["pcm"]
        sent = self._db.execute("SELECT audio FROM message WHERE token = ?", (token,))
        sounds = [*whole.values(), *(samples_of(r["audio"]) for r in sent if r["audio"])]
        return [hashlib.sha256(sound).hexdigest() for sound in sounds]

    def _one(self, query: str, *values: object) -> sqlite3.Row | None:
        rows: list[sqlite3.Row] = self._db.execute(query, values).fetchall()
        return rows[0] if rows else None


def _upload(row: sqlite3.Row) -> dict[str, object]:
    return {
        "id": row["id"],
        "first_unix_s": row["first_unix_s"],
        "last_unix_s": row["last_unix_s"],
        "seconds": row["bytes"] / SPEECH_BYTES_A_SECOND,
        "bytes": row["bytes"],
        "complete": bool(row["complete"]),
    }
