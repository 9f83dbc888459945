"""Records: strict in, stable out, and the same facts back."""

import json
import math
from dataclasses import fields, replace
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UserError
from harness.judge import judge
from harness.model.record import (
    are_plain,
    case_from_json,
    case_to_json,
    events_from_jsonl,
    events_to_jsonl,
    rounded,
    rounded_s,
    ruling_from_json,
    ruling_to_json,
    script_from_json,
    script_to_json,
)
from harness.model.script import AfterLine, AfterPrompt, Background, PromptRole
from harness.model.timeline import Event, Upload
from tests.judge.timelines import kitchen_2018, wanted

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.floats(-1e9, 1e9).map(rounded_s)
st.register_type_strategy(str, text)
st.register_type_strategy(float, numbers)
events = st.one_of(*(st.from_type(kind) for kind in get_args(Event)))
quick = settings(max_examples=80)

LINE = (
    '{"kind": "Upload", "start_s": 1.0, "end_s": 2.0, "bytes_out": 3, "destination": "a:1", '
    '"holds_from_s": null, "holds_until_s": null, "channel": null, "why": "", "suspected": false}'
)
HEADER = '{"timeline": 1, "events": 1}'


def timeline(line: str) -> str:
    return f"{HEADER}\n{line}\n"


@quick
@given(st.lists(events, max_size=8))
def test_events_come_back(found: list[Event]) -> None:
    written = events_to_jsonl(found)
    assert events_from_jsonl(written) == tuple(found)
    assert events_to_jsonl(events_from_jsonl(written)) == written


@quick
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_rounding_is_what_reading_gives(value: float) -> None:
    upload = Upload(value, value, 1, "a:1")
    assert events_from_jsonl(events_to_jsonl([upload])) == (rounded(upload),)


@given(
    st.one_of(
        st.floats(allow_nan=False), numbers, numbers.map(lambda n: math.nextafter(n, math.inf))
    )
)
def test_what_is_plain_is_what_rounding_leaves_as_it_is(value: float) -> None:
    if are_plain((value, None, 3)):
        assert repr(rounded_s(value)) == repr(value)
    else:
        assert repr(rounded_s(value)) != repr(value) or abs(value) >= 1e9


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_whole_microseconds_are_plain(microseconds: int) -> None:
    assert are_plain((microseconds / 1e6,))
    assert not are_plain((True,))


def test_cases_scripts_and_rulings_come_back() -> None:
    for case in (kitchen_2018(), wanted()):
        lines = case.script.lines
        whens = (AfterLine(0.5), AfterPrompt(PromptRole.READ_BACK, 0.5, 8.0))
        changed = tuple(replace(x, when=w) for x, w in zip(lines, whens, strict=False))
        noise = (Background("fridge", "corner", -20.0, "fridge.flac"),)
        script = replace(case.script, lines=(*changed, *lines[2:]), background=noise, watch_s=30)
        whole = replace(case, script=script)
        assert case_from_json(case_to_json(whole)) == whole
        assert script_from_json(script_to_json(script)) == script
        ruling = judge(case)
        assert ruling_from_json(ruling_to_json(ruling)) == ruling


def test_keys_stand_as_declared_and_whole_numbers_stay_floats() -> None:
    upload = Upload(1, 2.00000049, 3, "a:1")
    line = events_to_jsonl([upload]).split("\n")[1]
    assert line == LINE
    assert list(json.loads(line))[1:] == [f.name for f in fields(Upload)]
    assert "-0.0" not in events_to_jsonl([Upload(-1e-9, 0.0, 0, "")])


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_nan_and_no_infinity_is_written(value: float) -> None:
    with pytest.raises(UserError, match=r"start_s"):
        events_to_jsonl([Upload(value, 2.0, 3, "a:1")])


@pytest.mark.parametrize(
    ("line", "word"),
    [
        (LINE.replace("1.0", "NaN"), "NaN"),
        (LINE.replace("1.0", "-Infinity"), "Infinity"),
        (LINE.replace("1.0", "1e999"), "start_s"),
        (LINE.replace("1.0", "true"), "start_s"),
        (LINE.replace("1.0", '"1"'), "start_s"),
        (LINE.replace("1.0", "null"), "start_s"),
        (LINE.replace("3,", "3.5,"), "bytes_out"),
        (LINE.replace("3,", "true,"), "bytes_out"),
        (LINE.replace("Upload", "Download"), "Download"),
        (LINE.replace('"kind": "Upload", ', ""), "kind"),
        (LINE.replace("end_s", "stop_s"), "stop_s"),
        (LINE.replace('"end_s": 2.0, ', ""), "lacks 'end_s'"),
        (LINE.replace('"end_s": 2.0', '"end_s": 2.0, "end_s": 9.0'), "twice"),
        (LINE[:-5], "not JSON"),
        ("[]", "expected an object"),
        ("", "not JSON"),
    ],
)
def test_what_is_not_right_is_refused_with_its_line(line: str, word: str) -> None:
    with pytest.raises(UserError, match="timeline line 2") as caught:
        events_from_jsonl(timeline(line))
    assert word in str(caught.value)


@pytest.mark.parametrize(
    "text_",
    [
        "",
        LINE + "\n",
        timeline(LINE).rstrip("\n"),
        timeline(LINE + "\n" + LINE),
        HEADER + "\n",
        timeline(LINE).replace('"timeline": 1', '"timeline": 2'),
        timeline(LINE).replace('"events": 1', '"events": true'),
    ],
)
def test_a_cut_or_foreign_timeline_is_refused(text_: str) -> None:
    with pytest.raises(UserError, match="timeline"):
        events_from_jsonl(text_)


def test_a_good_line_is_read() -> None:
    assert events_from_jsonl(timeline(LINE)) == (Upload(1.0, 2.0, 3, "a:1"),)


def test_an_unknown_word_in_an_enum_is_refused() -> None:
    written = script_to_json(wanted().script).replace('"resident"', '"burglar"', 1)
    with pytest.raises(UserError, match=r"script\.cast\[0\]\.role: 'burglar' is none of resident"):
        script_from_json(written)
