"""What several tests of rig files ask for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.bench.rigfile import load_rig
from harness.errors import RigFileError


@pytest.fixture
def told(tmp_path: Path) -> Callable[[str], str]:
    """What is said of a rig of that text; fails where nothing is."""

    def load(text: str) -> str:
        file = tmp_path / "x.yaml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(RigFileError) as caught:
            load_rig(file)
        return str(caught.value)

    return load
