"""A program that nobody fitted to the bench is brought onto it by one command."""

import sys
from pathlib import Path

import pytest

from harness.bench.lock import runtime_folder
from harness.bench.rigfile import load_rig
from harness.cli import main
from tests.bench_faults.small_bench import belonging

pytestmark = pytest.mark.bench
_PARROT = Path(__file__).with_name("parrot.py")


def test_a_parrot_is_seen_to_hear_speak_and_send(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rig = tmp_path / "my-parrot.yaml"
    command = ["--command", f"{sys.executable} {_PARROT}", "--folder", str(tmp_path)]
    code = main(["device", "new", str(rig), *command, "--firmware", "0.1"])
    told = capsys.readouterr().out
    assert code == 0, told
    for line in ("it hears", "it speaks", "parrot.example.com:4000", f"sayso doctor {rig}"):
        assert line in told
    file = load_rig(rig)
    assert (file.name, file.device.firmware, file.device.reading) == ("my-parrot", "0.1", True)
    assert file.device.control.local, "53 bytes are no upload"
    assert not file.device.panel
    assert belonging(str(runtime_folder() / "my-parrot")) == []
    (runtime_folder() / "my-parrot.lock").unlink(missing_ok=True)
