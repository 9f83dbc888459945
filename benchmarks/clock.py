"""Measures how well sound and packets agree: `python -m benchmarks.clock [--minutes 10] [--quick]`.

On the virtual bench, in real time: 200 shared events (a click, and a datagram at the same instant),
spread over the time. Where each click lies in the recording is compared with when the kernel saw
its datagram; through the differences goes the line that a bench's own events get, too. `--quick`:
20 events in a minute, whose drift is scatter and has no goal. Other work on the machine shows.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import Row, finish
from harness.bench.open import open_rig
from harness.bench.ports.canary import CANARY_MARK
from harness.bench.ports.sound import Microphone
from harness.bench.rig import Rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.errors import RigError
from harness.stage.clock_fit import Instant, fit_clock
from harness.wire import read_wire

RIG = Path(__file__).resolve().parents[1] / "rigs" / "virtual.yaml"
_EVENTS, _MINUTES, _QUICK_EVENTS, _QUICK_MINUTES = 200, 10.0, 20, 1.0
_SETTLE_S, _LEAD, _NEAR = 20.0, 4800, 480
_P99_MS, _WORST_MS, _DRIFT_MS_AN_HOUR = 0.5, 1.0, 0.5
_CLICK = 0.1


@dataclass(frozen=True)
class Event:
    """A click that was to sound at an index, with a datagram that holds a nonce, handed to the
    kernel at a Unix time.
    """

    index: int
    nonce: bytes
    sent_s: float


@dataclass(frozen=True)
class Apart:
    """A shared event, and where in it the time went: from sending to the kernel's stamp of the
    datagram, and from the click in the recording to sending (s).
    """

    instant: Instant
    stamped_s: float
    sounded_s: float


def main() -> int:
    """Mark, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.clock", description=__doc__)
    parser.add_argument("--minutes", type=float, default=_MINUTES)
    parser.add_argument("--quick", action="store_true")
    chosen = parser.parse_args()
    events, minutes = _EVENTS, chosen.minutes
    if chosen.quick:
        events, minutes = _QUICK_EVENTS, _QUICK_MINUTES
    with tempfile.TemporaryDirectory(prefix="sayso-clock-") as scratch:
        apart, lost = _measured(Path(scratch), events, minutes * 60 / events)
    instants = [each.instant for each in apart]
    apart_ms = np.abs([instant.apart_s * 1e3 for instant in instants])
    stamped_ms = np.abs([each.stamped_s * 1e3 for each in apart])
    sounded_ms = np.abs([each.sounded_s * 1e3 for each in apart])
    drift = fit_clock(instants).drift_ms_an_hour
    rows = [
        Row("events", len(instants), "", f"{events}", len(instants) == events),
        Row("sound lost", lost, "", "0", lost == 0),
        _at_most("sound to packets, median", float(np.median(apart_ms)), None),
        _at_most("sound to packets, p99", _p99(apart_ms), _P99_MS),
        _at_most("sound to packets, worst", float(apart_ms.max()), _WORST_MS),
        _at_most("of that, sending to kernel's stamp, p99", _p99(stamped_ms), None),
        _at_most("of that, click to sending, median", float(np.median(sounded_ms)), None),
        _at_most("of that, click to sending, p99", _p99(sounded_ms), None),
        _at_most("drift", abs(drift), None if chosen.quick else _DRIFT_MS_AN_HOUR, "ms/h"),
    ]
    return finish("clock", rows, {"rig": RIG.name, "minutes": f"{minutes:g}"})


def _p99(values_ms: NDArray[np.float64]) -> float:
    return float(np.percentile(values_ms, 99))


def _at_most(figure: str, value: float, most: float | None, unit: str = "ms") -> Row:
    holds = None if most is None else value <= most
    return Row(figure, round(value, 4), unit, "" if most is None else f"<= {most:g}", holds)


def _measured(folder: Path, events: int, apart_s: float) -> tuple[list[Apart], int]:
    """How far each click was from its datagram, and how often sound was lost."""
    clock, capture = RealClock(), folder / "c.pcapng"
    with open_rig(load_rig(RIG), clock) as rig:
        rig.tap.start(capture)
        rig.microphone.record(folder / "air.f32")
        clock.wait_s(_SETTLE_S)
        made = _make(rig, events, apart_s)
        clock.wait_s(1.0)
        report = rig.tap.stop()
        rig.microphone.stop_recording()
        nonces = frozenset((*(event.nonce for event in made), *report.own_nonces))
        wire = read_wire(capture, rig.device_address, rig.canary_flows(), nonces=nonces)
        seen = _compared(rig, made, wire.traffic.canaries)
        return seen, len(rig.microphone.losses())


def _make(rig: Rig, events: int, apart_s: float) -> list[Event]:
    made = []
    for number in range(events):
        next_s = rig.clock.monotonic_s() + apart_s
        index, nonce = rig.loudspeaker.earliest_index() + _LEAD, b"clock %d" % number
        sent_s = rig.shared_event.mark(index, 1, [CANARY_MARK + nonce])
        if sent_s is not None:
            made.append(Event(index, nonce, sent_s[0]))
        rig.clock.wait_s(next_s - rig.clock.monotonic_s())
    return made


def _compared(rig: Rig, made: Sequence[Event], canaries: Mapping[bytes, float]) -> list[Apart]:
    line = rig.microphone.clock_line()
    position = rig.loudspeaker.positions[0]
    found = [(event, _clicked(rig.microphone, position, event)) for event in made]
    return [
        Apart(
            Instant(canaries[event.nonce], line.at(index) - canaries[event.nonce]),
            canaries[event.nonce] - event.sent_s,
            line.at(index) - event.sent_s,
        )
        for event, index in found
        if index is not None and event.nonce in canaries
    ]


def _clicked(microphone: Microphone, position: str, event: Event) -> int | None:
    """Where the click lies in the recording of what was played."""
    try:
        around = np.abs(microphone.read(position, event.index - _NEAR, 2 * _NEAR))
    except RigError:
        return None
    loudest = int(np.argmax(around))
    return event.index - _NEAR + loudest if around[loudest] >= _CLICK else None


if __name__ == "__main__":
    raise SystemExit(main())
