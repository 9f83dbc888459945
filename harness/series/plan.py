"""How many plays: from what a person asks for to a plan that can come to an end."""

from dataclasses import fields

from harness.errors import UserError
from harness.model.series import Question, SeriesPlan
from harness.series.sequential import fewest_plays

_NAMES = tuple(field.name for field in fields(Question))


def make_plan(
    plays: int | None = None, question: Question | None = None, enough: int | None = None
) -> SeriesPlan:
    """A plan; without `plays` one play, or twice what the question takes at least.

    Raises `UserError` where the plan could never come to a pass.
    """
    if question is None:
        return SeriesPlan(1 if plays is None else plays, None, enough or 0)
    fewest = fewest_plays(question)
    plan = SeriesPlan(2 * fewest if plays is None else plays, question, enough or 0)
    if plan.plays < fewest:
        raise UserError(
            f"this question takes at least {fewest} plays without a failure, so {plan.plays} can "
            f"never settle it: ask for {fewest} plays or more, or for a larger p1"
        )
    if plan.enough > fewest:
        raise UserError(
            f"this question can be settled after {fewest} plays, before {plan.enough} of them are "
            f"conclusive: ask for at most {fewest} conclusive plays"
        )
    return plan


def question_of(text: str) -> Question:
    """The question written as `p0=0.001,p1=0.1,alpha=0.05,beta=0.05`; what is left out is usual.

    Raises `UserError`.
    """
    given: dict[str, float] = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        name, _, value = (each.strip() for each in part.partition("="))
        if name not in _NAMES or name in given:
            raise UserError(f"{part!r}: write each of {', '.join(_NAMES)} once, as in p1=0.1")
        given[name] = _number(part, value)
    return Question(**given)


def plan_options(plan: SeriesPlan) -> list[str]:
    """The options by which pytest makes the same plan again; none for a single play."""
    options = []
    if plan.plays > 1 or plan.question is not None:
        options += ["--plays", str(plan.plays)]
    if plan.question is not None:
        words = ",".join(f"{name}={getattr(plan.question, name)!r}" for name in _NAMES)
        options += ["--question", words]
    if plan.enough:
        options += ["--min-conclusive", str(plan.enough)]
    return options


def _number(part: str, value: str) -> float:
    try:
        return float(value)
    except ValueError as error:
        raise UserError(f"{part!r}: {value!r} is not a number") from error
