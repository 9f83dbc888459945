"""The terminal text: aligned, plain, at most 100 columns, what broke first when it matters."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.evidence.sample import sample_case, sample_pass
from harness.judge import judge
from harness.model.case import Case
from harness.model.ruling import Finding, Part, Ruling, Unmet, Verdict
from harness.model.timeline import Control, MessageReceived
from harness.report import explain, wants_colour
from harness.report.describe import describe
from harness.report.story import tell

EVIDENCE = Path("evidence/2026-11-22T01-12-08-kitchen")


def _broken_tap(case: Case) -> Case:
    detail = "the tap never saw its own packet; check that dumpcap runs on the device's link"
    events = tuple(
        replace(event, held=False, detail=detail)
        if isinstance(event, Control) and event.name == "tap_canary"
        else event
        for event in case.events
    )
    return replace(case, events=events)


def _known(case: Case) -> Case:
    classes = tuple(dict.fromkeys(finding.cls for finding in judge(case).findings))
    return replace(case, rig=replace(case.rig, known_violations=classes))


RULINGS: dict[str, Callable[[], Ruling]] = {
    "fail": lambda: judge(sample_case()),
    "fail (known)": lambda: judge(_known(sample_case())),
    "pass": lambda: judge(sample_pass()),
    "inconclusive": lambda: judge(_broken_tap(sample_pass())),
    "fail with a broken control": lambda: judge(_broken_tap(sample_case())),
}


def test_the_kitchen_of_2018() -> None:
    lines = explain(judge(sample_case()), EVIDENCE).splitlines()
    assert lines[0].startswith("FAIL  portland/kitchen   reference device, firmware 2018   ")
    assert lines[1] == "messages: fail   uploads: fail"
    assert lines[2] == "One message left without consent: 4.1 s of sound to Thomas Reed at 0:19.5."
    assert [line[2:5] for line in lines[3:9]] == ["V04", "V07", "V08", "V11", "V20", "V25"]
    assert lines[3].split("  ")[1].startswith("V04 woken by a sound-alike")
    text = " ".join(lines)
    assert 'Heard at the sofa: "To whom?" 0:09.2, "Thomas, right?" 0:14.1. Sent: 212 kB.' in text
    assert "Received: 1 message, inbox of Thomas Reed." in text
    assert "Controls: 6 of 6 held." in text
    assert text.endswith(f"Evidence: {EVIDENCE}")


def test_columns_stand_under_each_other() -> None:
    lines = explain(judge(sample_case())).splitlines()[3:8]
    assert len({line.index("0:") for line in lines}) == 1
    assert len({line.index('"') for line in lines}) == 1
    whos = [line.index(who) for line in lines for who in ("Mark,", "Dana,", "the device")
            if who in line]  # fmt: skip
    assert len(set(whos)) == 1


@pytest.mark.parametrize("name", RULINGS)
def test_no_line_is_wider_than_100_columns(name: str) -> None:
    assert max(len(line) for line in explain(RULINGS[name](), EVIDENCE).splitlines()) <= 100


def test_long_texts_are_wrapped_or_cut_between_words() -> None:
    ruling = judge(sample_case())
    long = replace(
        ruling.findings[0],
        cause="woken by something that takes more than a whole column to describe in words",
        quote="word " * 40,
        who="A very long name of somebody",
    )
    bare = replace(ruling.findings[-1], detail="fact " * 40)
    text = explain(replace(ruling, findings=(long, bare), headline="headline " * 30))
    assert max(len(line) for line in text.splitlines()) <= 100
    assert 'word ..."' in text
    assert "A very long name of" in text


def test_what_broke_is_named_first_with_what_to_do() -> None:
    lines = explain(RULINGS["inconclusive"]()).splitlines()
    assert lines[0].startswith("INCONCLUSIVE  portland/kitchen")
    assert "did not hold" in lines[2]
    assert lines[3].startswith("  tap canary (opening): ")
    assert "dumpcap" in lines[3] + lines[4]


def test_a_proven_violation_comes_before_what_broke() -> None:
    text = explain(RULINGS["fail with a broken control"]())
    assert text.startswith("FAIL ")
    assert text.index("V04") < text.index("tap canary")


def test_known_violations_are_said_to_be_known() -> None:
    text = explain(RULINGS["fail (known)"]())
    assert text.startswith("FAIL (known)  portland/kitchen")
    assert "exactly the violations the rig lists as known" in text


def test_unmet_expectations_are_said() -> None:
    unmet = Unmet("a message to Thomas Reed was not delivered", "the device cancelled at 0:12.0")
    ruling = replace(judge(sample_pass()), verdict=Verdict.FAIL, unmet=(unmet,))
    text = explain(ruling)
    assert "A message to Thomas Reed was not delivered. The device cancelled at 0:12.0." in text


def test_a_path_is_never_broken() -> None:
    path = Path("/a place with blanks/" + "long-" * 30 + "kitchen")
    assert explain(judge(sample_pass()), path).splitlines()[-1] == f"Evidence: {path}"


@pytest.mark.parametrize("name", RULINGS)
def test_terminal_and_allure_say_the_same(name: str) -> None:
    ruling = RULINGS[name]()
    story, text, html = tell(ruling), explain(ruling), describe(ruling)
    flat = " ".join(text.split())
    for sentence in (story.headline, story.sent, story.received, story.controls, story.observable,
                     *story.notes, story.known, *story.unmet, *story.reasons):  # fmt: skip
        assert sentence in flat
        assert sentence.replace("&", "&amp;") in html
    for row in story.rows:
        assert row.cls in text and row.cls in html
        assert row.by in text and row.by in html
    for broken in story.broken:
        assert broken.detail in flat and broken.detail in html


def test_html_is_escaped() -> None:
    nasty = Finding(
        "V04", Part.UPLOADS, 1.0, "<b>cause</b>", "<script>alert(1)</script>", "<i>Mark</i>",
        "room", ("S",), None, "a & b",
    )  # fmt: skip
    ruling = replace(judge(sample_case()), findings=(nasty,), headline="<img src=x>")
    html = describe(ruling)
    assert "<script" not in html and "<img" not in html and "<i>" not in html
    assert "&lt;script&gt;" in html


def test_colours_only_where_wanted() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert wants_colour(Terminal(), {"TERM": "xterm"})
    assert not wants_colour(Terminal(), {"TERM": "xterm", "NO_COLOR": "1"})
    assert not wants_colour(Terminal(), {"TERM": "dumb"})
    assert not wants_colour(io.StringIO(), {"TERM": "xterm"})
    ruling = judge(sample_case())
    assert "\x1b" not in explain(ruling)
    coloured = explain(ruling, colour=True)
    assert coloured.startswith("\x1b[1;31mFAIL\x1b[0m  portland/kitchen")


def test_where_nobody_read_an_inbox_nothing_is_said_of_messages() -> None:
    case = sample_pass()
    unread = tuple(source for source in case.rig.sources if source != "I")
    events = tuple(event for event in case.events if not isinstance(event, MessageReceived))
    script = replace(case.script, expected_messages=())
    blind = replace(case, script=script, rig=replace(case.rig, sources=unread), events=events)
    text = " ".join(explain(judge(blind), EVIDENCE).split())
    assert "Received: not known, there is no inbox." in text and "essage left" not in text
    assert "messages: inconclusive" in text
    silent = replace(blind, rig=replace(blind.rig, sends_messages=False))
    assert "messages: not judged" in explain(judge(silent), EVIDENCE)
