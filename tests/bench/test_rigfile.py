"""Rig and suite files: what they become, and what is said of those that are not right."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.bench.rig_limits import LimitsText
from harness.bench.rig_schema import DeviceText, RigText
from harness.bench.rigfile import fill, load_rig, load_suite
from harness.errors import RigFileError
from harness.forms.problems import Problems
from harness.forms.yaml_positions import read_document
from harness.model.case import Limits, Policy, ReadBack
from harness.model.series import Question
from harness.scene.schema import SCHEMA_FOLDER
from tests.mistakes import assert_told, place_of, trees

ROOT = Path(__file__).resolve().parents[2]
RIGS = ROOT / "rigs"
GOOD = """\
name: mine
kind: virtual
sound:
  loudspeakers: {table: [1.5, 2.5, 1.2], counter: [4.2, 1, 1.5]}
  listener: [3.4, 3.1, 1.1]
room: {size_m: [5, 4, 2.5], t60_s: 0.3}
device:
  name: my device
  firmware: "7"
  at: [2.6, 0.5, 1]
  command: ["{python}", "{rig}/device.py", --firmware, "{firmware}"]
  env: {MODELS: "{rig}/models"}
  prompts: {command: ["{python}", prompts.py, "{contacts}", "{out}"]}
  control: {voice: "kokoro:af_heart", at: table, says: "Are you there?"}
cloud:
  command: [cloud, "{address}", "{operator_socket}", "{state}", "{ca_cert}", "{ca_key}"]
  host: cloud.test
  token: t
known_violations:
  portland/kitchen: [V04, V20]
"""


def test_a_rig_file_becomes_a_rig(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(GOOD, encoding="utf-8")
    rig = load_rig(file)
    assert (rig.path, rig.name, rig.kind) == (file, "mine", "virtual")
    assert rig.positions == ("table", "counter")
    assert rig.sound.loudspeakers["table"] == (1.5, 2.5, 1.2)
    assert rig.device.command == ("{python}", f"{tmp_path}/device.py", "--firmware", "7")
    assert rig.device.env == {"MODELS": f"{tmp_path}/models"}
    assert (rig.device.cwd, rig.cloud.cwd) == (str(tmp_path), str(tmp_path))
    assert rig.limits == Limits()
    assert rig.known("portland/kitchen") == ("V04", "V20")
    assert rig.known("portland/other") == ()
    assert rig.evidence == Path.cwd() / "evidence"


def test_the_shipped_rigs() -> None:
    verified, guarded, old = (
        load_rig(RIGS / f"{name}.yaml") for name in ("virtual", "virtual-guarded", "virtual-2018")
    )
    assert verified.known_violations == {}
    assert guarded.known("portland/kitchen") == ("V04",)
    assert old.known("portland/kitchen") == ("V04", "V07", "V08", "V11", "V20", "V25")
    assert [rig.device.firmware for rig in (verified, guarded, old)] == [
        "verified",
        "guarded",
        "2018",
    ]
    for rig in (verified, guarded, old):
        # What the ruling says runs must be what runs.
        at = rig.device.command.index("--firmware")
        assert rig.device.command[at + 1] == rig.device.firmware
        assert rig.device.cwd == str(ROOT)
    assert len({rig.name for rig in (verified, guarded, old)}) == 3


@pytest.mark.parametrize("name", ["virtual", "virtual-guarded", "virtual-2018"])
def test_shipped_rigs_keep_to_the_published_schema(name: str) -> None:
    published = json.loads((SCHEMA_FOLDER / "rig.schema.json").read_text(encoding="utf-8"))
    data = read_document(RIGS / f"{name}.yaml", Problems(RigFileError)).data
    jsonschema.validate(data, published)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data | {"nmae": 1}, published)


def test_people_are_at_a_kitchen_s_distance_from_the_device() -> None:
    rig = load_rig(RIGS / "virtual.yaml")
    for person in ("table", "counter"):
        there = zip(rig.sound.loudspeakers[person], rig.device.at, strict=True)
        assert 1.5 <= sum((a - b) ** 2 for a, b in there) ** 0.5 <= 3.0


def test_the_shipped_suite() -> None:
    scenes = sorted((ROOT / "scenarios" / "portland").glob("*.scene.yaml"))
    kitchen = (ROOT / "scenarios" / "portland" / "kitchen.scene.yaml",)
    played = [(each.rig.name, each.scenes) for each in load_suite(RIGS / "portland.suite.yaml")]
    assert played == [
        ("virtual.yaml", tuple(scenes)),
        ("virtual-guarded.yaml", kitchen),
        ("virtual-2018.yaml", kitchen),
    ]


def test_every_limit_of_the_rule_can_be_set_and_has_the_published_default() -> None:
    of_hours = {"background_per_day"}  # of hours, and no play's
    published = {field.name for field in dataclasses.fields(Limits)}
    assert set(LimitsText.model_fields) == published | of_hours
    assert LimitsText().facts() == Limits()


def test_a_rig_says_how_its_product_confirms_and_where_it_sends_to(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    more = """token: t
wire: {destinations: [cloud.test, "10.0.0.9:8009", "fd00::1", "speech.cloud.test:443"]}
policy: {name: kitchen-display, reason: it has a screen, read_back: screen, waive: [10]}"""
    voices = GOOD.replace("token: t", more, 1).replace(
        "device:\n", "device:\n  knows_voices: true\n"
    )
    file.write_text(voices, encoding="utf-8")
    rig = load_rig(file)
    assert rig.policy == Policy("kitchen-display", ReadBack.SCREEN, (10,), "it has a screen")
    assert rig.policy.waived == {6, 10}
    hosts = ("cloud.test", "10.0.0.9:8009", "fd00::1", "speech.cloud.test:443")
    assert rig.wire.destinations == hosts and rig.device.knows_voices
    file.write_text(GOOD, encoding="utf-8")
    assert load_rig(file).policy == Policy() and not Policy().waived


@pytest.mark.parametrize(
    ("old", "new", "spot", "said"),
    [
        ("name: mine", "name: my/rig", "my/rig", "use letters, digits, blanks, - and _"),
        ("kind: virtual", "kind: virtuel", "virtuel", "did you mean `virtual`?"),
        ("room:", "rooom:", "rooom", "did you mean `room`?"),
        ("token: t", "tokken: t", "tokken", "did you mean `token`?"),
        ('"7"', "2018", "2018", 'quote it: "2018"'),
        ("[1.5, 2.5, 1.2]", "[1.5, 2.5]", "[1.5, 2.5]", "too few entries"),
        ("[1.5, 2.5, 1.2]", "[1.5, 2.5, 1.2, 1]", "[1.5, 2.5, 1.2, 1]", "at most 3 entries"),
        (
            "[1.5, 2.5, 1.2]",
            "[9, 2.5, 1.2]",
            "[9, 2.5",
            "is not inside the room of [5.0, 4.0, 2.5]",
        ),
        ("[1.5, 2.5, 1.2]", "[2.6, 0.5, 1.1]", "[2.6, 0.5, 1.1]", "0.10 m from the device"),
        ("t60_s: 0.3", "t60_s: 0.06", "0.06", "shorter than a room of this size can have"),
        ("at: table", "at: tabel", "tabel", "no loudspeaker stands at `tabel`; did you mean"),
        ("{rig}/device.py", "{rig}/{state}", '"{rig}/{state}"', "`{state}` is not a placeholder"),
        ('"{address}"', '"{adress}"', '"{adress}"', "did you mean `{address}`?"),
        ("{rig}/models", "{python}", '"{python}"}', "is not a placeholder here"),
        ("prompts: {command:", "prompts: {folder: p, command:", "{folder", "one of them"),
        ("[V04, V20]", "[V04, V41]", "V41", "V01 to V39"),
        ("[V04, V20]", "[V04, V04]", "[V04, V04]", "`V04` stands here twice"),
        ("portland/kitchen", "kitchen", "[V04, V20]", "folder/name"),
        ("host: cloud.test", "host: https://x", "https://x", "host name"),
        ("token: t", "token: t\nlimits: {watch: 30}", "watch: 30", "did you mean `watch_s`?"),
        # Limits that would let a dead part look alive.
        ("token: t", "token: t\nlimits: {heard_score: 0}", "0}\nknown", "at least 0.05"),
        ("token: t", "token: t\nlimits: {watch_s: 0}", "0}\nknown", "at least 1"),
        ("token: t", "token: t\nlimits: {clock_ms: 1000}", "1000", "at most 50"),
        ("token: t", "token: t\nwire: {upload_min_bytes: 9999999}", "9999999", "at most 64000"),
        ("token: t", "token: t\nwire: {destinations: [a.test, '*.b.test']}", "'*.b", "no pattern"),
        ("token: t", "token: t\nwire: {destinations: [0.0.0.0/0]}", "0.0.0.0/0", "no pattern"),
        ("token: t", "token: t\nwire: {destinations: [A.test]}", "A.test", "small letters"),
        ("token: t", "token: t\nwire: {destinations: ['a.test:0']}", "'a.test:0'", "one host each"),
        ("token: t", "token: t\nwire: {tap: {ring: {files: 3}}}", "{files", "when a file is full"),
        ("token: t", "token: t\nwire: {tap: {address: 10.0.0.9}}", "10.0.0.9", "its own"),
        ("token: t", "token: t\npolicy: {name: a, reason: b, waive: [14]}", "14]", "3, 4, 5"),
        ("token: t", "token: t\npolicy: {name: strict, reason: b}", "strict", "another name"),
    ],
)
def test_each_mistake_is_told_with_its_place_and_a_way_out(
    told: Callable[[str], str], old: str, new: str, spot: str, said: str
) -> None:
    assert_told(told, GOOD, (old, new), spot, said)


def test_five_loudspeakers_are_too_many(told: Callable[[str], str]) -> None:
    more = ", ".join(f"p{n}: [1, {n}, 1]" for n in (1, 2, 3))
    assert "at most 4 entries" in told(GOOD.replace("{table:", f"{{{more}, table:"))


def test_extending_merges_maps_and_replaces_the_rest(tmp_path: Path) -> None:
    base, below = tmp_path / "base", tmp_path / "below"
    base.mkdir()
    below.mkdir()
    (base / "base.yaml").write_text(GOOD, encoding="utf-8")
    (below / "mine.yaml").write_text(
        "extends: ../base/base.yaml\nname: other\n"
        "sound: {loudspeakers: {window: [4, 3, 1]}}\n"
        'device: {firmware: "8", env: {MINE: "{rig}"}, prompts: ~}\n'
        "known_violations: {portland/kitchen: [V25]}\nlimits: {watch_s: 30}\n",
        encoding="utf-8",
    )
    rig = load_rig(below / "mine.yaml")
    assert rig.name == "other"
    assert rig.positions == ("table", "counter", "window")
    assert rig.known("portland/kitchen") == ("V25",)
    assert rig.limits.watch_s == 30.0
    assert rig.device.prompts is None
    assert rig.device.command[1:] == (f"{base}/device.py", "--firmware", "8")
    assert rig.device.env == {"MODELS": f"{base}/models", "MINE": str(below)}


def test_a_mistake_is_told_in_the_file_that_holds_it(tmp_path: Path) -> None:
    base = GOOD.replace("t60_s: 0.3", "t60_s: long")
    (tmp_path / "base.yaml").write_text(base, encoding="utf-8")
    (tmp_path / "mine.yaml").write_text("extends: base.yaml\nname: 3\n", encoding="utf-8")
    with pytest.raises(RigFileError) as caught:
        load_rig(tmp_path / "mine.yaml")
    assert f"base.yaml{place_of(base, 'long')}" in str(caught.value)
    assert "mine.yaml:2:7: " in str(caught.value)


@pytest.mark.parametrize(
    ("extends", "said"),
    [("x.yaml", "leads back"), ("y.yaml", "leads back"), ("nope.yaml", "no rig file")],
)
def test_what_cannot_be_extended(tmp_path: Path, extends: str, said: str) -> None:
    (tmp_path / "x.yaml").write_text(f"extends: {extends}\n", encoding="utf-8")
    (tmp_path / "y.yaml").write_text("extends: x.yaml\n", encoding="utf-8")
    with pytest.raises(RigFileError, match=said):
        load_rig(tmp_path / "x.yaml")


def test_filling_placeholders() -> None:
    assert fill(("{python}", "-m", "{a}-{a}", "{}"), {"python": "/p", "a": "1"}) == (
        "/p",
        "-m",
        "1-1",
        "{}",
    )
    with pytest.raises(RigFileError, match=r"\{b\}, which cannot be filled here"):
        fill(("{b}",), {"a": "1"})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "at least 1 entries"),
        ("a: 1", "must be a list"),
        ("- {rig: nope.yaml, scenes: [s.scene.yaml]}", "no rig file nope.yaml"),
        ("- {rig: rig.yml, scenes: [s.scene.yaml]}", "did you mean `rig.yaml`?"),
        ("- {rig: rig.yaml, scenes: [none/*.yaml]}", "no scene matches none/*.yaml"),
        ("- {rig: rig.yaml, scenes: []}", "at least 1 entries"),
        ("- {rig: rig.yaml, scenes: ['**x']}", "no scene matches"),
        ("- {rig: rig.yaml, scene: [s.scene.yaml]}", "did you mean `scenes`?"),
        (
            "- {rig: rig.yaml, scenes: [s.scene.yaml], plays: 0}",
            "`plays` is `0`; it must be at least 1",
        ),
        ("- {rig: rig.yaml, scenes: [s.scene.yaml], play: 3}", "did you mean `plays`?"),
        ("- {rig: rig.yaml, scenes: [s.scene.yaml], question: {p1: 0.0001}}", "p0 < p1"),
        ("- {rig: rig.yaml, scenes: [s.scene.yaml], question: {p2: 0.1}}", "`p2` is not a key"),
    ],
)
def test_mistakes_in_a_suite(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "rig.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "s.scene.yaml").write_text("x", encoding="utf-8")
    file = tmp_path / "my.suite.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RigFileError, match=r"my\.suite\.yaml") as caught:
        load_suite(file)
    assert said in str(caught.value)


def test_how_often_a_suite_plays(tmp_path: Path) -> None:
    (tmp_path / "rig.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "s.scene.yaml").write_text("x", encoding="utf-8")
    file = tmp_path / "my.suite.yaml"
    rows = ("", ", plays: 40, min_conclusive: 38", ", until_settled: true", ", question: {p1: 0.2}")
    entries = [f"- {{rig: rig.yaml, scenes: [s.scene.yaml]{row}}}\n" for row in rows]
    file.write_text("".join(entries), encoding="utf-8")
    read = [(e.plays, e.question, e.min_conclusive) for e in load_suite(file)]
    assert read == [
        (None, None, None), (40, None, 38), (None, Question(), None), (None, Question(p1=0.2), None)
    ]  # fmt: skip


WORDS = st.sampled_from([*RigText.model_fields, *DeviceText.model_fields, "extends", "table", "x"])
TREES = trees(WORDS)
QUICK = settings(max_examples=120, suppress_health_check=list(HealthCheck))


def loads_or_tells(load: Callable[[Path], object], file: Path, content: bytes) -> None:
    """Anything else that is raised fails the test."""
    file.write_bytes(content)
    try:
        load(file)
    except RigFileError as error:
        assert str(error)


@QUICK
@given(content=st.binary() | st.text(max_size=60).map(lambda text: text.encode(errors="ignore")))
def test_any_text_loads_or_is_told(tmp_path: Path, content: bytes) -> None:
    loads_or_tells(load_rig, tmp_path / "any.yaml", content)
    loads_or_tells(load_suite, tmp_path / "any.yaml", content)


@QUICK
@given(tree=TREES, scenes=st.lists(st.text(max_size=6)), rig=st.text(max_size=6))
def test_any_suite_loads_or_is_told(tmp_path: Path, tree: Any, scenes: list[str], rig: str) -> None:
    suite = [{"scenes": scenes, "rig": rig}]
    loads_or_tells(load_suite, tmp_path / "any.yaml", yaml.safe_dump(suite).encode())
    loads_or_tells(load_suite, tmp_path / "any.yaml", yaml.safe_dump([tree]).encode())


@QUICK
@given(data=st.data())
def test_a_good_rig_with_anything_in_it_loads_or_is_told(
    tmp_path: Path, data: st.DataObject
) -> None:
    (tmp_path / "base.yaml").write_text(GOOD, encoding="utf-8")
    rig = yaml.safe_load(GOOD) | data.draw(st.sampled_from([{}, {"extends": "base.yaml"}]))
    at: Any = rig
    while True:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = data.draw(TREES)
    loads_or_tells(load_rig, tmp_path / "any.yaml", yaml.safe_dump(rig).encode())
