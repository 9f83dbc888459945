"""How a broken condition becomes a finding: one constructor for each thing it can hang on."""

from dataclasses import dataclass

from harness.judge.classes import CLASSES, proof
from harness.judge.facts import Facts, Said
from harness.judge.wording import shorten, split_at
from harness.model.ruling import Finding, Grade
from harness.model.timeline import PromptHeard

THE_DEVICE = "the device"


@dataclass(frozen=True, slots=True)
class Broken:
    """A finding, and the beginning (s) of the activation or session it belongs to.

    Findings are named activation by activation, in each by class: that is the order in which the
    chain breaks.
    """

    anchor_s: float
    finding: Finding


def on_nothing(
    facts: Facts,
    cls: str,
    at_s: float,
    cause: str,
    detail: str = "",
    grade: Grade | None = None,
) -> Finding:
    """A finding that hangs on nothing that was said."""
    part = CLASSES[cls].part
    sources = proof(cls, facts.rig.sources)
    return Finding(cls, part, at_s, cause, None, None, None, sources, grade, detail)


def on_line(
    facts: Facts,
    cls: str,
    said: Said,
    cause: str,
    detail: str = "",
    grade: Grade | None = None,
) -> Finding:
    """A finding that hangs on a line."""
    return _quoting(facts, cls, said, said.start_s, said.line.says, cause, detail, grade)


def on_line_until(
    facts: Facts,
    cls: str,
    said: Said,
    at_s: float,
    cause: str,
    detail: str = "",
    grade: Grade | None = None,
) -> Finding:
    """A finding that hangs on what of a line had been said by `at_s`."""
    quote = split_at(said.line.says, _share(said, at_s))[0]
    return _quoting(facts, cls, said, said.start_s, quote, cause, detail, grade)


def on_line_from(
    facts: Facts, cls: str, said: Said, at_s: float, cause: str, detail: str = ""
) -> Finding:
    """A finding that hangs on what of a line was said from `at_s` on."""
    quote = split_at(said.line.says, _share(said, at_s))[1]
    return _quoting(facts, cls, said, max(at_s, said.start_s), quote, cause, detail, None)


def on_prompt(facts: Facts, cls: str, prompt: PromptHeard, cause: str, detail: str = "") -> Finding:
    """A finding that hangs on what the device said."""
    part, sources = CLASSES[cls].part, proof(cls, facts.rig.sources)
    quote = shorten(prompt.text)
    return Finding(cls, part, prompt.start_s, cause, quote, THE_DEVICE, None, sources, None, detail)


def _quoting(
    facts: Facts,
    cls: str,
    said: Said,
    at_s: float,
    quote: str,
    cause: str,
    detail: str,
    grade: Grade | None,
) -> Finding:
    part, sources = CLASSES[cls].part, proof(cls, facts.rig.sources)
    to = said.line.to.value
    return Finding(cls, part, at_s, cause, shorten(quote), said.by.name, to, sources, grade, detail)


def _share(said: Said, at_s: float) -> float:
    length_s = said.end_s - said.start_s
    return 0.0 if length_s <= 0 else (at_s - said.start_s) / length_s
