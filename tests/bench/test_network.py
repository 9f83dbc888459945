"""The network of the virtual bench, for real: by root and an ordinary user, closed and killed."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import pytest

from harness.bench.drivers.guests import find_program
from harness.bench.drivers.namespaces import open_network
from harness.clock import RealClock
from harness.errors import RigError
from harness.wire import read_wire
from harness.wire.flows import FlowReader, read_files

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]
PROGRAM = ROOT / "tests" / "bench" / "open_bench_network.py"
IS_ROOT = os.geteuid() == 0
# Root without its rights: a user namespace in which it is an ordinary user, files still its own.
ORDINARY = ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]
USERS = {"as started": [], "ordinary user": ORDINARY} if IS_ROOT else {"as started": []}


def start(folder: Path, user: Sequence[str]) -> tuple[subprocess.Popen[str], dict[str, Any]]:
    """The program, once all is open, and what it says."""
    process = subprocess.Popen(
        [*user, sys.executable, str(PROGRAM), str(folder)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, "the program could not open the network"
    facts: dict[str, Any] = json.loads(said)
    return process, facts


def all_pids() -> list[int]:
    """Every process of this machine that can be seen."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def programs_at(folder: Path) -> list[str]:
    """Command lines that name the test's folder: dumpcap, the device, its daemon."""
    found = []
    for pid in all_pids():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            if str(folder) in line:
                found.append(line)
    return found


def holders_of(namespaces: Sequence[str]) -> set[str]:
    """Those of some network namespaces that a process is still in."""
    found = set()
    for pid in all_pids():
        with contextlib.suppress(FileNotFoundError, PermissionError, ProcessLookupError):
            found.add(str(Path(f"/proc/{pid}/ns/net").readlink()))
    return found & set(namespaces)


def namespace_of(command: Callable[[Sequence[str]], list[str]]) -> str:
    """The network namespace that a command of the network leads to."""
    return str(Path(f"/proc/{command([])[2]}/ns/net").readlink())


def gone(folder: Path, namespaces: Sequence[str]) -> bool:
    """Whether soon no process of the test and nothing in these namespaces is left."""
    assert len(set(namespaces)) >= 2
    deadline_s = time.monotonic() + 30
    while programs_at(folder) or holders_of(namespaces):
        if time.monotonic() > deadline_s:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("user", USERS)
def test_all_opens_works_and_closes(tmp_path: Path, user: str) -> None:
    process, facts = start(tmp_path, USERS[user])
    assert (tmp_path / "device").read_text() == "10.77.0.1", "every name is the cloud's"
    report, _ = process.communicate("close\n", timeout=30)
    assert process.returncode == 0
    assert json.loads(report)["dropped"] == 0
    path = tmp_path / "private" / "link.pcapng"
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    wire = read_wire(path, "10.77.0.2")
    seen = wire.traffic.canaries
    late_s = [seen[b"n%d" % number] - at_s for number, at_s in enumerate(facts["canaries_s"])]
    # One may be held up between its send and its stamp, not most.
    assert abs(median(late_s)) < 0.001
    reader = FlowReader()
    list(read_files([path], reader))
    assert (wire.truncated, wire.dropped, reader.reading.packets) == (
        False,
        0,
        json.loads(report)["packets"],
    )
    assert gone(tmp_path, facts["namespaces"])


@pytest.mark.parametrize("user", USERS)
def test_a_killed_harness_leaves_nothing(tmp_path: Path, user: str) -> None:
    process, facts = start(tmp_path, USERS[user])
    assert len(programs_at(tmp_path)) >= 4
    assert IS_ROOT is False or len(holders_of(facts["namespaces"])) == 2
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert gone(tmp_path, facts["namespaces"]), programs_at(tmp_path)


def test_the_cable_is_the_only_way_out_and_silent_by_itself(tmp_path: Path) -> None:
    ip = find_program("ip", "iproute2")
    with open_network(tmp_path) as network:
        command = network.device_command([ip, "-json", "address"])
        seen = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        assert {link["ifname"] for link in seen} == {"lo", network.device_interface}
        addresses = [entry["local"] for link in seen for entry in link["addr_info"]]
        assert sorted(addresses) == ["10.77.0.2", "127.0.0.1"], "no IPv6"
        where = subprocess.run(
            network.device_command(["pwd"], tmp_path), capture_output=True, text=True, check=True
        )
        assert where.stdout.strip() == str(tmp_path)


def test_two_networks_at_once_do_not_meet(tmp_path: Path) -> None:
    with open_network(tmp_path / "a") as one, open_network(tmp_path / "b") as two:
        assert (one.trouble(), two.trouble()) == (None, None)


def test_closing_twice_is_the_same_as_once(tmp_path: Path) -> None:
    network = open_network(tmp_path)
    namespaces = [
        namespace_of(command) for command in (network.cloud_command, network.device_command)
    ]
    network.close()
    network.close()
    assert gone(tmp_path, namespaces)
    assert network.trouble() is not None


def test_a_lost_holder_and_a_lost_name_server_are_told(tmp_path: Path) -> None:
    with open_network(tmp_path) as network:
        pid = network.cloud_command(["true"])[2]
        os.kill(int(pid), signal.SIGKILL)
        clock = RealClock()
        deadline_s = clock.monotonic_s() + 30
        while network.trouble() is None and clock.monotonic_s() < deadline_s:
            clock.wait_s(0.01)
        assert "cloud namespace is gone" in (network.trouble() or "")


def test_what_fails_half_way_is_taken_down(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(RigError, match="cannot write"):
        open_network(tmp_path / "file" / "network")
    left = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True)
    assert b"unshare" not in left.stdout


def test_without_the_right_the_message_names_it(tmp_path: Path) -> None:
    """For real: in a user namespace that may hold no network namespaces."""
    code = (
        "import sys; from pathlib import Path\n"
        "from harness.bench.drivers.namespaces import open_network\n"
        "from harness.errors import RigError\n"
        "try: open_network(Path(sys.argv[1]))\n"
        "except RigError as error: print(error)\n"
    )
    script = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"'
    inside = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"]
    result = subprocess.run(
        [*inside, sys.executable, "-c", code, str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "cannot make namespaces" in result.stdout, result.stderr
    assert "sudo sysctl -w user.max_net_namespaces=10000" in result.stdout


def test_missing_program_names_its_package() -> None:
    with pytest.raises(RigError, match="sudo apt-get install some-package"):
        find_program("no-such-program", "some-package")
