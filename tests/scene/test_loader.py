"""Scene files: what they become, and what is said of those that are not right."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
import soundfile
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import CorpusError, SceneError
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
from harness.scene import scene_schema, schema
from harness.scene.corpus import Corpus
from harness.scene.loader import check_positions, load_scene
from harness.scene.sources import NoClips

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = sorted((ROOT / "scenarios" / "portland").glob("*.scene.yaml"))
GOOD = """\
title: A test
about: what it is for
household:
  contacts: [Thomas Reed, Grace Miller]
  guests_may_consent: false
cast:
  dana: {voice: "kokoro:af_heart", role: resident, at: table}
  mark: {voice: "kokoro:am_michael", role: guest, at: counter}
background:
  - {sound: kitchen_noise, at: window, level_db: -30}
lines:
  - {who: dana, says: "So what?", to: room, when: {at_s: 0.5}}
  - {who: mark, says: "Alexa. A message.", to: device, act: [wake, request], when: {pause_s: 1}}
  - {who: mark, says: "Thomas Reed.", to: device, act: name, names: Thomas Reed, when: {pause_s: 2}}
  - {who: mark, says: "Yes.", to: device, act: confirm, level_db: -6,
     when: {after_prompt: read_back, pause_s: 0.7, within_s: 12}}
expect:
  messages: [{to: Thomas Reed}]
  answered: true
watch_s: 25
demands: [V04]
"""


class Folder:
    """A corpus that has one recording of everything."""

    def __init__(self, clip: Path) -> None:
        self.clip_path = clip

    def clip(self, voice: str, text: str) -> Path:
        return self.clip_path

    def sound(self, name: str) -> Path:
        return self.clip_path


@pytest.fixture
def corpus(tmp_path: Path) -> Folder:
    clip = tmp_path / "any.flac"
    soundfile.write(clip, np.full(480, 0.1, np.float32), 48_000)
    return Folder(clip)


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str], str]:
    """What is said of a scene of that text; fails where nothing is."""

    def load(text: str) -> str:
        file = tmp_path / "x.scene.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(SceneError) as caught:
            load_scene(file, NoClips(), require_clips=False)
        return str(caught.value)

    return load


def place_of(text: str, fragment: str) -> str:
    """`line:column` of a fragment that stands in a text once."""
    assert text.count(fragment) == 1, fragment
    before = text[: text.index(fragment)]
    return f":{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "


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


@pytest.mark.parametrize(
    ("old", "new", "spot", "said"),
    [
        ("title:", "titel:", "titel:", "`titel` is not a key here; did you mean `title`?"),
        ("act: confirm", "act: confrm", "confrm", "did you mean `confirm`?"),
        ("act: confirm", "akt: confirm", "akt", "did you mean `act`?"),
        ("who: dana", "who: dina", "dina", "`dina` is not in the cast; did you mean `dana`?"),
        ("to: room", "to: rom", "rom,", "did you mean `room`?"),
        ('"Yes."', "Yes", "Yes", 'YAML reads Yes as true or false; quote it: "Yes"'),
        ('"Yes."', "12", "12,", "quote it"),
        ('"Yes."', '"..."', '"..."', "no word"),
        ("names: Thomas Reed", "names: Tom Reed", "Tom Reed", "not a contact of the household"),
        ("s: Thomas Reed", "s: Grace Miller", "Grace Miller, when", "`Thomas Reed` is who is said"),
        ("[Thomas Reed, Grace Miller]", "[Thomas Reed, '!!!']", "'!!!'", "no word"),
        ("{to: Thomas Reed}", "{to: Grace Mill}", "Grace Mill}", "did you mean `Grace Miller`?"),
        ("at_s: 0.5", "at_s: soon", "soon", "`at_s` must be a number, not the text `soon`"),
        ("at_s: 0.5", "at_s: -1", "-1", "at least 0"),
        ("at_s: 0.5", "at_s: 1:30", "1:30", "must be a number"),
        ("at_s: 0.5", "at_s: .nan", ".nan", "must be a number"),
        ("at_s: 0.5", "at_s: true", "true}", "must be a number"),
        ("level_db: -6", "level_db: 99", "99", "at most 20"),
        (
            "{at_s: 0.5}", "{at_s: 0.5, pause_s: 3}", "3}", "does not go together with `at_s`"
        ),
        ("{pause_s: 1}", "{pause: 1}", "pause: 1}", "did you mean `pause_s`?"),
        ("{at_s: 0.5}", "{}", "{}", "`when` is empty; write `{at_s: 4.5}`"),
        (", within_s: 12", "", "{after_prompt", "also needs `within_s`"),
        ("read_back", "readback", "readback", "did you mean `read_back`?"),
        ("watch_s: 25", "watch_s: 5", "5\ndemands", "can only lengthen the watch"),
        ("[V04]", "[V40]", "V40", "V01 to V39"),
        ("to: room,", "to: room, act: wake,", "wake, when", "write `to: device`"),
        ("[wake, request]", "[confirm, deny, wake, request]", "[confirm", "confirm and deny"),
        ("[wake, request]", "[wake, wake, request]", "[wake", "twice"),
        ("act: name, names: Thomas Reed", "act: name", '{who: mark, says: "Th', "needs `names:`"),
        ("act: name,", "act: dictate,", "Thomas Reed, when", "`names` belongs to"),
        ("[wake, request]", "[wake]", "[{to: Thomas", "no line asks for one"),
        ("[Thomas Reed, Grace", "[Thomas Reed, thomas reed, Grace", "thomas reed", "twice"),
        ("watch_s: 25", "watch_s: 25\ntitle: b", "title: b", "twice (first in line 1)"),
        ("title: A test", "title: A: test", ": test", "a text that holds a colon must be quoted"),
        ("title: A test", "title: *star", "*star", "aliases (*) are not read"),
        ("title: A test", "title: !star x", "!star", "tags (!) are not read"),
        ("  dana: {", "  ../dana: {", "{voice: \"kokoro:af", "use letters"),
    ],
)  # fmt: skip
def test_each_mistake_is_told_with_its_place_and_a_way_out(
    told: Callable[[str], str], old: str, new: str, spot: str, said: str
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    message = told(text)
    assert said in message
    assert place_of(text, spot) in message


def test_all_mistakes_are_told_at_once(told: Callable[[str], str]) -> None:
    text = GOOD.replace("title:", "titel:").replace("-30", "loud").replace("role: guest", "role: x")
    message = told(text)
    assert message.startswith("4 problems:")
    # Each place stands below what is wrong with it, once: two things are wrong with the first.
    carets = [line.endswith("^") for line in message.splitlines()]
    assert carets == [False, False, False, False, True, *2 * [False, False, True]]
    for part in ("`titel`", "`title` is missing", "`level_db`", "`role`"):
        assert part in message


def test_an_unknown_key_does_not_hide_a_stranger(told: Callable[[str], str]) -> None:
    message = told(GOOD.replace("act: confirm", "akt: confirm").replace("who: dana", "who: dina"))
    assert "`akt`" in message
    assert "`dina`" in message


def test_times_may_not_go_backwards(told: Callable[[str], str]) -> None:
    text = GOOD.replace("{pause_s: 2}", "{at_s: 0.25}")
    message = told(text)
    assert "0.25 s is before the 0.5 s of line 12" in message
    assert place_of(text, "0.25") in message


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"title: \x07", "control character"),
        (b'title: "a\\0b"', "control character"),
        (b"a: 1\n---\nb: 2\n", "second document"),
        (b"[" * 5000, "nested more than"),
        (b"\ta: 1", "indent with spaces"),
        (b"[1, 2]", "must be a map"),
        (b'title: "a\nlines: []\n', ":1:8: not readable: the quote that opens here is never"),
        (b"{[1]: 2}", "a key must be a plain word"),
        (b"%YAML 9.9\n---\na: 1", "not readable"),
    ],
)
def test_what_is_no_scene_at_all(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "x.scene.yaml"
    file.write_bytes(content)
    with pytest.raises(SceneError, match=r"x\.scene\.yaml") as caught:
        load_scene(file, NoClips())
    assert said in str(caught.value)


def test_a_missing_file_names_its_neighbour() -> None:
    with pytest.raises(SceneError, match=r"no such file; did you mean `kitchen\.scene\.yaml`"):
        load_scene(ROOT / "scenarios" / "portland" / "kichen.scene.yaml", NoClips())


def test_a_folder_is_not_a_scene(tmp_path: Path) -> None:
    with pytest.raises(SceneError, match="cannot be read"):
        load_scene(tmp_path, NoClips())


def test_every_missing_recording_is_told_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "x.scene.yaml"
    file.write_text(GOOD, encoding="utf-8")
    with pytest.raises(SceneError) as caught:
        load_scene(file, NoClips())
    assert str(caught.value).startswith("5 problems:")
    assert place_of(GOOD, '"So what?"') in str(caught.value)


def test_without_clips_a_line_has_an_empty_path(tmp_path: Path) -> None:
    file = tmp_path / "x.scene.yaml"
    file.write_text(GOOD, encoding="utf-8")
    assert load_scene(file, NoClips(), require_clips=False).lines[0].clip == ""


class Broken(NoClips):
    """A corpus whose clips fail their hash."""

    def clip(self, voice: str, text: str) -> Path:
        raise CorpusError("hash differs; run `sayso corpus build`")


def test_what_the_corpus_says_is_passed_on(tmp_path: Path) -> None:
    file = tmp_path / "x.scene.yaml"
    file.write_text(GOOD, encoding="utf-8")
    with pytest.raises(SceneError, match=r"x\.scene\.yaml:12:.*run `sayso corpus build`"):
        load_scene(file, Broken())


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


WORDS = st.sampled_from(
    [
        *scene_schema.SceneText.model_fields,
        *scene_schema.LineText.model_fields,
        "at_s",
        "pause_s",
        "dana",
        "V04",
    ]
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | WORDS
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)
QUICK = settings(max_examples=150, suppress_health_check=list(HealthCheck))


def loads_or_tells(file: Path, content: bytes) -> None:
    """Anything else that is raised fails the test."""
    file.write_bytes(content)
    try:
        load_scene(file, NoClips(), require_clips=False)
    except SceneError as error:
        assert file.name in str(error)


@QUICK
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs"])) | st.binary())
def test_any_text_loads_or_is_told(tmp_path: Path, text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    loads_or_tells(tmp_path / "any.scene.yaml", content)


@QUICK
@given(text=st.text(alphabet="ab:-{}[]\"'\n #&*!|>%@?,~01.", max_size=40))
def test_any_yaml_punctuation_loads_or_is_told(tmp_path: Path, text: str) -> None:
    loads_or_tells(tmp_path / "any.scene.yaml", text.encode())


@QUICK
@given(data=st.data())
def test_a_good_scene_with_anything_in_it_loads_or_is_told(
    tmp_path: Path, data: st.DataObject
) -> None:
    scene = yaml.safe_load(GOOD)
    at: Any = scene
    while True:
        key = data.draw(st.sampled_from(list(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = data.draw(TREES)
    loads_or_tells(tmp_path / "any.scene.yaml", yaml.safe_dump(scene).encode())
