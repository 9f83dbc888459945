"""What is said of scene files that are not right."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import CorpusError, SceneError
from harness.scene.loader import load_scene
from harness.scene.sources import NoClips
from tests.mistakes import assert_told, place_of
from tests.scene.scenes import GOOD

ROOT = Path(__file__).resolve().parents[2]


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
        ("[Thomas Reed, Grace", "[Thomas Reed, Thomas-Reed, Grace", "Thomas-Reed", "no ear tells"),
        ("title: A test", 'title: "A\u200btest"', '"A\u200b', "nobody sees (U+200B)"),
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
    assert_told(told, GOOD, (old, new), spot, said)


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
