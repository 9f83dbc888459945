"""Whether script, limits and policy make sense at all, before anything is judged by them."""

import math
from collections import Counter
from dataclasses import fields

from harness.errors import RigFileError, SceneError
from harness.model.case import WAIVABLE, Limits, Policy, RigFacts
from harness.model.script import Script


def check(script: Script, rig: RigFacts) -> None:
    """Raises `SceneError` or `RigFileError` for a script or rig by which nothing can be judged."""
    _check_script(script)
    _check_limits(rig.limits)
    _check_policy(rig.policy)


def _check_script(script: Script) -> None:
    ids = [line.id for line in script.lines]
    if len(set(ids)) < len(ids):
        twice = min(line_id for line_id, count in Counter(ids).items() if count > 1)
        raise SceneError(f"{script.id}: two lines are called {twice!r}; rename one")
    names = [member.name for member in script.cast]
    for name in names:
        if names.count(name) > 1:
            raise SceneError(f"{script.id}: two of the cast are called {name!r}; rename one")
    for line in script.lines:
        if line.who not in names:
            raise SceneError(
                f"{script.id}: line {line.id!r} is said by {line.who!r}, who is not in the cast"
            )


def _check_limits(limits: Limits) -> None:
    for field in fields(limits):
        value = getattr(limits, field.name)
        level = field.name.endswith("_db")
        if not math.isfinite(value) or (value < 0 and not level):
            raise RigFileError(
                f"limits: {field.name} is {value}; give a number that is zero or more"
            )


def _check_policy(policy: Policy) -> None:
    wrong = sorted(set(policy.waive) - WAIVABLE)
    if wrong:
        raise RigFileError(
            f"policy {policy.name!r}: condition {wrong[0]} cannot be waived; these can: "
            f"{', '.join(str(number) for number in sorted(WAIVABLE))}"
        )
    if policy.waived and (not policy.reason.strip() or policy.name == "strict"):
        raise RigFileError(
            f"policy {policy.name!r} waives conditions; give it a name of its own and a reason"
        )
