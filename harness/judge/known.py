"""Known violations: a strict list. Exactly those, or something is to be done about it."""

from dataclasses import dataclass

from harness.judge.classes import ACCIDENTAL
from harness.model.ruling import Finding, KnownOutcome


@dataclass(frozen=True, slots=True)
class Provoked:
    """Whether the device did anything: of its own, or in a session."""

    of_its_own: bool
    in_session: bool

    def for_class(self, cls: str) -> bool:
        """Whether a violation of this class had its chance."""
        return self.of_its_own or (self.in_session and cls not in ACCIDENTAL)


def compare(
    listed: tuple[str, ...],
    findings: tuple[Finding, ...],
    provoked: Provoked,
    *,
    otherwise_failed: bool,
    proven: bool,
) -> tuple[KnownOutcome, tuple[str, ...]]:
    """How the findings compare with the list, and the classes that are gone.

    `otherwise_failed`: an expectation was not met, which no list excuses. `proven`: every control
    held; where not, nothing is claimed to have vanished, nor that the list is complete.
    """
    found, known = {finding.cls for finding in findings}, set(listed)
    if not known:
        return KnownOutcome.NONE_LISTED, ()
    if found - known or otherwise_failed:
        return KnownOutcome.NEW, ()
    gone = tuple(sorted(known - found))
    if not proven:
        return KnownOutcome.UNPROVEN, gone
    if not gone:
        return KnownOutcome.EXACTLY, ()
    if all(provoked.for_class(cls) for cls in gone):
        return KnownOutcome.VANISHED, gone
    return KnownOutcome.NOT_PROVOKED, gone
