"""Whether the device could do its work while the scene played."""

from collections.abc import Callable

from harness.model.timeline import Control
from harness.stage.listening_facts import SCENE
from harness.stage.session import Take

# Summed over its threads: 7 to 29 % on a two-core machine in plays that went as they should
# (2026-11-22). This catches gross starvation only; the one measure is too coarse for more.
_WAITED = 0.5


def kept_up(take: Take) -> Control:
    """Whether a device that shares the harness's machine got its share of it."""
    waited, performed = take.device_waited, take.performed
    held = performed is not None and (waited is None or waited <= _WAITED)
    if waited is None:
        detail = "the device has a machine of its own" if held else "the scene was not played"
    else:
        detail = f"the device stood waiting for a processor for {100 * waited:.1f} % of the time"
    if waited is not None and not held:
        detail += ": what it did late on this busy machine proves nothing; end other work"
    measured = None if waited is None else round(100 * waited, 2)
    return Control(SCENE, "device_kept_up", held, measured, 100 * _WAITED, "%", detail)


def listened(take: Take, at: Callable[[float], float]) -> Control:
    """Whether the device had its microphone open whenever nothing kept it from that.

    `at` turns Unix time into the run's seconds.
    """
    performed = take.performed
    deaf = [unix_s for proof in take.proofs for unix_s in proof.deaf_at_unix_s]
    deaf = sorted([*deaf, *(() if performed is None else performed.deaf_at_unix_s)])
    if performed is None:
        detail = "the scene was not played"
    elif deaf:
        when = ", ".join(f"{at(unix_s):.1f} s" for unix_s in deaf[:3])
        detail = (
            f"the device had closed its microphone unasked at {when}: did it restart? What it did "
            "not hear proves nothing; see device.log"
        )
    else:
        detail = "the device had its microphone open whenever it could"
    held = performed is not None and not deaf
    return Control(SCENE, "device_listened", held, float(len(deaf)), 0.0, "times", detail)
