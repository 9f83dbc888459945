"""The table of classes, its page, and the purity of the judge."""

import ast
from pathlib import Path

from harness.judge import CLASSES, CONDITIONS, judge
from harness.judge.classes import observable
from harness.judge.wording import clock_text, shorten, split_at
from harness.model.case import Sense
from tests.judge.timelines import kitchen_2018

ROOT = Path(__file__).parents[2]
PURE = {"harness", "bisect", "collections", "dataclasses", "enum", "functools", "heapq",
        "itertools", "math", "operator", "re", "typing", "unicodedata"}  # fmt: skip
UNSEEN = {"V17", "V18", "V19", "V29", "V32", "V33", "V34", "V35", "V36", "V37", "V39"}
IN_PART = {"V23", "V24", "V25"}


def test_there_are_39_and_each_breaks_a_condition() -> None:
    assert list(CLASSES) == [f"V{n:02d}" for n in range(1, 40)]
    assert [condition.number for condition in CONDITIONS] == list(range(19))
    assert all(CONDITIONS[info.condition].text for info in CLASSES.values())


def test_what_todays_rig_can_see_is_counted_and_nothing_else_is_claimed() -> None:
    ruling = judge(kitchen_2018())
    assert ruling.classes_in_all == len(ruling.classes_judged) == 39
    assert set(CLASSES) - set(ruling.classes_observable) == UNSEEN | IN_PART
    assert ruling.coverage == "25 of 39 classes observable here"
    notes = " ".join(ruling.notes)
    assert all(cls in notes for cls in UNSEEN | IN_PART)


def test_coverage_by_the_rigs_sources_and_senses() -> None:
    lacking = set(CLASSES) - set(
        judge(kitchen_2018(sources=("S", "A", "N", "I"))).classes_observable
    )
    assert lacking == UNSEEN | IN_PART | {"V02", "V06", "V28", "V30", "V31", "V38"}
    assert observable("V04", ("S", "N")) and not observable("V04", ("S",))
    assert observable("V17", ("A",), (Sense.AUDIBILITY,)) and not observable("V17", ("A",), ())


def test_the_judge_is_pure() -> None:
    sources = [*(ROOT / "harness" / "judge").glob("*.py")]
    assert sources
    for path in sources:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                assert name.split(".")[0] in PURE, (path.name, name)
                if name.startswith("harness"):
                    assert name.split(".")[1] in {"judge", "model", "errors"}, (path.name, name)


def test_wording() -> None:
    assert [clock_text(s) for s in (4.5, 59.96, 60.0, -1.24, -0.01)] == [
        "0:04.5", "1:00.0", "1:00.0", "-0:01.2", "0:00.0",
    ]  # fmt: skip
    assert shorten("Well, Thomas was the one who recommended them.").endswith(" ...")
    assert shorten("Yes.") == "Yes."
    assert split_at("It is bad. Send it.", 0.4) == ("It is bad.", "Send it.")
    assert split_at("One sentence only", 0.9) == ("One sentence only", "One sentence only")
