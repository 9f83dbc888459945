"""From a device that nobody speaks to, to the profile of what it sends then."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.errors import RigError
from harness.stage.deeds import await_listening
from harness.wire.idle.profile import Profile
from harness.wire.idle.wishes import Wishes

_POLL_S = 0.05
_LOOK_S = 1.0
_HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class IdleCapture:
    """Captures of an idle device: files in order of time, and what is known of them.

    `addresses`: the device's. `from_s`: Unix time from which it was idle; what came before gives
    only names. `until_s`: Unix time at which the last one ended.
    """

    files: tuple[Path, ...]
    addresses: tuple[str, ...]
    from_s: float
    until_s: float


@contextmanager
def capture_idle(
    file: RigFile,
    clock: Clock,
    progress: Callable[[str], None],
    *,
    hours: float,
    keep: Path | None = None,
) -> Iterator[IdleCapture]:
    """Switch the device of a rig on, leave it alone for `hours`, and capture what it sends.

    `keep`: file for the capture, which otherwise goes with the context. Raises `RigError` where the
    device died, the tap failed, or packets were dropped.
    """
    with tempfile.TemporaryDirectory(prefix="sayso-idle-") as scratch:
        path = keep or Path(scratch) / "idle.pcapng"
        with open_rig(file, clock) as rig:
            # Before the device is on, so that the names it asks for are known.
            rig.tap.start(path)
            progress("switching the device on")
            rig.reset()
            rig.power.on()
            await_listening(rig, lambda: rig.clock.wait_s(_POLL_S))
            rig.settle()
            from_s = rig.clock.now_s()
            _leave_alone(rig, hours, progress)
            rig.power.off()
            report = rig.tap.stop()
            until_s, address = rig.clock.now_s(), rig.device_address
        if report.dropped:
            raise RigError(
                f"the tap dropped {report.dropped} of the device's packets, so what it sends while "
                "idle is not known; end other work on this machine and learn again"
            )
        yield IdleCapture((path,), (address,), from_s, until_s)


def _leave_alone(rig: Rig, hours: float, progress: Callable[[str], None]) -> None:
    until_s = rig.clock.monotonic_s() + hours * _HOUR_S
    while (left_s := until_s - rig.clock.monotonic_s()) > 0:
        progress(f"nobody speaks: {left_s / 60:.0f} min to go")
        rig.clock.wait_s(min(_LOOK_S, left_s))
        rig.raise_trouble()


def captured_before(files: Sequence[Path], addresses: Sequence[str]) -> IdleCapture:
    """Captures that are there already; they are dated by when they were last written."""
    try:
        until_s = max(path.stat().st_mtime for path in files)
    except OSError as error:
        raise RigError(f"idle profile: {error.filename} cannot be read: {error}") from error
    return IdleCapture(tuple(files), tuple(addresses), 0.0, until_s)


def learn_idle(captured: IdleCapture, file: RigFile, wishes: Wishes) -> Profile:
    """The profile of a rig's device; `RigError` where there is nothing sound to learn from."""
    # What reads captures is slow to import.
    from harness.wire.idle.gather import IdleReader
    from harness.wire.idle.learn import learn

    traffic = IdleReader(captured.addresses, captured.from_s).read(captured.files)
    on = datetime.fromtimestamp(captured.until_s, UTC).date()
    return learn(traffic, file.device.name, file.device.firmware, on, wishes)
