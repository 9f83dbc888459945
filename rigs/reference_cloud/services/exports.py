"""Exports: asked for, made by a job a little later, and fetched by a link that comes by mail."""

import hashlib
import io
import json
import sqlite3
import wave
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rigs.reference_cloud.services.records import Owner, Records
from rigs.reference_cloud.services.shelf import Recording
from rigs.reference_cloud.sound import SPEECH_RATE_HZ

JOB_S = 3.0
"""A job is done so long after it was asked for, at the earliest."""
LINK_S = 24 * 3600.0
"""A link is good for so long."""
CONTINUE_S = 600.0
"""A download that broke off may be continued for so long."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS job (
    id INTEGER PRIMARY KEY AUTOINCREMENT, owner_number INTEGER NOT NULL, asked_unix_s REAL NOT NULL,
    link TEXT UNIQUE, done_unix_s REAL, fetched INTEGER NOT NULL DEFAULT 0, fetched_unix_s REAL);
CREATE TABLE IF NOT EXISTS letter (
    id INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL, link TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Job:
    """One export: for which account, by which link, when done, how often and when first fetched."""

    id: int
    owner_number: int
    link: str
    done_unix_s: float
    fetched: int
    fetched_unix_s: float | None = None


class Exports:
    """Makes archives of the replica, as makers do, whose working database has no time for it."""

    def __init__(self, folder: Path, records: Records, new_id: Callable[[], str]) -> None:
        """`new_id` makes what nobody can guess."""
        self._folder = folder / "exports"
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.records, self._new_id = records, new_id
        self._db = sqlite3.connect(folder / "exports.sqlite3", isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._db.close()

    def ask(self, token: str) -> None:
        """The owner wants an export of all recordings."""
        number, now_s = self.records.owner(token).number, self.records.clock.later_s()
        self._db.execute(
            "INSERT INTO job (owner_number, asked_unix_s) VALUES (?, ?)", (number, now_s)
        )

    def work(self) -> None:
        """Do the jobs that are due: archive, link, letter."""
        self.records.sync()
        now_s = self.records.clock.later_s()
        due = "SELECT id, owner_number FROM job WHERE link IS NULL AND asked_unix_s <= ?"
        for row in self._db.execute(due, (now_s - JOB_S,)).fetchall():
            link = self.link_of(row["id"])
            archive = self._archive(self.whose(row["owner_number"]))
            (self._folder / f"{row['id']}.zip").write_bytes(archive)
            self._db.execute(
                "UPDATE job SET link = ?, done_unix_s = ? WHERE id = ?", (link, now_s, row["id"])
            )
            asked = [o for o in self.records.owners() if o.number == row["owner_number"]]
            letters = [(owner.token, link) for owner in asked]
            self._db.executemany("INSERT INTO letter (token, link) VALUES (?, ?)", letters)

    def letters(self, token: str) -> tuple[str, ...]:
        """The links that were mailed to an owner, oldest first."""
        self.work()
        rows = self._db.execute("SELECT link FROM letter WHERE token = ? ORDER BY id", (token,))
        return tuple(row["link"] for row in rows)

    def refused(self, link: str, token: str, mark: str | None = None) -> tuple[int, str] | None:
        """HTTP status and reason why nobody with this token gets what the link names; else None.

        `mark`: what came with the first part, of somebody who wants the rest.
        """
        job = self._job(link)
        if not self.signed_in(token):
            return 401, "sign in first"
        if job is None:
            return 404, "no such export"
        if not self.may_have(job, self.records.owner(token)):
            return 403, "this export is another account's"
        if not self.is_new(job) and not self._continues(job, mark):
            return 410, "this link was used before: ask for another export"
        if not self.is_fresh(job):
            return 410, "this link has expired: ask for another export"
        return None

    def fetch(self, link: str) -> tuple[bytes, str]:
        """The archive of a link that `refused` has let through, and its mark."""
        job = self._job(link)
        assert job is not None
        self._db.execute(
            "UPDATE job SET fetched = fetched + 1, fetched_unix_s = coalesce(fetched_unix_s, ?)"
            " WHERE id = ?",
            (self.records.clock.later_s(), job.id),
        )
        return self._content(job), self._mark(job)

    # Each of these is one promise. ------------------------------------------------------------

    def whose(self, owner_number: int) -> Owner:
        """Whose recordings a job collects."""
        return {owner.number: owner for owner in self.records.owners()}[owner_number]

    def link_of(self, job_id: int) -> str:
        """The link of a job."""
        return self._new_id()

    def signed_in(self, token: str) -> bool:
        """Whether a token is some account's."""
        return self.records.owner(token).number > 0

    def may_have(self, job: Job, owner: Owner) -> bool:
        """Whether an export is this owner's."""
        return job.owner_number == owner.number

    def is_new(self, job: Job) -> bool:
        """Whether its link was not used yet."""
        return job.fetched == 0

    def is_fresh(self, job: Job) -> bool:
        """Whether its link has not expired."""
        return self.records.clock.later_s() < job.done_unix_s + LINK_S

    # ------------------------------------------------------------------------------------------

    def _continues(self, job: Job, mark: str | None) -> bool:
        """Whether somebody has the first part, and wants the rest in time."""
        began_s, now_s = job.fetched_unix_s, self.records.clock.later_s()
        in_time = began_s is not None and now_s < began_s + CONTINUE_S
        return mark is not None and in_time and mark == self._mark(job)

    def _mark(self, job: Job) -> str:
        """What nobody can know who was never given a part of it."""
        return hashlib.sha256(self._content(job)).hexdigest()

    def _content(self, job: Job) -> bytes:
        return (self._folder / f"{job.id}.zip").read_bytes()

    def _job(self, link: str) -> Job | None:
        columns = "id, owner_number, link, done_unix_s, fetched, fetched_unix_s"
        row = self._db.execute(f"SELECT {columns} FROM job WHERE link = ?", (link,)).fetchone()
        return None if row is None else Job(**dict(row))

    def _archive(self, owner: Owner) -> bytes:
        content, index = io.BytesIO(), list[dict[str, object]]()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
            for number, recording in enumerate(self.records.replica.of(owner.token), 1):
                pcm = self.records.replica.sound(recording.id)
                name = None if pcm is None else f"recordings/{number:05d}.wav"
                if name is not None and pcm is not None:
                    archive.writestr(name, wav(pcm))
                index.append(_told(recording, name))
            archive.writestr("index.json", json.dumps({"recordings": index}, indent=1))
        return content.getvalue()


def _told(recording: Recording, name: str | None) -> dict[str, object]:
    return {
        "id": recording.id,
        "file": name,
        "recorded_unix_s": recording.from_unix_s,
        "transcript": recording.transcript,
        "recipient": recording.recipient,
    }


def wav(pcm: bytes) -> bytes:
    """Sound as a WAV file."""
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SPEECH_RATE_HZ)
        file.writeframes(pcm)
    return content.getvalue()
