"""A pytest plugin: an interrupt is never a pass, neither for pytest nor in Allure, and no failure.

allure-pytest writes *passed* for a test that Ctrl-C stops while it runs, since pytest makes no
report of it. Here an interrupt (SIGINT, SIGTERM, SIGHUP) becomes an ordinary `Inconclusive` in the
phase it hits: the test is reported as broken, no other test starts, and pytest ends with exit
code 2. What is torn down is torn down to its end: an interrupt waits for it, a second one does not.
A test's time limit (pytest-timeout) is broken, too, and not failed; the tests after it go on.
"""

import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest

from harness.errors import Inconclusive, RigError

_KILLERS = (signal.SIGTERM, signal.SIGHUP)
_TIME_IS_UP = "Timeout (>"
_BEFORE = pytest.StashKey[dict[signal.Signals, Any]]()


class Terminated(KeyboardInterrupt):
    """A signal asked this process to end; treated by pytest just like Ctrl-C."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """From here on SIGTERM and SIGHUP interrupt the session instead of killing it."""
    if _signals_reach_us():
        before = {number: signal.signal(number, _interrupt) for number in _KILLERS}
        session.config.stash[_BEFORE] = before


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give the signals back."""
    for number, handler in config.stash.get(_BEFORE, {}).items():
        signal.signal(number, handler)


def _signals_reach_us() -> bool:
    """Whether this is the main thread: Python delivers signals to no other."""
    return threading.current_thread() is threading.main_thread()


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Raise in the main thread."""
    raise Terminated(signal.Signals(number).name)


@contextmanager
def _interrupts_wait() -> Iterator[list[str]]:
    """Note the first interrupt in the list handed out, let only a second one through."""
    noted: list[str] = []

    def note(number: int, frame: FrameType | None) -> None:
        if noted:
            _interrupt(number, frame)
        noted.append(signal.Signals(number).name)

    if not _signals_reach_us():
        yield noted
        return
    before = {number: signal.signal(number, note) for number in (signal.SIGINT, *_KILLERS)}
    try:
        yield noted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _interrupted(item: pytest.Item, phase: str, by: str) -> Inconclusive:
    """End the session after this test, and say so as an ordinary error."""
    item.session.shouldstop = f"interrupted by {by}"
    return Inconclusive(
        f"interrupted by {by} during the {phase} of {item.name}: nothing is proven either way. "
        "Play the scene again."
    )


def _raise_out_of_time(item: pytest.Item, phase: str, error: BaseException) -> None:
    """Raise the end of a test's time as an ordinary error; return where it is another failure."""
    if str(error).startswith(_TIME_IS_UP):
        raise Inconclusive(
            f"the time limit of {item.name} was over in its {phase} ({error}): something hangs, or "
            "the limit is too short. Nothing is proven either way."
        ) from error


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    """An interrupt while fixtures are set up."""
    try:
        return (yield)
    except KeyboardInterrupt as error:
        raise _interrupted(item, "set-up", str(error) or "Ctrl-C") from error
    except pytest.fail.Exception as error:
        _raise_out_of_time(item, "set-up", error)
        raise


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """An interrupt while the test runs."""
    try:
        return (yield)
    except KeyboardInterrupt as error:
        raise _interrupted(item, "play", str(error) or "Ctrl-C") from error
    except pytest.fail.Exception as error:
        _raise_out_of_time(item, "play", error)
        raise


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    """An interrupt while fixtures are torn down waits until they are."""
    with _interrupts_wait() as noted:
        try:
            result = yield
        except KeyboardInterrupt as error:
            raise _interrupted(item, "teardown", str(error) or "Ctrl-C") from error
        except pytest.fail.Exception as error:
            _raise_out_of_time(item, "teardown", error)
            raise
    if noted:
        raise _interrupted(item, "teardown", noted[0])
    return result


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, object, object]:
    """An interrupt while what the whole session shared is torn down waits until it is."""
    with _interrupts_wait() as noted:
        result = yield
    if noted and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.INTERRUPTED
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Trouble of the rig is never an expected failure, whatever an `xfail` mark would take.

    Runs around pytest's own handling of `xfail` and inside allure-pytest's, which is registered
    later, so that both say the same.
    """
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, RigError):
        report.outcome = "failed"
        if hasattr(report, "wasxfail"):
            del report.wasxfail
            report.longrepr = item.repr_failure(call.excinfo)
    return report
