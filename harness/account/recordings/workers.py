"""Many recordings, looked at by several processes that share what was read before.

Threads of one Python seldom run at once here, so processes. They are forked: the index of the log
is then in memory once. `concurrent.futures` has such a pool; its processes hold each other's pipes
open, and stay behind where their parent is killed. Here each has a pipe of its own and ends with
whoever listens to it.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from harness.errors import RigError, SaysoError

_MOST = 4
_Item = TypeVar("_Item")
_Found = TypeVar("_Found")


@dataclass(frozen=True, slots=True)
class _Worker:
    """A process, and where its answers come."""

    process: BaseProcess
    answers: "Connection[Any, Any]"


def usual_workers() -> int:
    """How many are of use here: one for each core that this process may use, four at most."""
    return min(_MOST, len(os.sched_getaffinity(0)))


def each_found(
    find: Callable[[_Item], _Found], items: Sequence[_Item], workers: int | None = None
) -> Generator[_Found]:
    """What `find` says of each item, in their order.

    `workers`: processes, at least 1. What `find` raises of this package's errors is raised here;
    `RigError` where a process ended before it had answered. Close the iterator, and at once no
    process is left.
    """
    count = max(1, min(workers or usual_workers(), len(items)))
    begun: list[_Worker] = []
    try:
        for number in range(count):
            begun.append(_begin(find, items[number::count], begun))
        for number in range(len(items)):
            yield _answer(begun[number % count])
    finally:
        for worker in begun:
            worker.process.kill()
        for worker in begun:
            worker.process.join()
            worker.answers.close()


def _begin(find: Callable[[Any], Any], items: Sequence[Any], others: Sequence[_Worker]) -> _Worker:
    forked = multiprocessing.get_context("fork")
    answers, says = forked.Pipe(duplex=False)
    not_ours = [*(other.answers for other in others), answers]
    process = forked.Process(target=_work, args=(find, items, says, not_ours), daemon=True)
    process.start()
    says.close()
    return _Worker(process, answers)


def _work(
    find: Callable[[Any], Any],
    items: Sequence[Any],
    says: "Connection[Any, Any]",
    not_ours: "Sequence[Connection[Any, Any]]",
) -> None:
    """In the new process: answer for each item, until there is none or nobody listens."""
    # Ctrl-C goes to every process of a terminal; the parent hears it and ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for answers in not_ours:
        answers.close()
    try:
        for item in items:
            says.send(find(item))
    except SaysoError as error:
        says.send(error)
    except BrokenPipeError:
        return


def _answer(worker: _Worker) -> Any:
    try:
        found = worker.answers.recv()
    except (EOFError, OSError) as error:
        worker.process.join()
        raise RigError(
            "a process that looked at recordings ended before it had answered (exit code "
            f"{worker.process.exitcode}; -9 is often too little memory). Run it again"
        ) from error
    if isinstance(found, SaysoError):
        raise found
    return found
