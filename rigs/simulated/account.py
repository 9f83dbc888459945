"""Carries an owner's calls to the stepped cloud: its own functions, asked by name."""

import json
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

from harness.bench.drivers.cloud_account import Answered
from harness.errors import RigError
from rigs.reference_cloud.calls import Answer
from rigs.simulated.cloud import SteppedCloud

_HISTORY, _VOICES, _EXPORTS = "/v1/account/history", "/v1/account/voices/", "/v1/exports/"


class SteppedCarrier:
    """What HTTPS and the operator's socket carry to a cloud that is a program."""

    def __init__(self, cloud: SteppedCloud) -> None:
        self._cloud = cloud

    def owner(self, method: str, path: str, token: str, body: bytes = b"") -> Answered:
        """As somebody who is signed in with `token`, or not at all where it is empty."""
        self._check()
        at = urlsplit(path)
        if not at.path.startswith(_EXPORTS):
            unknown = self._cloud.calls.unknown(token)
            if unknown is not None:
                return _answered(unknown)
        return _answered(self._owner(method, at.path, at.query, token, body))

    def _owner(self, method: str, path: str, query: str, token: str, body: bytes) -> Answer:
        calls = self._cloud.owners
        plain: dict[tuple[str, str], Callable[[], Answer]] = {
            ("GET", "/v1/account/settings"): lambda: calls.settings(token),
            ("PUT", "/v1/account/settings"): lambda: calls.change(token, body),
            ("GET", _HISTORY): lambda: calls.history(token),
            ("DELETE", _HISTORY): lambda: self._delete(token, parse_qs(query)),
            ("POST", "/v1/account/exports"): lambda: calls.ask_export(token),
            ("GET", "/v1/account/review"): lambda: calls.review(token),
            ("POST", "/v1/speech"): lambda: self._speech(token, body),
        }
        if (method, path) in plain:
            return plain[method, path]()
        if path.startswith(_EXPORTS):
            return calls.fetch(token, unquote(path.removeprefix(_EXPORTS)))
        if path.startswith(_VOICES):
            own = parse_qs(query).get("contact", [])
            return calls.enroll(token, unquote(path.removeprefix(_VOICES)), body, own)
        if path.startswith(_HISTORY) and path.endswith("/audio"):
            return calls.audio(token, unquote(path[len(_HISTORY) + 1 : -len("/audio")]))
        raise RigError(f"cloud: there is no {method} {path}")

    def operator(self, method: str, path: str, body: bytes = b"") -> Answered:
        """As the operator of the cloud."""
        self._check()
        at, calls = urlsplit(path), self._cloud.keeper
        told = json.loads(body) if body else {}
        token = parse_qs(at.query).get("token", [""])[0]
        plain: dict[tuple[str, str], Callable[[], Answer]] = {
            ("PUT", "/operator/owner"): lambda: calls.open_account(told["token"], told["name"]),
            ("GET", "/operator/mail"): lambda: calls.mail(token),
            ("GET", "/operator/time"): calls.time,
            ("POST", "/operator/time"): lambda: calls.let_pass(told["hours"]),
            ("GET", "/operator/witness"): lambda: calls.witness(token),
        }
        return _answered(plain[method, at.path]())

    def _delete(self, token: str, asked: dict[str, list[str]]) -> Answer:
        calls = self._cloud.owners
        if "id" in asked:
            return calls.delete(token, asked["id"])
        if "from" in asked:
            span = float(asked["from"][0]), float(asked["until"][0])
            return calls.delete_between(token, *span)
        return calls.delete_all(token)

    def _speech(self, token: str, body: bytes) -> Answer:
        speech = self._cloud.calls.speech(token)
        speech.take(body)
        return speech.end()

    def _check(self) -> None:
        if self._cloud.down is not None:
            raise RigError(self._cloud.down)


def _answered(answer: Answer) -> Answered:
    content = answer.wav if answer.archive is None else answer.archive.content
    if content is None:
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
    return Answered(answer.status, content)
