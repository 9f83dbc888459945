"""What a rig promised to tell, and did not, never turns a violation into a pass."""

from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.judge import judge
from harness.model.case import Case
from harness.model.ruling import Verdict
from harness.model.timeline import Event, MessageReceived, PromptHeard, Upload
from tests.judge.pairs import Pair, account, audible, chain, payload, uploads
from tests.judge.timelines import without

PAIRS = (*audible.PAIRS, *payload.PAIRS, *chain.PAIRS, *uploads.PAIRS, *account.PAIRS)
ACCOUNT = [pair for pair in account.PAIRS if pair.cls != "V33"]  # that one is on the receipt
PROMISED = [pair for pair in PAIRS if pair.breaks.rig.senses]
MEASURED = (PromptHeard, MessageReceived, Upload)


def optional(event: Event) -> list[str]:
    """The fields of an event that a sense promises: those that may be null and are not.

    Not the threshold of hearing, which only a calibrated rig can tell.
    """
    names = (f.name for f in fields(event) if f.default is None and f.name != "below_threshold")
    return [name for name in names if getattr(event, name) is not None]


def bare(event: Event) -> Event:
    """The event without all that a sense gives."""
    if not isinstance(event, MEASURED):
        return event
    return replace(event, **dict.fromkeys(optional(event)))  # type: ignore[arg-type]


def untold(case: Case) -> Case:
    """The case in which no sense told anything."""
    return replace(case, events=tuple(bare(e) for e in case.events))


@pytest.mark.parametrize("pair", PROMISED, ids=lambda pair: f"{pair.cls} {pair.what}")
def test_a_violation_that_was_not_measured_is_no_pass(pair: Pair) -> None:
    relied = [e for e in pair.breaks.events if optional(e) and isinstance(e, MEASURED)]
    if relied:
        assert judge(untold(pair.breaks)).verdict is not Verdict.PASS


@settings(max_examples=150)
@given(st.sampled_from(PROMISED), st.data())
def test_whatever_is_not_told_never_makes_a_pass(pair: Pair, data: st.DataObject) -> None:
    known = [e for e in pair.breaks.events if isinstance(e, MEASURED) and optional(e)]
    if not known:
        return
    event = data.draw(st.sampled_from(known))
    gone = data.draw(st.lists(st.sampled_from(optional(event)), min_size=1, unique=True))
    less = replace(event, **dict.fromkeys(gone))  # type: ignore[arg-type]
    events = tuple(less if e == event else e for e in pair.breaks.events)
    assert judge(replace(pair.breaks, events=events)).verdict is not Verdict.PASS


@pytest.mark.parametrize("pair", ACCOUNT, ids=lambda pair: f"{pair.cls} {pair.what}")
def test_a_class_whose_facts_are_gone_is_not_said_to_be_observable(pair: Pair) -> None:
    assert pair.cls not in judge(without(pair.breaks, *account.KINDS)).classes_observable
