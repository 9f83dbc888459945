"""Whether all that a device and its server said went through the proxy, and unchanged."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.bench.ports import PassReport, Proxy
from harness.errors import RigError
from harness.model.timeline import Control, Upload
from harness.stage.control_facts import PROXY_WHOLE
from harness.stage.listening_facts import SCENE
from harness.stage.session import CAPTURE, PASSED, Take
from harness.wire.proxied import differences

KNOWN_TO_S = 0.25
"""What passed is timed at least so well, unless the proxy stood still."""
_MOST_TOLD = 3


def proxy_whole(take: Take, folder: Path, uploads: Sequence[Upload]) -> Control:
    """The control of a rig with a proxy.

    `folder`: where the play's captures are. `uploads`: those that the tap saw.
    """
    proxy, passed = take.rig.proxy, take.passed
    assert proxy is not None
    if passed is None:
        why = "; ".join(take.troubles) or "it was not played to its end"
        return _control(None, f"what went through the proxy is not known: {why}")
    faults = [*_of_report(passed), *_nothing(take, passed, uploads)]
    if proxy is not take.rig.tap:
        faults += _against_tap(proxy, passed, folder)
    if faults:
        more = len(faults) - _MOST_TOLD
        told = "; ".join(faults[:_MOST_TOLD]) + (f"; and {more} more" if more > 0 else "")
        return _control(len(faults), told + ". Look at what proxy.log says, and at the bench's way")
    count, ms = len(passed.passed), passed.known_to_s * 1e3
    said = sum(event.by_device for event in proxy.events())
    detail = (
        f"{passed.from_device} bytes of the device's went through {count} connections and were "
        f"handed on unchanged, {said} events of its own beside its sound, each known to {ms:.0f} ms"
    )
    if odd := sum(each.odd for each in passed.passed):
        detail += f"; {odd} lines that are no event were handed on, too"
    return _control(0, detail)


def _control(faults: int | None, detail: str) -> Control:
    measured = None if faults is None else float(faults)
    return Control(SCENE, PROXY_WHOLE, faults == 0, measured, 0.0, "faults", detail)


def _of_report(passed: PassReport) -> Iterator[str]:
    if passed.lost:
        yield f"it lost {passed.lost} bytes, or changed them"
    if passed.held_back:
        yield (
            "the server takes nothing any more, so what else the device has sent is not known "
            f"({passed.waiting} bytes wait)"
        )
    if passed.known_to_s > KNOWN_TO_S:
        yield (
            f"it stood still for {passed.known_to_s:.2f} s while the device sent, so when that "
            "left is not known: end other work on this machine"
        )
    if passed.strangers:
        yield f"{passed.strangers[0]} connected and was turned away: whoever is that?"


def _nothing(take: Take, passed: PassReport, uploads: Sequence[Upload]) -> Iterator[str]:
    if passed.from_device:
        return
    if uploads:
        yield "the wire saw uploads, and nothing of the device's went through the proxy"
    elif not take.rig.file.device.control.local:
        yield (
            "nothing of the device's went through the proxy, also when it was asked: is its server "
            "told that the device is at this machine, or does it speak to another?"
        )


def _against_tap(proxy: Proxy, passed: PassReport, folder: Path) -> list[str]:
    link, proxied = folder / CAPTURE, folder / PASSED
    try:
        return differences(link, proxied, passed.passed, proxy.device_address, proxy.device_ports)
    except (RigError, OSError, ValueError, IndexError, MemoryError) as error:
        return [f"what the tap saw cannot be compared with it: {error}"]
