"""Whose a recording is that an account gave: by its samples, by its sound, or by its entry.

What somebody saw the device hand in decides, sample for sample. Where nobody could see that, the
recording is held against all that was played and heard. What neither tells is unknown.
"""

from dataclasses import dataclass
from typing import Protocol

from harness.account.canaries import read_back
from harness.account.sound import digest_of, seconds_of
from harness.bench.ports.account import ExportFile
from harness.model.account import Whose

Told = tuple[Whose, str]
"""Whose it is, and why, for a person."""


class BySound(Protocol):
    """Holds a recording against what was played and heard."""

    def __call__(self, audio: bytes, at_unix_s: float | None, unsure_s: float) -> Told:
        """Whose it is; `at_unix_s` +- `unsure_s`: when it was recorded, where that is told."""
        ...


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to know recordings by.

    `witnessed`: digests of all that the device handed in, None where nobody saw that. `ids`: of the
    entries that the history ever listed. `by_sound`: None where there is no log to ask.
    `canaries`: words that are said on this account alone.
    """

    witnessed: frozenset[str] | None
    ids: frozenset[str] = frozenset()
    by_sound: BySound | None = None
    canaries: tuple[str, ...] = ()

    def whose_file(self, file: ExportFile) -> Told:
        """Whose a file of an export is."""
        if file.audio is not None:
            return self.whose(file.audio, file.at_unix_s, file.at_uncertainty_s)
        if file.entry_id in self.ids:
            return Whose.OURS, "words only, by an entry of this account's history"
        if read_back(self.canaries, file.transcript or ""):
            return Whose.OURS, "words only, such as are said on this account alone"
        return Whose.UNKNOWN, "words only, and of no entry that the history ever listed"

    def whose(self, audio: bytes, at_unix_s: float | None, unsure_s: float) -> Told:
        """Whose a sound is that the account gave."""
        if self.witnessed is not None:
            return _by_samples(audio, self.witnessed)
        if self.by_sound is None:
            return Whose.UNKNOWN, "nobody saw what this device handed in"
        return self.by_sound(audio, at_unix_s, unsure_s)


def _by_samples(audio: bytes, witnessed: frozenset[str]) -> Told:
    if seconds_of(audio) is None:
        return Whose.UNREADABLE, "it is no sound that can be read"
    if digest_of(audio) in witnessed:
        return Whose.OURS, "sample for sample what this device handed in"
    return Whose.FOREIGN, "this device never handed in such a sound"
