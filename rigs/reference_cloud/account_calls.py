"""What the cloud does when an owner calls: plain functions from a call to an answer."""

import hashlib
import json
from collections.abc import Sequence

from rigs.reference_cloud.calls import Answer, Archive, refusal
from rigs.reference_cloud.services.exports import wav
from rigs.reference_cloud.services.records import Records
from rigs.reference_cloud.services.service import Services
from rigs.reference_cloud.services.shelf import INTERACTION, Recording, seconds
from rigs.reference_cloud.store import Store


class OwnerCalls:
    """History, deletion, export, settings and review queue, for the owner of a known token."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def settings(self, token: str) -> Answer:
        """GET /v1/account/settings."""
        owner = self._services.records.owner(token)
        return Answer(
            200,
            {
                "account": owner.name,
                "communications": owner.communications,
                "human_review": owner.human_review,
                "saving": True,
                "voice_profiles": list(self._services.voices[token].names),
            },
        )

    def change(self, token: str, body: bytes) -> Answer:
        """PUT /v1/account/settings with what is to change."""
        try:
            wanted = json.loads(body)
        except ValueError:
            return refusal(400, "the body is not JSON")
        names = {"communications", "human_review"}
        if not isinstance(wanted, dict) or set(wanted) - names:
            return refusal(400, f"what can be changed is {', '.join(sorted(names))}")
        if not all(isinstance(value, bool) for value in wanted.values()):
            return refusal(400, "a setting is true or false")
        given = wanted.get("communications"), wanted.get("human_review")
        self._services.records.allow(token, *given)
        return self.settings(token)

    def history(self, token: str) -> Answer:
        """GET /v1/account/history: all of it, oldest first."""
        records = self._services.records
        told = [self._entry(records, entry) for entry in records.history(token)]
        return Answer(200, {"saving": True, "entries": told})

    def audio(self, token: str, recording_id: str) -> Answer:
        """GET /v1/account/history/ID/audio."""
        pcm = self._services.records.sound(token, recording_id)
        return refusal(404, "no such recording") if pcm is None else Answer(200, wav=wav(pcm))

    def delete(self, token: str, recording_ids: Sequence[str]) -> Answer:
        """DELETE /v1/account/history?id=...: these."""
        return Answer(200, {"deleted": self._services.records.delete(token, recording_ids)})

    def delete_between(self, token: str, from_unix_s: float, until_unix_s: float) -> Answer:
        """DELETE /v1/account/history?from=...&until=...: what began in the span."""
        entries = self._services.records.working.of(token)
        meant = [e.id for e in entries if from_unix_s <= e.from_unix_s <= until_unix_s]
        return self.delete(token, meant)

    def delete_all(self, token: str) -> Answer:
        """DELETE /v1/account/history."""
        every = [entry.id for entry in self._services.records.working.of(token)]
        return self.delete(token, every)

    def ask_export(self, token: str) -> Answer:
        """POST /v1/account/exports: a link comes by mail."""
        self._services.exports.ask(token)
        return Answer(202, {"told": "a link will come by mail"})

    def fetch(self, token: str, link: str, begins: int = 0, mark: str | None = None) -> Answer:
        """GET /v1/exports/LINK: the archive, to its owner, once.

        `begins`, `mark`: from which byte on, of somebody whose download broke off; else None.
        """
        refused = self._services.exports.refused(link, token, mark)
        if refused is not None:
            return refusal(*refused)
        content, its_mark = self._services.exports.fetch(link)
        total = len(content)
        if begins >= total:
            return refusal(416, f"it has {total} bytes")
        archive = Archive(content[begins:], its_mark, begins, total)
        return Answer(200 if mark is None else 206, archive=archive)

    def review(self, token: str) -> Answer:
        """GET /v1/account/review: what people will hear."""
        clips = self._services.review.queue(token)
        told = [
            {
                "id": clip.id,
                "recorded_unix_s": clip.recorded_unix_s,
                "beside": clip.beside,
                "transcript": clip.transcript,
            }
            for clip in clips
        ]
        return Answer(200, {"items": told})

    def enroll(self, token: str, name: str, pcm: bytes, own: Sequence[str] = ()) -> Answer:
        """PUT /v1/account/voices/NAME?contact=... with speech (s16le, 16 kHz, mono); `own`: full
        names of contacts that are this person's alone.
        """
        if not self._services.voices[token].enroll(name, pcm, own):
            return refusal(400, "no voice can be made out in this")
        return Answer(204)

    def _entry(self, records: Records, entry: Recording) -> dict[str, object]:
        pcm = records.sound(entry.token, entry.id)
        return {
            "id": entry.id,
            "kind": entry.kind,
            "from_unix_s": entry.from_unix_s,
            "until_unix_s": entry.until_unix_s,
            "recipient": entry.recipient,
            "transcript": entry.transcript,
            "seconds": seconds(pcm),
            "sha256": None if pcm is None else hashlib.sha256(pcm).hexdigest(),
            "accidental": entry.kind == INTERACTION and not records.meant(entry),
            "account": records.owner(entry.token).name,
            "profile": entry.profile,
        }


class KeeperCalls:
    """What the operator does with accounts: opens them, reads their mail, lets time pass."""

    def __init__(self, store: Store, services: Services) -> None:
        self._store, self._services = store, services

    def open_account(self, token: str, name: str) -> Answer:
        """PUT /operator/owner: an account that holds nothing and allows the usual."""
        if not self._store.has_account(token):
            self._store.replace_account(token, ())
        self._services.open_account(token, name)
        return Answer(204)

    def mail(self, token: str) -> Answer:
        """GET /operator/mail: the links that were mailed to an owner, oldest first."""
        return Answer(200, {"links": list(self._services.exports.letters(token))})

    def let_pass(self, hours: float) -> Answer:
        """POST /operator/time: syncs, links and deadlines are so much further."""
        try:
            self._services.clock.let_pass(hours * 3600.0)
        except ValueError as error:
            return refusal(400, str(error))
        return self.time()

    def time(self) -> Answer:
        """GET /operator/time: what syncs, links and deadlines go by."""
        return Answer(200, {"unix_s": self._services.clock.later_s()})

    def witness(self, token: str) -> Answer:
        """GET /operator/witness: SHA-256 of the samples of all that the account's device sent."""
        return Answer(200, {"sha256": self._store.digests(token)})
