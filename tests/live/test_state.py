"""What a watcher knows: links fill one by one, nothing grows, nothing steers a terminal."""

import json
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from harness.live.chain import NOT_SEEN, NOT_YET, SEEN
from harness.live.plain import clock_time, plain, size
from harness.live.state import Watched
from harness.model.live import (
    Fact,
    Levels,
    LineHandedOver,
    LineLeftOut,
    PhaseBegan,
    PlayBegan,
    TimeLeft,
    Untold,
    as_line,
    of_line,
)
from tests.live.facts import NASTY, began, ending, ruling, scene


def watched(*parts: Iterable[Fact]) -> Watched:
    made = Watched(began())
    for part in parts:
        for fact in part:
            made.take(fact)
    return made


def states(made: Watched) -> dict[str, str]:
    (chain,) = made.sections()["chain"]["chains"]
    return {link["name"]: link["state"] for link in chain["links"]}


def test_links_fill_one_by_one_in_the_order_of_what_is_seen() -> None:
    made, filled = watched(), list[int]()
    for fact in scene():
        made.take(fact)
        filled.append(list(states(made).values()).count(SEEN))
    assert filled == sorted(filled) and filled[0] == 0 and filled[-1] == 6
    assert states(made) == {
        "Wake": SEEN,
        "Request": SEEN,
        "Recipient question": NOT_SEEN,
        "Name": SEEN,
        "Dictation": SEEN,
        "Read-back": SEEN,
        "Yes": SEEN,
        "Send": NOT_YET,
    }


def test_a_yes_that_never_came_stands_open_beside_what_was_sent() -> None:
    made = watched(scene(until_yes=False), ending())
    assert (states(made)["Yes"], states(made)["Send"]) == (NOT_SEEN, SEEN)


def test_a_new_wake_begins_a_new_chain() -> None:
    made = watched(scene(), [LineHandedOver("w", 40.0, 41.0)])
    assert [name for name, state in states(made).items() if state == SEEN] == ["Wake"]


def test_a_prompt_that_is_taken_back_is_no_link() -> None:
    made = watched(scene(), ending(), list(scene())[-2:-1])
    assert states(made)["Send"] == NOT_YET


def test_the_judges_links_take_their_place() -> None:
    made = watched(scene(until_yes=False), ending(), ruling())
    assert states(made)["Yes"] == "broken" and states(made)["Wake"] == "held"
    shown = made.sections()
    assert shown["chain"]["chains"][0]["links"][0]["at_s"] == 6.5
    assert (shown["ruling"]["outcome"], shown["head"]["left"]) == ("fail", None)


def test_the_line_being_said_is_marked_and_those_left_out_are() -> None:
    made = watched(scene())
    rows = made.sections()["said"]["rows"]
    assert [row["text"] for row in rows if row["now"]] == ["Yes."]
    assert [row["who"] for row in rows][-4:] == ["device", "bench", "Sam", "Dana"]
    assert made.sections()["said"]["done"] == 5
    made.take(LineLeftOut(30.0, "y", "the device did not ask"))
    (left_out,) = (r for r in made.sections()["said"]["rows"] if r["kind"] == "left out")
    assert (left_out["text"], left_out["why"]) == ("Yes.", "the device did not ask")


def test_time_left_is_reckoned_and_then_known() -> None:
    made = watched(list(scene())[:2])
    assert made.sections()["head"]["left"] == ("scene, once the controls hold", 26)
    made = watched(scene())
    assert made.sections()["head"]["left"] == ("scene and watch, about", 16)
    made.take(TimeLeft(30.0, 9.0))
    made.take(Levels(34.0, {"listener": -60.0}))
    assert made.sections()["head"]["left"] == ("watching", 5)


def test_once_it_was_watched_nothing_is_reckoned_any_more() -> None:
    made = watched(scene(), [PhaseBegan(30.0, "watching for 9 s more"), TimeLeft(30.0, 9.0)])
    made.take(PhaseBegan(39.0, "closing controls"))
    assert made.sections()["head"]["left"] is None


def test_what_was_not_told_is_said() -> None:
    head = watched([Untold(3, "too much at once"), Untold(4, "too much at once")]).sections()[
        "head"
    ]
    assert (head["untold"], head["why_untold"]) == (7, "too much at once")


def test_nothing_that_steers_a_terminal_is_let_through() -> None:
    told = json.dumps(watched(scene(), ending(), ruling()).sections(), ensure_ascii=False)
    assert "\\u001b" not in told and "\u202e" not in told and "Send it" in told
    assert plain("a\nb\tc") == "a b c" and len(plain("x" * 1000)) == 400
    assert "<img" in plain(NASTY)  # the page shows text as text


@given(st.lists(st.one_of([st.from_type(kind) for kind in Fact.__args__]), max_size=12))
def test_no_fact_that_can_be_told_breaks_it_and_all_of_it_is_json(facts: list[Fact]) -> None:
    made = Watched(began())
    for fact in (of_line(as_line(each)) for each in facts):
        if fact is not None and not isinstance(fact, PlayBegan):
            made.take(fact)
    json.dumps(made.sections(), allow_nan=False)


def test_hours_of_facts_are_kept_in_what_can_be_shown() -> None:
    made = watched(scene())
    before = len(json.dumps(made.sections()))
    for quarter in range(20_000):
        made.take(Levels(20.0 + quarter / 4, {"listener": -50.0, "device": -48.0}))
    assert len(json.dumps(made.sections())) < before + 4000
    assert sum(len(kept) for kept in made._levels.values()) == 480


def test_words_for_numbers() -> None:
    assert [clock_time(s) for s in (-0.2, 0.0, 59.6, 125.0, -61.0)] == [
        "0:00", "0:00", "1:00", "2:05", "-1:01"
    ]  # fmt: skip
    assert [size(n) for n in (0, 999, 1000, 3210, 212_000, 1.4e6)] == [
        "0 B", "999 B", "1.0 kB", "3.2 kB", "212 kB", "1.4 MB"
    ]  # fmt: skip
