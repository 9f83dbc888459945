"""Accounts, what they allow, and both shelves of their recordings."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rigs.reference_cloud.services.clock import CloudClock
from rigs.reference_cloud.services.shelf import INTERACTION, MESSAGE, Recording, Shelf

SYNC_S = 12 * 3600.0
"""The replica hears of a deletion so much later."""
ANSWER_S = 8.0
"""What somebody says within this time belongs to what was said before."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS owner (
    number INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT UNIQUE NOT NULL, name TEXT NOT NULL,
    communications INTEGER NOT NULL DEFAULT 1, review_since_unix_s REAL);
CREATE TABLE IF NOT EXISTS purge (
    recording_id TEXT PRIMARY KEY, due_unix_s REAL NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """An account: its number, what it is called, and what it allows.

    `review_since_unix_s`: since when people may hear its recordings, None where they may not.
    """

    number: int
    token: str
    name: str
    communications: bool = True
    review_since_unix_s: float | None = None

    @property
    def human_review(self) -> bool:
        """Whether people may hear its recordings."""
        return self.review_since_unix_s is not None


class Records:
    """Everything that is kept, and for whom. Every method commits before it returns."""

    def __init__(self, folder: Path, clock: CloudClock) -> None:
        """Open or make it in `folder`; `OSError` or `sqlite3.Error` when that is impossible."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder, self.clock = folder, clock
        self.working, self.replica = Shelf(folder, "working"), Shelf(folder, "replica")
        self._db = sqlite3.connect(folder / "owners.sqlite3", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def close(self) -> None:
        """Close all files; safe to call twice."""
        for part in (self.working, self.replica, self._db):
            part.close()

    # Owners -----------------------------------------------------------------------------------

    def open_account(self, token: str, name: str) -> Owner:
        """An account that allows the usual and holds nothing, whatever it held before."""
        self._db.execute(
            "INSERT INTO owner (token, name) VALUES (?, ?) ON CONFLICT (token) DO UPDATE SET"
            " name = excluded.name, communications = 1, review_since_unix_s = NULL",
            (token, name),
        )
        for shelf in (self.working, self.replica):
            shelf.drop([each.id for each in shelf.of(token)])
        return self.owner(token)

    def owner(self, token: str) -> Owner:
        """Whose token it is; one that nobody opened allows the usual."""
        row = self._db.execute("SELECT * FROM owner WHERE token = ?", (token,)).fetchone()
        return _owner(row) if row is not None else Owner(0, token, "")

    def owners(self) -> tuple[Owner, ...]:
        """All accounts by their numbers."""
        rows = self._db.execute("SELECT * FROM owner ORDER BY number").fetchall()
        return tuple(_owner(row) for row in rows)

    def allow(self, token: str, communications: bool | None, human_review: bool | None) -> Owner:
        """Change what is not None."""
        is_now = self.owner(token)
        sends = is_now.communications if communications is None else communications
        since_s = is_now.review_since_unix_s
        if human_review is not None:
            # What was recorded before somebody agreed was not agreed to.
            since_s = (since_s or self.clock.now_s()) if human_review else None
        self._db.execute(
            "UPDATE owner SET communications = ?, review_since_unix_s = ? WHERE token = ?",
            (sends, since_s, token),
        )
        return self.owner(token)

    def may_send(self, token: str) -> bool:
        """Whether the account lets messages out."""
        return self.owner(token).communications

    # Recordings -------------------------------------------------------------------------------

    def begin(self, token: str, recording_id: str) -> None:
        """Speech begins to come in."""
        now_s = self.clock.now_s()
        if self.working.get(recording_id) is None:
            self.working.put(Recording(recording_id, token, INTERACTION, now_s, now_s))

    def add(self, recording_id: str, pcm: bytes) -> None:
        """More of it has come."""
        known = self.working.get(recording_id)
        if known is not None:
            self.working.put(replace(known, until_unix_s=self.clock.now_s()))
            self.working.add_sound(recording_id, pcm)

    def keep_message(self, recording: Recording, pcm: bytes | None) -> None:
        """A message went out."""
        self.working.put(recording)
        self.working.drop_sound(recording.id)  # sent again, it is delivered and kept once
        if pcm is not None:
            self.working.add_sound(recording.id, pcm)

    def history(self, token: str) -> tuple[Recording, ...]:
        """What the owner is shown, oldest first."""
        return self.working.of(token)

    def sound(self, token: str, recording_id: str) -> bytes | None:
        """A recording of the owner's, to be heard again; None where there is none."""
        known = self.working.get(recording_id)
        return self.working.sound(recording_id) if known and known.token == token else None

    def last_message(self, token: str) -> bytes | None:
        """The sound of the message that was sent last and is still kept; None where none is."""
        sent = [each for each in self.working.of(token) if each.kind == MESSAGE]
        return self.working.sound(sent[-1].id) if sent else None

    def meant(self, recording: Recording) -> bool:
        """Whether it led to a message, as far as times tell: no cloud knows what was meant."""
        until_s = recording.until_unix_s
        for later in self.working.of(recording.token):
            if later.from_unix_s < recording.from_unix_s or later.from_unix_s > until_s + ANSWER_S:
                continue
            if later.kind == MESSAGE:
                return True
            until_s = max(until_s, later.until_unix_s)
        return False

    # Deletion and the replica -----------------------------------------------------------------

    def delete(self, token: str, recording_ids: Sequence[str]) -> int:
        """Delete those of them that are the owner's; how many these were."""
        self.sync()
        mine = [each.id for each in self.working.of(token) if each.id in set(recording_ids)]
        self.working.drop(mine)
        due_s = self.clock.later_s() + SYNC_S
        self._db.executemany(
            "INSERT OR IGNORE INTO purge VALUES (?, ?)", [(i, due_s) for i in mine]
        )
        return len(mine)

    def sync(self) -> None:
        """Let the replica catch up: with what is new at once, with deletions when they are due."""
        gone = {row["recording_id"] for row in self._db.execute("SELECT recording_id FROM purge")}
        for recording in self.working.everything():
            if recording.id not in gone:
                self._copy(recording)
        due = "SELECT recording_id FROM purge WHERE due_unix_s <= ?"
        for row in self._db.execute(due, (self.clock.later_s(),)).fetchall():
            self.purge_replica(row["recording_id"])

    def purge_replica(self, recording_id: str) -> None:
        """A deletion has reached the replica."""
        self.replica.drop([recording_id])

    def _copy(self, recording: Recording) -> None:
        if self.replica.get(recording.id) == recording:
            return
        self.replica.put(recording)
        self.replica.drop_sound(recording.id)
        pcm = self.working.sound(recording.id)
        if pcm is not None:
            self.replica.add_sound(recording.id, pcm)


def _owner(row: sqlite3.Row) -> Owner:
    return Owner(
        row["number"],
        row["token"],
        row["name"],
        bool(row["communications"]),
        row["review_since_unix_s"],
    )
