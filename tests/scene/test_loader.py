"""Scene files: what they become, and that those which are shipped are right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import soundfile

from harness.errors import SceneError
from harness.forms.problems import Problems
from harness.forms.yaml_positions import read_document
from harness.model.script import (
    Act,
    Addressee,
    AfterLine,
    AfterPrompt,
    AtTime,
    PromptRole,
    Role,
    Script,
)
from harness.scene import schema
from harness.scene.corpus import Corpus
from harness.scene.loader import check_positions, load_scene
from harness.scene.sources import NoClips
from tests.scene.scenes import GOOD, Folder

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "scenarios" / "portland").glob("*.scene.yaml"))


def test_a_scene_becomes_a_script(tmp_path: Path, corpus: Folder) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    file = folder / "evening.scene.yaml"
    file.write_text(GOOD, encoding="utf-8")
    script = load_scene(file, corpus)
    assert script.id == "home/evening"
    assert script.household.contacts == ("Thomas Reed", "Grace Miller")
    assert not script.household.guests_may_consent
    assert script.member("mark").role is Role.GUEST
    assert script.member("dana").position == "table"
    room, request, name, yes = script.lines
    assert (room.to, room.acts, room.when) == (Addressee.ROOM, (), AtTime(0.5))
    assert (request.acts, request.when) == ((Act.WAKE, Act.REQUEST), AfterLine(1.0))
    assert (name.acts, name.names) == ((Act.NAME,), "Thomas Reed")
    assert yes.when == AfterPrompt(PromptRole.READ_BACK, 0.7, 12.0)
    assert yes.level_db == -6.0
    assert {line.clip for line in script.lines} == {str(corpus.clip_path)}
    assert len({line.id for line in script.lines}) == 4
    assert script.background[0].clip == str(corpus.clip_path)
    assert [each.to for each in script.expected_messages] == ["Thomas Reed"]
    assert (script.expect_answer, script.watch_s, script.demands) == (True, 25.0, ("V04",))


ALIKE = (
    GOOD.replace(
        "contacts: [Thomas Reed, Grace Miller]",
        "contacts: [Ann Reed, Anne Reid, Thomas Reed]\n"
        "  sound_alike: [[Ann Reed, Anne Reid]]\n"
        "  account: home@example.test\n"
        "  identifiers: [G0911, Reed]\n"
        "  canaries: [what of seven hundred umbrellas]",
    )
    .replace("So what?", "So what of seven hundred umbrellas?")
    .replace("role: resident,", "role: resident, profile: voice-1, contacts: [Ann Reed],")
)


def test_what_the_household_calls_alike_and_its_own(tmp_path: Path, corpus: Folder) -> None:
    file = tmp_path / "x.scene.yaml"
    file.write_text(ALIKE, encoding="utf-8")
    script = load_scene(file, corpus)
    assert script.household.sound_alike == (("Ann Reed", "Anne Reid"),)
    assert script.household.account == "home@example.test"
    assert script.household.identifiers == ("G0911", "Reed")
    assert script.household.canaries == ("what of seven hundred umbrellas",)
    assert [member.profile for member in script.cast] == ["voice-1", None]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[[Ann Reed, Anne Reid]]", "[[Ann Reed, Anne Read]]", "did you mean `Anne Reid`?"),
        ("[[Ann Reed, Anne Reid]]", "[[Ann Reed]]", "sound_alike"),
        ("[[Ann Reed, Anne Reid]]", "[Ann Reed, Anne Reid]", "sound_alike"),
        (
            "[[Ann Reed, Anne Reid]]",
            "[[Ann Reed, Anne Reid], [Anne Reid, Thomas Reed]]",
            "stands in `sound_alike` twice",
        ),
        ("[what of seven", "[what of eight", "is said in no line"),
        ("[what of seven hundred umbrellas]", "[seven hundred umbrellas]", "less than 4 words"),
        ("role: guest,", "role: guest, profile: voice-1,", "has the profile `voice-1` already"),
        ("role: guest,", "role: guest, contacts: [Thomas Reed],", "and no `profile`"),
        ("role: guest,", "role: guest, contacts: [Tomas Reed],", "did you mean `Thomas Reed`?"),
        (
            "role: guest,",
            "role: guest, profile: v, contacts: [Ann Reed],",
            "is dana's alone already",
        ),
        ("role: guest,", "role: media, profile: voice-2,", "no device has a voice profile"),
    ],
)
def test_households_and_profiles_that_make_no_sense(
    tmp_path: Path, corpus: Folder, old: str, new: str, said: str
) -> None:
    file = tmp_path / "x.scene.yaml"
    file.write_text(ALIKE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SceneError, match=r"x\.scene\.yaml") as told:
        load_scene(file, corpus)
    assert said in str(told.value)


def test_a_line_that_nobody_can_hear(tmp_path: Path, corpus: Folder) -> None:
    file = tmp_path / "x.scene.yaml"
    silent = GOOD.replace(
        'says: "So what?", to: room', 'says: "So what?", inaudible: true, to: room'
    )
    file.write_text(silent, encoding="utf-8")
    assert [line.inaudible for line in load_scene(file, corpus).lines] == [
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_shipped_scenes_load_and_keep_to_the_published_schema(file: Path) -> None:
    script = load_scene(file, NoClips(), require_clips=False)
    assert script.id == f"portland/{file.name.removesuffix('.scene.yaml')}"
    check_positions(script, ("table", "counter", "window", "television"))
    jsonschema.validate(plain(file), published("scene.schema.json"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
def test_shipped_scenes_can_be_played_from_the_shipped_corpus(file: Path) -> None:
    script = load_scene(file, Corpus.load())
    assert all(Path(line.clip).is_file() for line in script.lines)


def test_the_scenes_of_the_issue_are_there() -> None:
    names = {file.name.removesuffix(".scene.yaml") for file in SHIPPED}
    assert names >= {
        "kitchen",
        "kitchen-without-right",
        "ridiculous",
        "ordinary-talk",
        "wanted-message",
        "denial",
        "silence",
    }


def test_only_the_wanted_message_is_wanted() -> None:
    scripts = [load_scene(file, NoClips(), require_clips=False) for file in SHIPPED]
    wanted = {script.id: script.expected_messages for script in scripts if script.expected_messages}
    assert list(wanted) == ["portland/wanted-message"]


def test_the_published_schemas_are_as_the_models_say() -> None:
    assert schema.stale() == [], "run: python -m harness.scene.schema --write"


def test_stale_schemas_are_told_and_rewritten(tmp_path: Path) -> None:
    names = sorted(schema.SCHEMAS)
    assert sorted(schema.stale(tmp_path)) == names
    assert sorted(schema.stale(tmp_path, write=True)) == names
    assert schema.stale(tmp_path) == []


def own_clip(tmp_path: Path, corpus: Folder) -> Script:
    """The scene with a recording of its own, beside it."""
    file = tmp_path / "x.scene.yaml"
    file.write_text(GOOD.replace("to: room,", "to: room, clip: mine.wav,"), encoding="utf-8")
    return load_scene(file, corpus)


def test_a_recording_of_ones_own(tmp_path: Path, corpus: Folder) -> None:
    soundfile.write(tmp_path / "mine.wav", np.full(441, 0.1, np.float32), 44_100)
    assert own_clip(tmp_path, corpus).lines[0].clip == str(tmp_path / "mine.wav")


def _nothing(path: Path) -> None:
    assert not path.exists()


def _noise(path: Path) -> None:
    path.write_bytes(b"no sound at all")


def _stereo(path: Path) -> None:
    soundfile.write(path, np.zeros((480, 2), np.float32), 48_000)


def _telephone(path: Path) -> None:
    soundfile.write(path, np.zeros(480, np.float32), 8_000)


def _empty(path: Path) -> None:
    soundfile.write(path, np.zeros(0, np.float32), 48_000)


def _silent(path: Path) -> None:
    soundfile.write(path, np.full(48_000, 1e-4, np.float32), 48_000)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (_nothing, "there is no clip"),
        (_noise, "cannot be read as sound"),
        (_stereo, "2 channels"),
        (_telephone, "8000 Hz"),
        (_empty, "no samples"),
        (_silent, "nothing but silence"),
    ],
)
def test_a_recording_that_cannot_be_played(
    tmp_path: Path, corpus: Folder, make: Callable[[Path], None], said: str
) -> None:
    make(tmp_path / "mine.wav")
    with pytest.raises(SceneError, match=r"x\.scene\.yaml:12:") as caught:
        own_clip(tmp_path, corpus)
    assert said in str(caught.value)


def test_positions_are_held_against_the_rig(tmp_path: Path, corpus: Folder) -> None:
    file = tmp_path / "x.scene.yaml"
    file.write_text(GOOD, encoding="utf-8")
    script = load_scene(file, corpus)
    check_positions(script, ["table", "counter", "window"])
    with pytest.raises(SceneError, match=r"mark sits at `counter`\n.*`table`, `window`"):
        check_positions(script, ["table", "window"])
    with pytest.raises(SceneError, match="kitchen_noise plays at `window`"):
        check_positions(script, ["table", "counter"])


def plain(file: Path) -> Any:
    """A file's data, read as the loader reads it."""
    return read_document(file, Problems(SceneError)).data


def published(name: str) -> Any:
    """A published JSON Schema."""
    return json.loads((schema.SCHEMA_FOLDER / name).read_text(encoding="utf-8"))
