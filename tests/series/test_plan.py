"""From what a person asks for to a plan, and from a plan to the options that make it again."""

from dataclasses import astuple

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.errors import UserError
from harness.model.series import Question, SeriesPlan
from harness.series.plan import make_plan, plan_options, question_of
from harness.series.sequential import fewest_plays

# A busy machine is no failure.

shares = st.floats(0.001, 0.4)


def read(options: list[str]) -> SeriesPlan:
    """The plan that pytest makes of options."""
    given = dict(zip(options[::2], options[1::2], strict=True))
    question = question_of(given["--question"]) if "--question" in given else None
    plays, enough = given.get("--plays"), given.get("--min-conclusive")
    return make_plan(int(plays) if plays else None, question, int(enough) if enough else None)


@given(
    st.none() | st.integers(1, 300),
    st.none() | st.tuples(shares, shares, st.floats(0.01, 0.4), st.floats(0.01, 0.4)),
    st.none() | st.integers(1, 300),
)
def test_options_make_the_same_plan_again(
    plays: int | None, question: tuple[float, float, float, float] | None, enough: int | None
) -> None:
    assume(question is None or question[0] * 1.1 < question[1])
    try:
        plan = make_plan(plays, None if question is None else Question(*question), enough)
    except UserError:
        return
    assert read(plan_options(plan)) == plan


def test_nothing_asked_for_is_one_play() -> None:
    assert make_plan() == SeriesPlan(1) and plan_options(make_plan()) == []


def test_a_question_without_a_number_of_plays_takes_twice_the_fewest() -> None:
    assert make_plan(question=Question()) == SeriesPlan(58, Question())


def test_a_plan_that_can_never_pass_is_refused() -> None:
    fewest = fewest_plays(Question())
    make_plan(fewest, Question())
    with pytest.raises(UserError, match=f"at least {fewest} plays"):
        make_plan(fewest - 1, Question())
    with pytest.raises(UserError, match=f"at most {fewest} conclusive plays"):
        make_plan(200, Question(), fewest + 1)
    for wrong in (0, -3, 10_001):
        with pytest.raises(UserError, match="1 to 10000 plays"):
            make_plan(wrong)
    with pytest.raises(UserError, match="cannot come of 3"):
        make_plan(3, None, 4)


def test_a_question_in_words() -> None:
    assert question_of("") == Question()
    assert astuple(question_of(" p1=0.2 , beta=0.1")) == (0.001, 0.2, 0.05, 0.1)
    for wrong in ("p1", "p1=x", "p1=0.1,p1=0.2", "p2=1", "p1=nan", "alpha=inf"):
        with pytest.raises(UserError):
            question_of(wrong)
