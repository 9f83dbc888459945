"""The table of classes, its page, and the purity of the judge."""

import ast
import re
from pathlib import Path

from harness.judge import CLASSES, Judged, judge, judged_classes
from harness.judge.classes import observable, partly_judged
from harness.judge.wording import clock_text, shorten, split_at
from tests.judge.timelines import kitchen_2018

ROOT = Path(__file__).parents[2]
PURE = {"harness", "collections", "dataclasses", "enum", "math", "re", "typing"}
ISSUE_TWO = ("V01", "V03", "V04", "V07", "V08", "V11", "V12", "V13", "V15", "V20", "V25")


def test_there_are_39() -> None:
    assert list(CLASSES) == [f"V{n:02d}" for n in range(1, 40)]
    assert set(ISSUE_TWO) <= set(judged_classes())
    assert not set(judged_classes()) & set(partly_judged())


def test_the_page_prints_the_same_table() -> None:
    page = (ROOT / "docs" / "consent.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (V\d\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", page, re.M)
    assert [row[0] for row in rows] == list(CLASSES)
    for cls, name, condition, sources, judged in rows:
        info = CLASSES[cls]
        assert name == info.name
        assert condition == (str(info.condition) if info.condition else "-")
        assert sources == ", ".join("+".join(a) for a in info.sources)
        assert judged.split(":")[0] == info.judged.value
        assert (info.judged is Judged.PARTLY) == (":" in judged)


def test_coverage_by_the_rigs_sources() -> None:
    ruling = judge(kitchen_2018(sources=("S", "A", "N", "I")))
    assert ruling.classes_in_all == 39
    assert ruling.classes_judged == judged_classes()
    lacking = set(ruling.classes_judged) - set(ruling.classes_observable)
    assert lacking == {"V02", "V30"}
    assert all(any(note.startswith(cls) for note in ruling.notes) for cls in lacking)
    assert observable("V04", ("S", "N")) and not observable("V04", ("S",))


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
