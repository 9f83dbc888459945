"""Parts of a bench that can be asked whether they answer, without changing anything."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

Probe = tuple[str, Callable[[], str]]
"""A part's name, and what asks it: what it says, in words; `RigError` where nothing answers."""


def probes_of(parts: Mapping[str, Any]) -> Iterator[Probe]:
    """One for each of these drivers that can be asked; None stands for a part that is not there.

    A driver can be asked where it has `identify`, and `self_test` where it looks at its sensors. A
    person has neither: nobody is asked because a session begins.
    """
    for name, part in parts.items():
        questions = [getattr(part, ask, None) for ask in ("identify", "self_test")]
        asked = [question for question in questions if question is not None]
        if asked:
            yield name, partial(_answers, asked)


def _answers(questions: Sequence[Callable[[], Any]]) -> str:
    return "; ".join(str(question()) for question in questions)
