"""The file that keys are logged to: private, emptied where it is, and only that file."""

from pathlib import Path

import pytest

from harness.bench.drivers.key_log import SharedKeyLog
from harness.errors import RigError


def test_it_is_emptied_under_the_hand_of_who_writes_it(tmp_path: Path) -> None:
    keys = SharedKeyLog(tmp_path / "keys")
    keys.clear()
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    with (tmp_path / "keys").open("ab", buffering=0) as proxy:
        proxy.write(b"of the play before\n")
        keys.clear()
        proxy.write(b"of this play\n")
        assert keys.read() == b"of this play\n"


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys").touch(mode=0o644)
    with pytest.raises(RigError, match=r"others may read .*: chmod 600 "):
        SharedKeyLog(tmp_path / "keys").clear()


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("precious")
    (tmp_path / "link").symlink_to(tmp_path / "other")
    for name in ("link", "", "nowhere/keys"):
        with pytest.raises(RigError, match=r"cannot be emptied|no ordinary file"):
            SharedKeyLog(tmp_path / name).clear()
    assert (tmp_path / "other").read_text() == "precious"
