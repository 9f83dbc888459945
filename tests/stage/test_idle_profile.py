"""The idle profile that a rig file names: found from there, and only of this device."""

from pathlib import Path

import pytest

from harness.bench.rigfile import RigFile, load_rig
from harness.errors import RigError, RigFileError
from harness.stage.idle import idle_profile, told
from harness.wire.idle.onfile import write_profile
from tests.wire.idle.made import learnt

SIMULATED = Path("rigs/simulated.yaml").absolute()


def rig(folder: Path, device: str = "Made", firmware: str = "1.0") -> RigFile:
    """A simulated rig whose device has a profile beside the rig file."""
    path = folder / "rig.yaml"
    path.write_text(
        f"extends: {SIMULATED}\nname: idle\nwire: {{idle_profile: idle.json}}\n"
        f'device: {{name: {device}, firmware: "{firmware}"}}\n'
    )
    return load_rig(path)


def test_it_lies_where_the_rig_file_says(tmp_path: Path) -> None:
    write_profile(tmp_path / "idle.json", learnt())
    assert idle_profile(rig(tmp_path)) == learnt()
    assert idle_profile(load_rig(SIMULATED)) is None


@pytest.mark.parametrize(("device", "firmware"), [("Made", "1.1"), ("Other", "1.0")])
def test_one_of_something_else_is_refused(tmp_path: Path, device: str, firmware: str) -> None:
    write_profile(tmp_path / "idle.json", learnt())
    with pytest.raises(RigError, match="learn it again"):
        idle_profile(rig(tmp_path, device, firmware))


def test_one_that_is_not_there_is_a_mistake_in_the_rig_file(tmp_path: Path) -> None:
    with pytest.raises(RigFileError, match="cannot be read"):
        idle_profile(rig(tmp_path))


def test_what_a_ruling_says_of_it() -> None:
    note, unseen = told(learnt(), 1_795_305_600.0)
    assert "2026-11-22 (10.0 h of firmware 1.0)" in note
    assert unseen == ""
    assert "days old" in told(learnt(), 1_895_305_600.0)[0]
    assert "cannot show" in told(learnt(padded=True), 0.0)[0]
    assert "take its place" in told(learnt(padded=True), 0.0)[1]
    assert told(None, 0.0) == ("", "")
