"""The published schemas are made from the dataclasses, and say what the codec does."""

import json
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import UserError
from harness.evidence.sample import sample_case, sample_pass, write_sample
from harness.evidence.schemas import schemas, texts
from harness.forms.published import check_or_write, stale, with_section
from harness.judge import judge
from harness.model import record
from harness.model.declared import record_of, shape_of
from harness.model.ruling import Ruling
from harness.model.shape import Tagged
from harness.model.timeline import Event
from tests.evidence.published import assert_as_published, validator

EVENTS = shape_of(Event)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
st.register_type_strategy(str, text)
st.register_type_strategy(float, st.floats(-1e9, 1e9).map(record.rounded_s))
events = st.one_of(*(st.from_type(kind) for kind in get_args(Event)))
plain = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.just(0.5), text, st.just([]), st.just({})
)


def test_the_published_files_are_as_the_code_says() -> None:
    assert stale(texts(), write=False) == [], "run: python -m harness.evidence.schemas --write"


def test_stale_files_are_told_and_rewritten(tmp_path: Path) -> None:
    made = texts(tmp_path)
    names = sorted(file.name for file in made)
    assert "timeline.md" in names and "timeline.schema.json" in names
    assert check_or_write("x", "y", made, []) == 1
    assert sorted(stale(made, write=True)) == names
    assert check_or_write("x", "y", made, []) == 0


def test_a_page_without_its_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no <!-- here -->"):
        with_section("nothing", "here", "something")


@pytest.mark.parametrize("case", [sample_case(), sample_pass()], ids=["fail", "pass"])
def test_a_whole_folder_keeps_to_them(tmp_path: Path, case: Any) -> None:
    folder = write_sample(tmp_path, 0.0, case)
    folder.write_ruling(judge(case), "in words\n")
    folder.seal()
    assert_as_published(folder.folder)


def test_every_kind_and_every_field_is_there() -> None:
    assert isinstance(EVENTS, Tagged)
    definitions = schemas()["timeline"]["$defs"]
    for name, kind in EVENTS.records.items():
        assert list(definitions[name]["properties"]) == ["kind", *kind.slots]


def test_meaning_and_unit_are_told() -> None:
    spoken = schemas()["timeline"]["$defs"]["LineSpoken"]["properties"]
    assert spoken["start_s"]["description"] == "In seconds"
    assert "correlation" in spoken["heard_score"]["description"]
    limits = schemas()["case"]["$defs"]["Limits"]["properties"]
    assert limits["watch_s"]["default"] == 20.0
    assert limits["clock_ms"]["description"] == "In milliseconds"


@st.composite
def mangled(draw: st.DrawFn) -> dict[str, Any]:
    """An event as JSON with one thing about it changed, or nothing."""
    line = record.events_to_jsonl([draw(events)]).split("\n")[1]
    event = deepcopy(json.loads(line))
    match draw(st.sampled_from(["leave", "drop", "add", "change"])):
        case "drop":
            del event[draw(st.sampled_from(sorted(event)))]
        case "add":
            event[draw(text)] = draw(plain)
        case "change":
            event[draw(st.sampled_from(sorted(event)))] = draw(plain)
    return dict(event)


@settings(max_examples=200)
@given(mangled())
def test_the_schema_takes_what_the_codec_takes(event: dict[str, Any]) -> None:
    written = f"{record.header_of(1)}\n{json.dumps(event)}\n"
    try:
        record.events_from_jsonl(written)
        read = True
    except UserError:
        read = False
    assert validator("timeline", "event").is_valid(event) is read


def _without_defaults(content: Any, schema: dict[str, Any], whole: dict[str, Any]) -> Any:
    """`content` less every field that may be missing, by the schema itself."""
    if "$ref" in schema:
        return _without_defaults(content, whole["$defs"][schema["$ref"].split("/")[-1]], whole)
    if isinstance(content, list):
        items = schema.get("items") or {}
        return [_without_defaults(item, items, whole) for item in content]
    if not isinstance(content, dict):
        return content
    if "oneOf" in schema:
        return _without_defaults(content, {"$ref": f"#/$defs/{content['kind']}"}, whole)
    kept = {k: v for k, v in content.items() if k in schema["required"]}
    return {k: _without_defaults(v, schema["properties"][k], whole) for k, v in kept.items()}


def test_an_older_folder_without_the_later_fields_judges_the_same() -> None:
    """As a release wrote it that knew none of the fields with defaults."""
    case = sample_case()
    plain_rig = replace(case.rig, listener="the listener's place")
    case = replace(case, rig=plain_rig)
    published = schemas()["case"]
    text_ = record.case_to_json(replace(case, events=()))
    older = _without_defaults(json.loads(text_), published["properties"]["case"], published)
    assert "limits" not in older["rig"] and "doings" not in older["script"]
    timeline = schemas()["timeline"]
    lines = record.events_to_jsonl(case.events).splitlines()[1:]
    kept = [_without_defaults(json.loads(x), timeline["$defs"]["event"], timeline) for x in lines]
    jsonl = "\n".join([record.header_of(len(kept)), *map(json.dumps, kept)]) + "\n"
    read = record.case_from_json(json.dumps(older))
    again = replace(read, events=record.events_from_jsonl(jsonl))
    assert judge(again) == judge(case)


def test_an_older_ruling_is_read() -> None:
    ruling = judge(sample_case())
    content = json.loads(record.ruling_to_json(ruling))
    assert next(iter(content)) == "format"
    published = {**schemas()["ruling"]}
    older = {k: v for k, v in content.items() if k in published["required"]}
    assert "format" not in older and "listener" not in older
    read = record.ruling_from_json(json.dumps(older))
    later = {n: slot.default() for n, slot in record_of(Ruling).slots.items() if slot.optional}
    assert read == replace(ruling, **later)


@pytest.mark.parametrize("version", [0, 2, "1", True, None])
def test_a_ruling_of_another_version_is_refused(version: object) -> None:
    content = json.loads(record.ruling_to_json(judge(sample_case())))
    with pytest.raises(UserError, match="use the release that wrote it"):
        record.ruling_from_json(json.dumps({**content, "format": version}))


def test_what_a_later_release_wrote_is_refused_by_name() -> None:
    """It may say what a ruling depends on, so it is never passed over."""
    newer = '{"kind": "Sneezed", "at_s": 1.0}'
    with pytest.raises(
        UserError, match="line 2: kind 'Sneezed' is none of those that this release"
    ):
        record.events_from_jsonl(f"{record.header_of(1)}\n{newer}\n")
    field = '{"kind": "Interrupted", "at_s": 1.0, "reason": "x", "by": "hand"}'
    with pytest.raises(UserError, match="no 'by'; this release knows at_s, reason"):
        record.events_from_jsonl(f"{record.header_of(1)}\n{field}\n")
