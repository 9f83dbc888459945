"""All services of a cloud put together; a cloud of the zoo puts in one part of its own."""

import importlib
import importlib.util
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rigs.reference_cloud.services.clock import CloudClock
from rigs.reference_cloud.services.exports import Exports
from rigs.reference_cloud.services.records import Records
from rigs.reference_cloud.services.review import Review
from rigs.reference_cloud.services.shelf import MESSAGE, Recording
from rigs.reference_cloud.services.voices import Voices
from rigs.reference_cloud.sound import samples_of

HONEST = "honest"
_ZOO = "rigs.zoo.clouds"


@dataclass(frozen=True, slots=True)
class Parts:
    """What the services are made of; each class may be one of the zoo's."""

    records: type[Records] = Records
    exports: type[Exports] = Exports
    review: type[Review] = Review
    voices: type[Voices] = Voices


class Services:
    """Takes in what devices hand in, and holds the parts that owners ask."""

    def __init__(
        self, folder: Path, clock: CloudClock, new_id: Callable[[], str], parts: Parts
    ) -> None:
        """Raises `OSError` or `sqlite3.Error` when `folder` cannot be used."""
        self.clock = clock
        self.records = parts.records(folder, clock)
        self.exports = parts.exports(folder, self.records, new_id)
        self.review = parts.review(self.records)
        self.voices: defaultdict[str, Voices] = defaultdict(parts.voices)

    def close(self) -> None:
        """Close all files; safe to call twice."""
        self.exports.close()
        self.records.close()

    def open_account(self, token: str, name: str) -> None:
        """An account that allows the usual, holds nothing and knows no voices."""
        self.records.open_account(token, name)
        self.voices[token].forget()

    def may_reach(self, token: str, recipient: str, audio: bytes | None) -> bool:
        """Whether whoever speaks in a message may send it to that contact."""
        voices = self.voices[token]
        return voices.may_reach(voices.who(None if audio is None else samples_of(audio)), recipient)

    def keep_message(
        self, token: str, message_id: str, recipient: str, words: str | None, audio: bytes | None
    ) -> None:
        """A message went out just now."""
        now_s, pcm = self.clock.now_s(), None if audio is None else samples_of(audio)
        who = self.voices[token].who(pcm)
        recording = Recording(message_id, token, MESSAGE, now_s, now_s, recipient, words, who)
        self.records.keep_message(recording, pcm)


def parts_of(variant: str) -> Parts:
    """The parts of the cloud of that name: honest, or a module of rigs/zoo/clouds.

    Raises `ValueError` for a name that nobody has.
    """
    if variant == HONEST:
        return Parts()
    # Found by name, so that the honest cloud does not depend on what is wrong with others.
    module = f"{_ZOO}.{variant}"
    if not variant.isidentifier() or importlib.util.find_spec(module) is None:
        raise ValueError(f"no cloud {variant!r}; there is {HONEST}, and rigs/zoo/clouds")
    parts = getattr(importlib.import_module(module), "PARTS", None)
    if not isinstance(parts, Parts):
        raise ValueError(f"{module} makes no cloud: it lacks PARTS")
    return parts
