"""The tap on another machine: captured there by dumpcap, written here, in this machine's time.

While it captures, the file holds that machine's times. When it ends, both clocks have been compared
all along, by questions over the connection and by the canaries, which are sent here and stamped
there; then every packet in the file is stamped anew.
"""

import contextlib
import socket
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from harness.bench.drivers.capture_blocks import PACKET, read_blocks
from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.ssh_capture import SshCapture
from harness.bench.drivers.ssh_options import SshText
from harness.bench.drivers.tap_options import TapText
from harness.bench.drivers.tap_point import TapPoint
from harness.bench.far_clock import Bound, fit_far_clock
from harness.bench.ports.canary import CANARY_MARK
from harness.bench.ports.tap import Tap, TapClock, TapReport
from harness.clock import Clock
from harness.errors import RigError, RigFileError


class FarInterface:
    """An interface of another machine that the device's packets pass, and the device's address."""

    depth = 0

    def __init__(self, interface: str, address: str) -> None:
        self.interface, self.canary_to = interface, address

    def command(self, command: Sequence[str]) -> list[str]:
        """As it is: `ssh` runs it there."""
        return list(command)

    def socket(self) -> socket.socket:
        """One whose packets go the way that leads to the device: the other machine must see it."""
        family = socket.AF_INET6 if ":" in self.canary_to else socket.AF_INET
        link = socket.socket(family, socket.SOCK_DGRAM)
        link.set_inheritable(True)
        return link

    def trouble(self) -> str | None:
        """Nobody here can look at it; canaries tell."""
        return None


def far_point(interface: str, options: TapText) -> FarInterface:
    """Where another machine captures. Raises `RigFileError` for what cannot be had over ssh."""
    if options.address is None or options.mac is None:
        raise RigFileError(
            "a tap on another machine needs the device's address in `wire: tap: address`: canaries "
            "are sent to it, and only its packets are captured, not those of the connection itself"
        )
    if options.ring is not None:
        raise RigFileError("a tap on another machine writes one file: take `wire: tap: ring` out")
    return FarInterface(interface, options.address)


class SshTap(Tap):
    """A tap on another machine. Raises like `DumpcapTap`, and where its clock is not known."""

    def __init__(
        self,
        point: FarInterface,
        told: SshText,
        rig_folder: Path,
        clock: Clock,
        options: TapText,
        client: str = "ssh",
    ) -> None:
        """`rig_folder`: what the files that `told` names are counted from."""
        self._clock, self._path = clock, Path()
        self._capture: SshCapture | None = None
        self._canaries: dict[bytes, float] = {}

        def begin(
            point: TapPoint, arguments: Sequence[str], path: Path, clock: Clock
        ) -> SshCapture:
            self._capture = SshCapture(told, rig_folder, point, arguments, path, clock, client)
            return self._capture

        self._tap = DumpcapTap(point, clock, options, begin)

    def start(self, path: Path) -> None:
        """Capture into `path`; returns once the far dumpcap is armed and its clock is known."""
        self._path, self._canaries = path, {}
        self._tap.start(path)

    def trouble(self) -> str | None:
        """As dumpcap's on this machine; also that the other machine is silent."""
        return self._tap.trouble()

    def stop(self) -> TapReport:
        """End the capture, and turn its times into this machine's."""
        try:
            report = self._tap.stop()
        except BaseException:
            # What there is of it is evidence of a play that proves nothing: in the right time, if
            # that is known.
            with contextlib.suppress(RigError, OSError):
                self._turn()
            raise
        return replace(report, clock=self._turn())

    def send_canary(self, nonce: bytes) -> float:
        """As dumpcap's on this machine; when the far end stamps it bounds the far clock."""
        self._canaries[nonce] = self._clock.now_s()
        return self._tap.send_canary(nonce)

    def close(self) -> None:
        """Kill a capture that still runs; for teardown. Safe to call twice."""
        self._tap.close()

    def _turn(self) -> TapClock:
        capture, self._capture = self._capture, None
        if capture is None:
            raise RigError("tap: nothing was captured whose time could be told")
        stamped = _first_seen(self._path, self._canaries)
        bounds = [Bound.of_packet(far_s, self._canaries[n]) for n, far_s in stamped.items()]
        clock = fit_far_clock([*capture.bounds, *bounds])
        _restamp(self._path, clock)
        return clock


def _first_seen(path: Path, canaries: Mapping[bytes, float]) -> dict[bytes, float]:
    """When each canary was first stamped, by the clock that stamped it (Unix s)."""
    seen: dict[bytes, float] = {}
    for block in read_blocks(path):
        at = block.data.find(CANARY_MARK) if block.kind == PACKET else -1
        if at < 0:
            continue
        text = block.data[at + len(CANARY_MARK) :]
        for nonce in canaries:
            if text.startswith(nonce):
                seen[nonce] = min(block.unix_s, seen.get(nonce, block.unix_s))
    return seen


def _restamp(path: Path, clock: TapClock) -> None:
    """Write the file anew, each packet by this machine's clock: whole, or not at all."""
    turned = path.with_name(f"{path.name}.turned")
    turned.touch(mode=0o600)
    with turned.open("wb") as file:
        for block in read_blocks(path):
            if block.kind == PACKET:
                block = block.later(-clock.ahead_at_s(block.unix_s))
            file.write(block.data)
    turned.replace(path)
