"""The zoo's catalogue: whole, strictly read, and every class that can be seen has a device."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import UserError
from harness.forms.fields import VIOLATION_CLASSES
from harness.judge.classes import CLASSES
from harness.model.case import RigFacts, Sense
from harness.model.cause import Arm
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.zoo import NOT_YET, BadDevice, load_catalogue
from rigs.reference_device.firmware import make_firmware
from rigs.reference_device.prompts import TEMPLATES

ZOO = Path(__file__).parents[2] / "rigs" / "zoo"
DEVICES = load_catalogue(ZOO / "catalogue.yaml")
ENTRY = {
    "name": "sends-twice",
    "firmware": "zoo.sends_twice",
    "twin": "verified",
    "scene": "some.scene.yaml",
    "first": "V26",
    "classes": ["V26"],
    "says": "It sends twice.",
}


def test_every_class_has_a_device_or_waits_for_a_sense() -> None:
    shown = {device.first for device in DEVICES}
    assert sorted(shown | set(NOT_YET)) == list(VIOLATION_CLASSES)
    assert not shown & set(NOT_YET)


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_its_scene_and_firmwares_are_there(device: BadDevice) -> None:
    script = load_scene(device.scene, Corpus.load())
    assert script.lines
    bad = make_firmware(device.firmware, device.seed)
    twin = make_firmware(device.twin, device.seed)
    assert {*bad.prompt_ids, *twin.prompt_ids} <= set(TEMPLATES)


def test_every_module_of_the_zoo_is_in_the_catalogue() -> None:
    modules = {path.stem for path in ZOO.glob("*.py")} - {
        "__init__",
        "chance",
        "recollects",
        "room_level",
        "trickle",
    }
    named = {name for device in DEVICES for name in (device.firmware, device.twin)}
    assert {f"zoo.{module}" for module in modules} == {n for n in named if n.startswith("zoo.")}


def test_scenes_of_the_zoo_are_all_played() -> None:
    folder = ZOO.parents[1] / "scenarios" / "zoo"
    assert set(folder.glob("*.scene.yaml")) <= {device.scene for device in DEVICES}


SHIPPED = RigFacts("rig", "device", "verified", ("A", "I", "L", "N", "S"), ())


@pytest.mark.parametrize("device", DEVICES, ids=lambda device: device.name)
def test_what_a_rig_with_all_senses_shows(device: BadDevice) -> None:
    asked = ("C", "Q", "X") if device.cloud is not None else ()
    hears_all = replace(SHIPPED, senses=tuple(Sense), sources=(*SHIPPED.sources, *asked))
    assert device.unseen_on(hears_all) is None


def test_what_a_rig_without_senses_cannot_show() -> None:
    unseen = {device.name: device.unseen_on(SHIPPED) for device in DEVICES}
    assert unseen["whispers"] == "V17: audibility not told"
    assert unseen["stale-recording"] is None, "what is seen in part is not left out"
    blind = replace(SHIPPED, sources=("A", "S"))
    assert next(d for d in DEVICES if d.name == "dark-light").unseen_on(blind) == "V02: needs N+L"
    left_out = {d.first for d in DEVICES if unseen[d.name] is not None and d.cloud is None}
    assert left_out <= {cls for cls, info in CLASSES.items() if info.sense is not None}


def written(folder: Path, *entries: dict[str, object]) -> Path:
    (folder / "some.scene.yaml").touch()
    path = folder / "catalogue.yaml"
    path.write_text(json.dumps({"devices": entries}))
    return path


def test_what_an_entry_leaves_out(tmp_path: Path) -> None:
    (device,) = load_catalogue(written(tmp_path, ENTRY))
    assert (device.plays, device.seed, device.rig, device.twin_rig) == (1, 0, {}, {})
    assert device.scene == tmp_path / "some.scene.yaml"


def test_a_twin_has_the_same_rig_unless_it_says_otherwise(tmp_path: Path) -> None:
    rig = {"limits": {"follow_up_s": 8}}
    same, other = load_catalogue(
        written(
            tmp_path, {**ENTRY, "rig": rig}, {**ENTRY, "name": "other", "rig": rig, "twin_rig": {}}
        )
    )
    assert same.twin_rig == rig
    assert other.twin_rig == {}


def test_a_device_that_one_play_only_suspects_takes_a_causal_test(tmp_path: Path) -> None:
    wanted = {"plays": 20, "follow_s": 30, "shift_s": 10, "least_bytes": 500}
    single, device = load_catalogue(
        written(tmp_path, ENTRY, {**ENTRY, "name": "other", "seed": 7, "cause": wanted})
    )
    assert single.cause is None
    assert device.cause is not None
    assert (device.cause.plays, device.cause.seed) == (20, 7)
    assert device.cause.arms == (Arm.SAID, Arm.SILENT, Arm.SHIFTED)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"cause": {"plays": 3, "follow_s": 30}}, "at least 6"),
        ({"first": "V25"}, "V25 is not among `classes`"),
        ({"classes": []}, "`classes` needs at least 1"),
        ({"classes": ["V99"]}, "V99"),
        ({"scene": "sone.scene.yaml"}, "did you mean `some.scene.yaml`"),
        ({"plays": 0}, "at least 1"),
        ({"sede": 3}, "did you mean `seed`"),
        ({"name": "Sends twice"}, "`name`"),
    ],
)
def test_mistakes_are_told(change: dict[str, object], told: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=told):
        load_catalogue(written(tmp_path, {**ENTRY, **change}))


def test_no_name_stands_twice(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="sends-twice is here twice"):
        load_catalogue(written(tmp_path, ENTRY, ENTRY))
