"""Pairs of plays, by family: one that breaks a class, and a near miss that breaks nothing."""

from dataclasses import dataclass

from harness.model.case import Case


@dataclass(frozen=True)
class Pair:
    """A class, what the two plays differ in, both plays, and what else the breaking one breaks."""

    cls: str
    what: str
    breaks: Case
    near: Case
    also: tuple[str, ...] = ()
