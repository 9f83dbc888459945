"""The chain as it is drawn says what the ruling says, of every hand-written and random play."""

import pytest
from hypothesis import given, settings

from harness.judge import LinkState, chains, judge
from harness.judge.findings import message_text
from harness.model.case import Case
from harness.model.ruling import Part, Ruling, Verdict
from tests.judge.golden_plays import plays as golden
from tests.judge.random_plays import plays

_GOOD = {LinkState.HELD, LinkState.WAIVED, LinkState.NOT_NEEDED}


def _agree(case: Case, ruling: Ruling) -> None:
    """A drawn chain is whole only where the ruling has nothing against that message."""
    for chain in chains(case, ruling):
        about = message_text(chain.message)
        mine = {f.cls for f in ruling.findings if f.part is Part.MESSAGES and about in f.rests_on}
        states = {link.state for link in chain.links}
        if chain.consented:
            assert states <= _GOOD
        else:
            assert LinkState.HELD not in states or chain.consented is False
        if chain.consented is None:
            assert LinkState.BROKEN not in states
            assert ruling.messages is not Verdict.PASS
        if chain.consented is False:
            assert LinkState.BROKEN in states or "no broken link" in " ".join(ruling.reasons)
            assert ruling.messages is Verdict.FAIL
            drawn = {cls for link in chain.links for cls in link.classes}
            assert drawn & mine or not mine


@pytest.mark.parametrize("name", golden())
def test_golden_plays_are_drawn_as_they_are_ruled(name: str) -> None:
    case = golden()[name]
    _agree(case, judge(case))


@settings(max_examples=150, deadline=None)
@given(plays())
def test_random_plays_are_drawn_as_they_are_ruled(case: Case) -> None:
    _agree(case, judge(case))


def test_the_chain_of_2018_is_broken_where_the_ruling_says() -> None:
    case = golden()["kitchen-2018"]
    (chain,) = chains(case, judge(case))
    broken = {link.name: link.classes for link in chain.links if link.state is LinkState.BROKEN}
    assert broken["Wake"] == ("V04",) and broken["Request"] == ("V07",)
    assert broken["Name"] == ("V08",) and broken["Yes"] == ("V11",)
    assert broken["Read-back"] == ("V20",) and broken["Dictation"] == ("V25",)


def test_a_wanted_message_rests_on_every_step_it_needs() -> None:
    case = golden()["wanted"]
    (chain,) = chains(case, judge(case))
    assert chain.consented
    resting = {link.name: link.quote for link in chain.links if link.quote}
    assert {"Wake", "Request", "Dictation", "Read-back", "Yes"} <= resting.keys()
