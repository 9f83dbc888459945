"""`sayso learn-idle`: from captures to a file that a rig can name."""

from pathlib import Path

import pytest

from benchmarks.wire_idle_traffic import DEVICE, Habits, Idle
from harness.bench.rigfile import load_rig
from harness.cli import main
from harness.wire.idle.onfile import check_fits, read_profile

RIG = "rigs/simulated.yaml"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A quarter of an hour of a device that pads its traffic."""
    path = tmp_path_factory.mktemp("idle") / "idle.pcapng"
    Idle(Habits.drawn(3, padded=True), 0.25, 3).write(path)
    return path


def test_a_profile_is_learnt_from_a_capture(
    capture: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "idle.json"
    words = ["learn-idle", RIG, "--from", str(capture), "--device", DEVICE, "--out", str(out)]
    assert main(words) == 2, "uploads are not observable on this device, and that is told"
    said = capsys.readouterr().out
    assert "NOT OBSERVABLE" in said
    assert f"idle_profile: {out}" in said
    file = load_rig(Path(RIG))
    check_fits(read_profile(out), file.device.name, file.device.firmware)
    assert main(words) == 3, "nothing is written over unasked"


@pytest.mark.parametrize(
    "words",
    [
        ["--from", "none.pcapng"],
        ["--device", "10.0.0.1"],
        ["--hours", "0"],
        ["--hours", "1000"],
        ["--least-s", "much"],
    ],
)
def test_mistakes_end_with_3(tmp_path: Path, words: list[str]) -> None:
    try:
        code = main(["learn-idle", RIG, "--out", str(tmp_path / "idle.json"), *words])
    except SystemExit as error:
        code = int(error.code or 0)
    assert code == 3


def test_a_capture_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    words = ["--from", str(tmp_path / "none.pcapng"), "--device", DEVICE]
    assert main(["learn-idle", RIG, "--out", str(tmp_path / "idle.json"), *words]) == 2
