"""Whatever stands in a scene file, it loads or is told."""

from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import SceneError
from harness.scene import scene_schema
from harness.scene.loader import load_scene
from harness.scene.sources import NoClips
from tests.mistakes import trees
from tests.scene.scenes import GOOD

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
TREES = trees(WORDS)
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
