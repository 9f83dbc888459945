"""Condition 10: each prompt that a message rests on could be heard at the listener's place."""

from enum import Enum

from harness.judge.attempt import Attempt
from harness.judge.facts import Facts
from harness.judge.findings import Value, also, line_text, on_prompt
from harness.model.case import Limits, Sense
from harness.model.ruling import Finding
from harness.model.timeline import PromptHeard


class Heard(Enum):
    """How well a prompt could be heard."""

    AUDIBLE = "audible"
    UNCERTAIN = "between audible and inaudible"
    INAUDIBLE = "inaudible"
    UNKNOWN = "not measured"


def how_heard(prompt: PromptHeard, limits: Limits) -> Heard:
    """Judge a prompt by its ESTOI, its level over everything else, and the hearing threshold."""
    estoi, over_db = prompt.estoi, prompt.over_others_db
    if prompt.below_threshold:
        return Heard.INAUDIBLE
    if estoi is None and over_db is None:
        return Heard.UNKNOWN
    if estoi is not None and estoi >= limits.audible_estoi:
        return Heard.AUDIBLE
    if over_db is not None and over_db >= limits.audible_db:
        return Heard.AUDIBLE
    if estoi is None or over_db is None:
        return Heard.UNCERTAIN
    inaudible = estoi < limits.inaudible_estoi and over_db < limits.inaudible_db
    return Heard.INAUDIBLE if inaudible else Heard.UNCERTAIN


def audible(attempt: Attempt) -> list[Finding]:
    """Condition 10, for the recipient question (where one was needed) and the read-back."""
    found: list[Finding] = []
    for prompt in _relied_on(attempt):
        found += _whole(attempt, prompt) + _loud_enough(attempt, prompt)
    return found


def _relied_on(attempt: Attempt) -> tuple[PromptHeard, ...]:
    asked = attempt.question
    return tuple(p for p in (asked, attempt.read_back) if p is not None)


def _whole(attempt: Attempt, prompt: PromptHeard) -> list[Finding]:
    """V19: it broke off, was turned down, or came from somewhere else."""
    facts = attempt.context.facts
    told = (
        (prompt.cut_short, "cut short before it had said it"),
        (prompt.ducked, "turned down under other sound"),
        (prompt.elsewhere, "played elsewhere"),
    )
    wrong = [what for is_so, what in told if is_so]
    if wrong:
        return [on_prompt(facts, "V19", prompt, f"prompt {' and '.join(wrong)}")]
    must_be_told = attempt.sure and facts.tells(Sense.AUDIBILITY)
    if must_be_told and any(is_so is None for is_so, _ in told):
        return [on_prompt(facts, "V19", prompt, "whether it was whole was not measured")]
    return []


def _loud_enough(attempt: Attempt, prompt: PromptHeard) -> list[Finding]:
    """V17 and V18: nobody could hear it, by itself or under everything else."""
    facts = attempt.context.facts
    heard = how_heard(prompt, facts.limits)
    if heard is Heard.AUDIBLE or (heard is not Heard.INAUDIBLE and not attempt.sure):
        return []
    if heard is Heard.UNKNOWN and not facts.tells(Sense.AUDIBILITY):
        return []  # not observable on this rig, and said so
    over = _talk_over(facts, prompt)
    masked = bool(over) and not prompt.below_threshold
    cause = "nobody could hear it" if heard is Heard.INAUDIBLE else f"{heard.value}"
    if masked:
        cause += " under everything else"
    finding = on_prompt(facts, "V18" if masked else "V17", prompt, f"prompt: {cause}")
    return [also(finding, *over, measured=_measured(prompt))]


def _talk_over(facts: Facts, prompt: PromptHeard) -> tuple[str, ...]:
    """What else sounded during the prompt."""
    lines = tuple(
        line_text(said)
        for said in facts.near.said.touching(prompt.start_s, prompt.end_s)
        if said.start_s < prompt.end_s and said.end_s > prompt.start_s and not said.line.inaudible
    )
    return (*lines, *(f"background {each.sound}" for each in facts.script.background))


def _measured(prompt: PromptHeard) -> tuple[Value, ...]:
    found: list[Value] = []
    if prompt.estoi is not None:
        found.append(("estoi", prompt.estoi, ""))
    if prompt.over_others_db is not None:
        found.append(("over_others_db", prompt.over_others_db, "dB"))
    return tuple(found)
