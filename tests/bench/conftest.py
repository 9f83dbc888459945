"""What several tests of rig files and benches ask for."""

import subprocess
import uuid
from collections.abc import Callable, Iterator
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


@pytest.fixture
def wire() -> Iterator[str]:
    """The near end of a cable whose far end nobody holds."""
    name = f"s{uuid.uuid4().hex[:6]}"
    made = ["ip", "link", "add", name, "type", "veth", "peer", "name", f"{name}x"]
    done = subprocess.run(made, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this user may not make a network interface: {done.stderr.strip()}")
    try:
        for end in (name, f"{name}x"):
            subprocess.run(["ip", "link", "set", end, "up"], check=True)
        subprocess.run(["ip", "address", "add", "10.99.7.1/24", "dev", name], check=True)
        yield name
    finally:
        subprocess.run(["ip", "link", "delete", name], check=True)
