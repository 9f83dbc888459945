"""The plug of a program, for real."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.process_power import ProcessPower
from harness.clock import RealClock
from harness.errors import DeviceError

pytestmark = pytest.mark.bench


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """One network for all these tests."""
    with open_network(tmp_path_factory.mktemp("network")) as network:
        yield network


def device(network: Network, folder: Path, code: str, **environment: str) -> ProcessPower:
    """A device that runs Python code, with `folder` as its first argument."""
    program = [sys.executable, "-I", "-S", "-c", code, str(folder)]
    return ProcessPower(network, program, environment, folder / "device.log", RealClock())


def await_file(path: Path) -> str:
    """The content of a file, once it has some."""
    deadline_s = time.monotonic() + 30
    while not (path.exists() and path.read_text()):
        assert time.monotonic() < deadline_s, f"{path} never came"
        time.sleep(0.01)
    return path.read_text()


def alive(marker: str) -> list[str]:
    """Processes with a word in their command line."""
    lines = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended meanwhile
        if marker.encode() in line:
            lines.append(line.decode())
    return lines


def test_off_leaves_nothing_not_even_daemons(network: Network, tmp_path: Path) -> None:
    code = """
import os, signal, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open(sys.argv[1] + "/daemon", "w").write("up")
        time.sleep(600)
    os._exit(0)
time.sleep(600)
"""
    power = device(network, tmp_path, code)
    for _ in range(3):
        power.on()
        await_file(tmp_path / "daemon")
        assert len(alive(str(tmp_path))) >= 3 and power.trouble() is None
        power.off()
        assert alive(str(tmp_path)) == [], "gone the moment that off returns"
        (tmp_path / "daemon").unlink()
    power.off()
    assert power.trouble() is None


def test_it_gets_its_environment_and_no_more(network: Network, tmp_path: Path) -> None:
    os.environ["SAYSO_TEST_SECRET"] = "harness only"
    try:
        code = (
            "import os, sys, time\n"
            "open(sys.argv[1] + '/env', 'w').write(' '.join(sorted(os.environ)) + ' pid'"
            " + str(os.getpid()))\ntime.sleep(600)"
        )
        power = device(network, tmp_path, code, DEVICE_STATE="/x")
        power.on()
        names = await_file(tmp_path / "env").split()
        power.off()
    finally:
        del os.environ["SAYSO_TEST_SECRET"]
    assert "DEVICE_STATE" in names and "PATH" in names
    assert set(names) <= {"DEVICE_STATE", "PATH", "HOME", "LANG", "LC_CTYPE", "pid1"}
    assert "pid1" in names, "it is the first process of its own namespace"


def test_a_device_that_dies_at_start(network: Network, tmp_path: Path) -> None:
    power = device(network, tmp_path, "import sys; print('no microphone'); sys.exit(3)")
    power_grace = ProcessPower(
        network,
        [sys.executable, "-I", "-S", "-c", "import sys; print('no microphone'); sys.exit(3)"],
        {},
        tmp_path / "device.log",
        RealClock(),
        grace_s=5.0,
    )
    with pytest.raises(DeviceError, match=r"(?s)exit code 3.*no microphone"):
        power_grace.on()
    assert "exit code 3" in (power_grace.trouble() or "")
    power_grace.off()
    assert power_grace.trouble() is None
    power.off()


def test_a_device_that_dies_later_and_is_cycled(network: Network, tmp_path: Path) -> None:
    code = (
        "import os, sys, time\n"
        "mark = sys.argv[1] + '/second'\n"
        "if os.path.exists(mark): time.sleep(600)\n"
        "open(mark, 'w').write('x'); time.sleep(0.5); os.abort()"
    )
    power = device(network, tmp_path, code)
    power.on()
    deadline_s = time.monotonic() + 10
    while power.trouble() is None:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    with pytest.raises(DeviceError, match="ended by itself"):
        power.on()
    power.cycle()
    assert power.trouble() is None
    power.off()


def test_a_program_that_is_not_there(network: Network, tmp_path: Path) -> None:
    log = tmp_path / "device.log"
    power = ProcessPower(network, ["/no/such/program"], {}, log, RealClock(), grace_s=5.0)
    with pytest.raises(DeviceError, match="No such file"):
        power.on()
    power.off()
