"""A full disk, and a user without rights: said plainly, with what is kept and what is missing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.bench.lock import runtime_folder
from harness.errors import RigError
from tests.bench_faults.small_bench import (
    ROOT,
    assert_gone,
    belonging,
    play_on,
    write_rig,
    write_scene,
)

pytestmark = pytest.mark.bench

# Five seconds of the bench's eight channels: full while the opening controls run.
_SMALL_DISK = "size=8m,mode=700"


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", _SMALL_DISK, "small", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="to mount a small disk takes root")
def test_a_disk_that_fills_while_a_scene_plays_is_said_and_what_there_is_kept(
    tmp_path: Path,
) -> None:
    rig = write_rig(tmp_path)
    marker = str(runtime_folder() / rig.stem)
    with _small_disk(tmp_path / "small") as disk:
        with pytest.raises(RigError) as caught:
            play_on(rig, write_scene(tmp_path), evidence=disk)
        (run,) = disk.iterdir()
        kept = {path.name: path.stat().st_size for path in run.iterdir()}
        assert kept["case.json"] > 1000 and kept["air.f32"] > 6_000_000
        assert "manifest.json" not in kept, "a cut run must not look sealed"
    assert "the disk (or its quota) is full" in str(caught.value)
    assert "air.f32" in str(caught.value) and "play the scene again" in str(caught.value)
    assert belonging(marker) == []
    assert_gone(rig.stem, [])
    (runtime_folder() / f"{rig.stem}.lock").unlink(missing_ok=True)


def test_an_ordinary_user_can_use_the_bench_and_is_told_which_right_is_missing(
    tmp_path: Path, runtime: Path
) -> None:
    rig = write_rig(tmp_path)
    # No root and no capability: the same owner of files under another number. Started by root, the
    # process has lost every right of root, the one to real-time priority with them.
    as_user = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
    environment = {
        **os.environ,
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "HOME": str(tmp_path),
    }
    doctor = subprocess.run(
        [*as_user, sys.executable, "-m", "harness.cli", "doctor", str(rig)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
    )
    if "cannot make namespaces" in doctor.stderr:
        assert doctor.returncode == 2 and "The missing right: " in doctor.stderr
        return
    checks = {line.split()[2]: line for line in doctor.stdout.splitlines() if line[:4] != "    "}
    # How soon it opens says how busy the machine is, which other tests may see to.
    assert checks["bench_open"].startswith("ok") or "machine is busy" in checks["bench_open"]
    for name in ("tap_canary", "inbox_canary", "tap_complete"):
        assert checks[name].startswith("ok"), doctor.stdout
    if os.geteuid() == 0:
        assert doctor.returncode == 2
        assert checks["realtime"].startswith("FAIL") and "rtprio" in checks["realtime"]
    assert_gone(rig.stem, [], runtime / "sayso-1000")
    assert belonging(str(runtime)) == []
