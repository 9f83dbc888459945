"""An account of the reference cloud: asked as its owner does, over whatever carries the calls."""

import json
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from harness.bench.drivers.cloud_archive import read_archive
from harness.bench.ports.account import (
    NO_CONTACTS,
    Account,
    AccountSettings,
    Delivered,
    Export,
    History,
    HistoryItem,
    ReviewItem,
)
from harness.errors import RigError
from harness.model.account import Stranger

NEIGHBOUR = "sayso-neighbour"
"""Token of the account beside: a stranger to ours, with recordings of its own."""

_MAIL_S = 30.0
_POLL_S = 0.5
_NEAR_LINKS = 3
_NEIGHBOURS_S = (1.2, 2.1, 3.4)
_RATE_HZ = 16_000
_LINK_DAY_H = 25.0


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back: an HTTP status, and the body."""

    status: int
    body: bytes


class Carrier(Protocol):
    """Takes a call to the cloud: over HTTPS and a Unix socket, or by function."""

    def owner(self, method: str, path: str, token: str, body: bytes = b"") -> Answered:
        """As somebody who is signed in with `token`, or not at all where it is empty."""
        ...

    def operator(self, method: str, path: str, body: bytes = b"") -> Answered:
        """As the operator of the cloud."""
        ...


class Waits(Protocol):
    """What there is to wait by, real or simulated."""

    def now_s(self) -> float:
        """Unix time in seconds."""
        ...

    def wait_s(self, seconds: float) -> None:
        """Return after so many seconds."""
        ...


class CloudAccount(Account):
    """The account of `token`; `clock` to wait by. `sees_door`: whether the bench looks at
    what comes in.
    """

    def __init__(
        self, carrier: Carrier, token: str, clock: Waits, *, sees_door: bool = True
    ) -> None:
        """Nothing is asked of the cloud yet."""
        self._carrier, self._token, self._clock = carrier, token, clock
        self._sees_door = sees_door
        self._asked = 0

    def prepare(
        self,
        name: str,
        voices: Mapping[str, bytes],
        own_contacts: Mapping[str, Sequence[str]] = NO_CONTACTS,
    ) -> None:
        """Open the account anew, and a neighbour's with recordings in it."""
        for token, called in ((self._token, name), (NEIGHBOUR, f"{name}-neighbour")):
            body = json.dumps({"token": token, "name": called}).encode()
            self._operator("PUT", "/operator/owner", body)
        for profile, speech in voices.items():
            path = f"/v1/account/voices/{quote(profile, safe='')}"
            if profile in own_contacts:
                path += f"?{urlencode([('contact', each) for each in own_contacts[profile]])}"
            self._owner("PUT", path, self._token, speech)
        for number, seconds in enumerate(_NEIGHBOURS_S):
            self._neighbour_speaks(number, seconds)
        self._asked = len(self._links(self._token))

    def settings(self) -> AccountSettings:
        """What the account allows now."""
        told = self._json("/v1/account/settings")
        profiles = tuple(str(name) for name in told["voice_profiles"])
        return AccountSettings(bool(told["communications"]), bool(told["human_review"]), profiles)

    def change(self, wanted: AccountSettings) -> None:
        """Change the settings that are not None; the others stay."""
        both = {"communications": wanted.communications, "human_review": wanted.human_review}
        body = json.dumps({name: value for name, value in both.items() if value is not None})
        self._owner("PUT", "/v1/account/settings", self._token, body.encode())

    def history(self) -> History:
        """All of the history, oldest first."""
        told = self._json("/v1/account/history")
        return History(tuple(_item(entry) for entry in told["entries"]), bool(told["saving"]))

    def audio(self, entry_id: str) -> bytes | None:
        """The sound of an entry, None where it is not given back."""
        path = f"/v1/account/history/{quote(entry_id, safe='')}/audio"
        answer = self._carrier.owner("GET", path, self._token)
        if answer.status == 404:
            return None
        return _content(answer, "GET", path)

    def delete(self, entry_ids: Sequence[str]) -> None:
        """Delete these recordings; all of them where none is named."""
        query = f"?{urlencode([('id', i) for i in entry_ids])}" if entry_ids else ""
        self._owner("DELETE", f"/v1/account/history{query}", self._token)

    def delete_between(self, from_unix_s: float, until_unix_s: float) -> None:
        """Delete what was recorded in a span (Unix s)."""
        query = urlencode({"from": from_unix_s, "until": until_unix_s})
        self._owner("DELETE", f"/v1/account/history?{query}", self._token)

    def request_export(self) -> None:
        """Ask for one's own recordings; the neighbour speaks and asks for theirs just before."""
        self._neighbour_speaks(len(_NEIGHBOURS_S), _NEIGHBOURS_S[0])
        for token in (NEIGHBOUR, self._token):
            self._owner("POST", "/v1/account/exports", token)

    def export(self, folder: Path) -> Export:
        """Wait for the link, try what a stranger would, then fetch the archive as its owner."""
        link = self._await_link()
        tried = self._strangers(link)
        answer = self._carrier.owner("GET", _export(link), self._token)
        if answer.status == 410 and not any(came for _, came in tried):
            # Nobody used it up, so its time is over: its owner asks for another one.
            self.request_export()
            link = self._await_link()
            tried = self._strangers(link)
            answer = self._carrier.owner("GET", _export(link), self._token)
        if answer.status == 410:
            return Export((), False, "the link was used up before its owner had it", tuple(tried))
        archive = _content(answer, "GET", "an export")
        tried.append((Stranger.USED_LINK, self._comes(link, self._token)))
        tried.append((Stranger.EXPIRED_LINK, self._comes_late()))
        files, trouble = read_archive(archive, folder)
        return Export(files, not trouble, trouble, tuple(tried))

    def review_queue(self) -> tuple[ReviewItem, ...]:
        """What waits for people to hear."""
        items = self._json("/v1/account/review")["items"]
        return tuple(
            ReviewItem(
                str(item["id"]),
                float(item["recorded_unix_s"]),
                (str(item["id"]), *(str(text) for text in item["beside"].values())),
                item["transcript"],
            )
            for item in items
        )

    def witnessed(self) -> frozenset[str] | None:
        """What came in at the cloud's front door, before anything was made of it."""
        if not self._sees_door:
            return None
        path = f"/operator/witness?token={quote(self._token, safe='')}"
        return frozenset(json.loads(self._operator("GET", path))["sha256"])

    def senders(self) -> tuple[Delivered, ...]:
        """By which account and profile each message went out."""
        entries = self._json("/v1/account/history")["entries"]
        sent = (entry for entry in entries if entry["kind"] == "message")
        return tuple(Delivered(e["id"], e["account"] or None, e["profile"]) for e in sent)

    @property
    def steps_time(self) -> bool:
        """The operator can move the cloud's clock on."""
        return True

    def let_pass(self, hours: float) -> None:
        """Move the cloud's clock on."""
        self._operator("POST", "/operator/time", json.dumps({"hours": hours}).encode())

    def unix_s(self) -> float:
        """What time it is for syncs and links."""
        return float(json.loads(self._operator("GET", "/operator/time"))["unix_s"])

    # ------------------------------------------------------------------------------------------

    def _strangers(self, link: str) -> list[tuple[Stranger, bool]]:
        """What comes of a link that its owner has not used yet, for those whose it is not."""
        guessed = any(self._comes(number, self._token) for number in near(link))
        return [
            (Stranger.NO_SIGN_IN, self._comes(link, "")),
            (Stranger.OTHER_ACCOUNT, self._comes(link, NEIGHBOUR)),
            (Stranger.GUESSED_LINK, guessed),
        ]

    def _neighbour_speaks(self, number: int, seconds: float) -> None:
        noise = random.Random(number).randbytes(2 * int(seconds * _RATE_HZ))
        self._owner("POST", "/v1/speech", NEIGHBOUR, noise)

    def _await_link(self) -> str:
        until_s = self._clock.now_s() + _MAIL_S
        while len(links := self._links(self._token)) <= self._asked:
            if self._clock.now_s() >= until_s:
                raise RigError(
                    f"account: no link to the export came by mail within {_MAIL_S:g} s; see the "
                    "cloud's log in the bench's folder"
                )
            self._clock.wait_s(_POLL_S)
        self._asked = len(links)
        return links[-1]

    def _comes_late(self) -> bool:
        """Whether another export still comes after the time for which its link is good."""
        self.request_export()
        link = self._await_link()
        self.let_pass(_LINK_DAY_H)
        return self._comes(link, self._token)

    def _links(self, token: str) -> list[str]:
        path = f"/operator/mail?token={quote(token, safe='')}"
        found: list[str] = json.loads(self._operator("GET", path))["links"]
        return found

    def _comes(self, link: str, token: str) -> bool:
        return self._carrier.owner("GET", _export(link), token).status == 200

    def _json(self, path: str) -> dict[str, Any]:
        content = self._owner("GET", path, self._token)
        try:
            told = json.loads(content)
        except ValueError as error:
            raise RigError(f"account: {path} answered no JSON: {content[:80]!r}") from error
        if not isinstance(told, dict):
            raise RigError(f"account: {path} answered what makes no sense: {content[:80]!r}")
        return told

    def _owner(self, method: str, path: str, token: str, body: bytes = b"") -> bytes:
        return _content(self._carrier.owner(method, path, token, body), method, path)

    def _operator(self, method: str, path: str, body: bytes = b"") -> bytes:
        return _content(self._carrier.operator(method, path, body), method, path)


def near(link: str) -> list[str]:
    """What somebody who has seen one link would try for another: its number, a little off."""
    found = re.fullmatch(r"(.*?)(\d+)", link)
    if found is None:
        return []
    head, digits = found.groups()
    steps = (step for step in range(-_NEAR_LINKS, _NEAR_LINKS + 1) if step)
    numbers = (int(digits) + step for step in steps)
    return [f"{head}{number:0{len(digits)}d}" for number in numbers if number >= 0]


def _export(link: str) -> str:
    return f"/v1/exports/{quote(link, safe='')}"


def _content(answer: Answered, method: str, path: str) -> bytes:
    if 200 <= answer.status < 300:
        return answer.body
    said = answer.body[:200].decode(errors="replace")
    raise RigError(f"account: {method} {path} was refused ({answer.status}: {said})")


def _item(entry: dict[str, Any]) -> HistoryItem:
    from_s, until_s = float(entry["from_unix_s"]), float(entry["until_unix_s"])
    return HistoryItem(
        id=str(entry["id"]),
        at_unix_s=from_s,
        at_uncertainty_s=0.0,
        kind="message" if entry["kind"] == "message" else "interaction",
        transcript=entry["transcript"],
        has_audio=entry["sha256"] is not None,
        audio_sha256=entry["sha256"],
        seconds=until_s - from_s,
        recipient=entry["recipient"],
        accidental=entry["accidental"],
    )
