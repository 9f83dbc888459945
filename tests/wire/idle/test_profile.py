"""The profile's file: strict, and of one device and firmware only."""

import json
from pathlib import Path

import pytest

from harness.errors import RigError, RigFileError
from harness.wire.idle.onfile import age_told, check_fits, read_profile, write_profile
from tests.wire.idle.made import learnt

DAY_S = 86_400.0
LEARNT_S = 1_795_305_600.0  # 2026-11-22


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_profile(tmp_path / "p.json", learnt())
    first = (tmp_path / "p.json").read_bytes()
    again = read_profile(tmp_path / "p.json")
    assert again == learnt()
    write_profile(tmp_path / "p.json", again)
    assert (tmp_path / "p.json").read_bytes() == first


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("surprise", 1, "surprise"),
        ("idle_profile", 2, "idle_profile"),
        ("captured_s", "long", "captured_s"),
        ("captured_s", None, "captured_s"),
        ("least_bytes", 0, "least_bytes"),
    ],
)
def test_what_is_not_right_is_refused_with_its_place(
    tmp_path: Path, key: str, value: object, told: str
) -> None:
    content = json.loads(learnt().model_dump_json())
    content[key] = value
    (tmp_path / "p.json").write_text(json.dumps(content))
    with pytest.raises(RigFileError, match=told):
        read_profile(tmp_path / "p.json")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RigFileError, match="learn-idle"):
        read_profile(tmp_path / "none.json")


def test_another_firmware_sends_other_things() -> None:
    check_fits(learnt(), "Made", "1.0")
    for device, firmware in (("Made", "1.1"), ("Other", "1.0")):
        with pytest.raises(RigError, match="learn it again"):
            check_fits(learnt(), device, firmware)


def test_an_old_profile_is_told() -> None:
    assert age_told(learnt(), LEARNT_S + 90 * DAY_S) == ""
    assert "100 days old" in age_told(learnt(), LEARNT_S + 100 * DAY_S)


def test_a_far_end_is_found_by_name_first() -> None:
    profile = learnt()
    hosts = [known.host for known in profile.destinations]
    voice = hosts.index("voice.maker.example")
    assert profile.meant(("voice.maker.example",), "1.2.3.4", 443, 6) == voice
    assert profile.meant((), "198.18.0.1", 443, 6) == voice
    assert profile.meant(("other.example",), "198.18.0.1", 443, 6) is None
    assert profile.meant(("voice.maker.example",), "198.18.0.1", 80, 6) is None
    assert profile.meant(("voice.maker.example",), "198.18.0.1", 443, 17) is None
