"""A session's own scene: words that no other says, where the template leaves a place."""

import random
from pathlib import Path

import pytest

from harness.account.canaries import read_back
from harness.cli import main
from harness.errors import SceneError
from harness.scene.loader import load_scene
from harness.scene.session_canary import PLACE, drawn, scene_of
from harness.scene.sources import NoClips

TEMPLATE = Path("scenarios/voice_history/session.template.yaml")


def canary(seed: int) -> str:
    return drawn(random.Random(seed))


def test_the_same_seed_draws_the_same_words() -> None:
    assert (
        canary(1)
        == canary(1)
        == ("two hundred thirty eight blankets and ninety three feathers for Charlotte")
    )


def test_no_session_is_taken_for_another() -> None:
    sessions = [canary(seed) for seed in range(300)]
    for each in sessions:
        assert read_back(sessions, f"Please buy {each}.") == (each,)


def test_a_template_becomes_a_scene_that_loads(tmp_path: Path) -> None:
    scene = tmp_path / "mine" / "tonight.scene.yaml"
    assert main(["scene", "canary", str(TEMPLATE), str(scene), "--seed", "1"]) == 0
    script = load_scene(scene, NoClips(), require_clips=False)
    assert script.household.canaries == (canary(1),)
    assert f"Please buy {canary(1)}." in [line.says for line in script.lines]


def test_without_a_seed_each_session_is_another(tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert main(["scene", "canary", str(TEMPLATE), str(tmp_path / f"{name}.scene.yaml")]) == 0
    one, two = (
        load_scene(tmp_path / f"{name}.scene.yaml", NoClips(), require_clips=False)
        for name in ("one", "two")
    )
    assert one.household.canaries != two.household.canaries


def test_a_scene_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    scene = tmp_path / "tonight.scene.yaml"
    scene.write_text("mine")
    assert main(["scene", "canary", str(TEMPLATE), str(scene)]) == 3
    assert scene.read_text() == "mine"


def test_a_template_without_a_place_is_refused() -> None:
    with pytest.raises(SceneError, match="no place"):
        scene_of("title: no place", canary(1))


def test_a_template_is_not_played(tmp_path: Path) -> None:
    scene = tmp_path / "raw.scene.yaml"
    scene.write_text(TEMPLATE.read_text())
    with pytest.raises(SceneError, match="sayso scene canary"):
        load_scene(scene, NoClips(), require_clips=False)
    assert PLACE in scene.read_text()
