"""How well the times of packets are known that another machine stamped."""

from harness.bench.ports import TapReport
from harness.model.timeline import Control
from harness.stage.listening_facts import SCENE

NAME = "tap_clock"


def tap_clock(report: TapReport | None, limit_ms: float) -> list[Control]:
    """The control of a rig whose tap has a clock of its own; none on another.

    Measured is by how much a packet's time may be off (ms) after both clocks were compared all
    along; beyond `limit_ms`, nothing that hangs on the order of sound and packets is proven. Where
    the capture did not end well there is no report, and `tap_complete` says so.
    """
    if report is None or report.clock is None:
        return []
    clock = report.clock
    held = clock.uncertainty_ms <= limit_ms
    detail = (
        f"the tap's clock was {clock.ahead_s * 1e3:+.2f} ms ahead, gaining "
        f"{clock.drift_ppm:+.1f} ppm, which is corrected; known to {clock.uncertainty_ms:.2f} ms "
        f"by {clock.bounds} comparisons"
    )
    if clock.misfit_ms > limit_ms / 2:
        detail += f", which contradict each other by {2 * clock.misfit_ms:.1f} ms: a clock was set"
    if not held:
        detail += (
            "; use a cable instead of a radio between both machines, let neither do other work, "
            "or set `limits: clock_ms` to what this bench can do"
        )
    return [Control(SCENE, NAME, held, round(clock.uncertainty_ms, 3), limit_ms, "ms", detail)]
