"""What several tests of scene files ask for."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.errors import SceneError
from harness.scene.loader import load_scene
from harness.scene.sources import NoClips
from tests.scene.scenes import Folder


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
