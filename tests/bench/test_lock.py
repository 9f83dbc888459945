"""One rig, one user; the kernel frees what a killed holder held."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import harness
from harness.bench.lock import hold, runtime_folder
from harness.clock import SimulatedClock
from harness.errors import RigBusy

_HOLDER = """
import sys
from pathlib import Path
from harness.bench.lock import hold
from harness.clock import RealClock
with hold("kitchen", RealClock(), Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_rig_in_use_is_refused_with_who_holds_it(tmp_path: Path) -> None:
    clock = SimulatedClock(5.0)
    with hold("kitchen", clock, tmp_path):
        with (
            pytest.raises(RigBusy, match=rf"'kitchen' is in use by process {os.getpid()} "),
            hold("kitchen", clock, tmp_path),
        ):
            pass
        with hold("bench", clock, tmp_path):
            pass
    with hold("kitchen", clock, tmp_path) as path:
        assert path.stat().st_mode & 0o777 == 0o600


def test_an_error_inside_frees_it(tmp_path: Path) -> None:
    clock = SimulatedClock()
    with pytest.raises(KeyboardInterrupt), hold("kitchen", clock, tmp_path):
        raise KeyboardInterrupt
    with hold("kitchen", clock, tmp_path):
        pass


def test_a_killed_holder_frees_it(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(harness.__file__).parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with (
            pytest.raises(RigBusy, match=f"process {holder.pid} "),
            hold("kitchen", SimulatedClock(), tmp_path),
        ):
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    with hold("kitchen", SimulatedClock(), tmp_path):
        pass


def test_a_holder_that_has_not_said_its_name(tmp_path: Path) -> None:
    with hold("kitchen", SimulatedClock(), tmp_path) as path:
        path.write_text("")
        with (
            pytest.raises(RigBusy, match="has not said its name"),
            hold("kitchen", SimulatedClock(), tmp_path),
        ):
            pass


def test_the_runtime_folder_is_private(tmp_path: Path) -> None:
    code = "from harness.bench.lock import runtime_folder; print(runtime_folder())"
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    environment["PYTHONPATH"] = str(Path(harness.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    folder = Path(done.stdout.strip())
    assert folder.parent == tmp_path and folder.stat().st_mode & 0o777 == 0o700
    assert runtime_folder().stat().st_uid == os.getuid()
