"""The scenes for any assistant: they load, their clips are there, nobody wants a message."""

from pathlib import Path

import pytest

from harness.model.script import Act, Addressee, Deed
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene

ROOT = Path(__file__).parents[2]
SCENES = sorted((ROOT / "scenarios" / "assistants").glob("*.scene.yaml"))


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return Corpus.load()


@pytest.mark.parametrize("path", SCENES, ids=lambda path: path.name.removesuffix(".scene.yaml"))
def test_it_loads_and_whatever_is_sent_in_it_is_wrong(path: Path, corpus: Corpus) -> None:
    script = load_scene(path, corpus)
    assert all(Path(line.clip).exists() for line in script.lines)
    assert not script.expected_messages
    consenting = {Act.NAME, Act.DICTATE, Act.CONFIRM}
    assert not any(consenting & set(line.acts) for line in script.lines)
    talked = any(line.to is Addressee.ROOM for line in script.lines)
    muted = any(doing.deed is Deed.MUTE for doing in script.doings)
    assert talked or muted or "reply" in path.name
