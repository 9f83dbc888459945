"""`sayso watch` and `--live`: a small process of its own, which ends with the run."""

import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from harness.cli import main
from harness.commands.watch import live_view
from tests.stage.simulated_scene import ROOT

RIG = ROOT / "rigs" / "simulated.yaml"
_SAID = "Live view, for this machine only: "


def test_a_run_has_a_page_beside_it_that_ends_with_it(capfd: pytest.CaptureFixture[str]) -> None:
    said = ""
    with live_view([RIG, RIG], wanted=True):
        until_s = time.monotonic() + 60
        while _SAID not in said and time.monotonic() < until_s:
            time.sleep(0.05)
            said += capfd.readouterr().err
        address = said.partition(_SAID)[2].strip()
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200 and b"Waiting for a play" in answer.read()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address)


def test_without_live_nothing_is_started() -> None:
    with live_view([RIG.with_name("no-such-rig.yaml")], wanted=False):
        pass


def test_a_rig_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["watch", "no-such-rig.yaml"]) == 3
    assert "no-such-rig.yaml" in capsys.readouterr().err


@pytest.mark.exhaustive
def test_the_watcher_takes_the_place_of_the_command_and_stays_small() -> None:
    command = [sys.executable, "-m", "harness.cli", "watch", str(RIG)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        status = Path("/proc", str(process.pid), "status").read_text()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0 and said.startswith(_SAID + "http://127.0.0.1:")
    resident = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    assert int(resident.split()[1]) < 100_000


def test_a_terminal_is_needed_for_the_terminal() -> None:
    command = [sys.executable, "-m", "harness.live", "kitchen", "--terminal"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == 3 and "with ssh, give -t" in ended.stderr
