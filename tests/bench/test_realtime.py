"""Real-time priority: given where the user may, taken away with the process that runs wild."""

import signal
import subprocess
import sys

import pytest

from harness.bench.drivers.guests import ending
from harness.bench.drivers.pulse_server import raise_priority

_SPIN = "import os, sys; sys.stdin.readline(); [i for i in iter(int, 1)]"


def test_a_realtime_process_that_never_waits_is_ended() -> None:
    with subprocess.Popen([sys.executable, "-c", _SPIN], stdin=subprocess.PIPE) as spinner:
        try:
            if not raise_priority(spinner.pid, 5):
                pytest.skip("this user may not have real-time priority")
            assert spinner.stdin is not None
            spinner.stdin.close()
            status = spinner.wait(timeout=20.0)
        finally:
            spinner.kill()
    assert status == -signal.SIGXCPU
    assert ending(status) == "signal SIGXCPU"


def test_a_process_that_has_gone_is_no_error() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert not raise_priority(gone.pid, 5)
