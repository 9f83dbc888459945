"""Real-time priority: given where the user may, taken away with the process that runs wild."""

import os
import resource
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


def test_a_process_with_a_shorter_limit_of_its_own_keeps_it_and_gets_its_priority() -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_RTTIME, (200_000, 200_000)); "
        "print('set', flush=True); sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as modest:
        assert modest.stdin is not None and modest.stdout is not None
        modest.stdout.readline()
        given = raise_priority(modest.pid, 5)
        policy = os.sched_getscheduler(modest.pid)
        limits = resource.prlimit(modest.pid, resource.RLIMIT_RTTIME)
        modest.stdin.close()
    assert limits == (200_000, 200_000)
    assert given == (policy == os.SCHED_FIFO)
    assert given or not _may_be_realtime()


def _may_be_realtime() -> bool:
    """Whether this user may have real-time priority, tried on a process of its own."""
    code = "import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))"
    tried = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    return tried.returncode == 0


def test_a_process_that_has_gone_is_no_error() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert not raise_priority(gone.pid, 5)
