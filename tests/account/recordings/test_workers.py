"""Processes that look at recordings: none is left behind, and none that died has answered."""

import multiprocessing
import os
import select
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress

import pytest

from harness.account.recordings.workers import each_found
from harness.errors import RigError, UserError

_ITEMS = range(20)


def test_answers_come_in_order_from_other_processes() -> None:
    found = list(each_found(lambda item: (item, os.getpid()), _ITEMS, workers=3))
    assert [item for item, _ in found] == list(_ITEMS)
    who = {process for _, process in found}
    assert len(who) == 3 and os.getpid() not in who


def test_of_nothing_comes_nothing() -> None:
    assert list(each_found(str, [])) == []


def test_an_error_is_raised_where_it_is_asked_for() -> None:
    def find(item: int) -> int:
        if item == 5:
            raise UserError("the fifth is none")
        return item

    found = each_found(find, _ITEMS, workers=2)
    assert [next(found) for _ in range(5)] == [0, 1, 2, 3, 4]
    with pytest.raises(UserError, match="the fifth is none"):
        next(found)
    assert not multiprocessing.active_children()


@pytest.mark.parametrize("died_by", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_dies_has_not_answered(died_by: signal.Signals) -> None:
    def find(item: int) -> int:
        if item == 6:
            os.kill(os.getpid(), died_by)
        return item

    found = each_found(find, _ITEMS, workers=2)
    assert [next(found) for _ in range(6)] == [0, 1, 2, 3, 4, 5]
    with pytest.raises(RigError, match=f"exit code -{died_by.value}"):
        next(found)
    assert not multiprocessing.active_children()


def test_whoever_stops_asking_leaves_no_process() -> None:
    def find(item: int) -> int:
        if item > 1:
            time.sleep(60)
        return item

    found = each_found(find, _ITEMS, workers=2)
    began_s = time.monotonic()
    with closing(found):
        assert next(found) == 0
        assert len(multiprocessing.active_children()) == 2
    assert not multiprocessing.active_children()
    assert time.monotonic() - began_s < 20


_PROGRAM = """
import os, time
from harness.account.recordings.workers import each_found
def find(item):
    time.sleep(0.05)
    return os.getpid()
for process in each_found(find, range(10_000), workers=2):
    print(process, flush=True)
"""


def test_where_the_parent_is_killed_no_process_stays() -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM], stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert program.stdout is not None
        workers = {int(program.stdout.readline()) for _ in range(2)}
        assert len(workers) == 2
        seen = [os.pidfd_open(pid) for pid in workers]
        program.kill()
        program.wait(20)
        # Readable as soon as the process has ended.
        ended = [select.select([one], [], [], 20)[0] for one in seen]
        assert all(ended)
        for one in seen:
            os.close(one)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(program.pid, signal.SIGKILL)
