"""Plays of a causal test as evidence folders: timeline, capture and clock, without any bench."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from harness.bench.drivers.namespaces import CLOUD_ADDRESS, DEVICE_ADDRESS
from harness.bench.drivers.simulated_capture import udp_frame, write_capture
from harness.evidence import layout
from harness.evidence.folder import EvidenceFolder, sha256_of
from harness.judge import judge
from harness.model.case import Case
from harness.model.cause import Arm, CausePlan, Stage
from harness.model.script import Act, Deed
from harness.model.timeline import Control, Event, Upload
from harness.report.explain import explain
from harness.series.cause.order import draw_order
from harness.series.cause.verdict import Played, Setup
from tests.judge.timelines import deed, play, say

STAGE = Stage(5.0, 7.0, 0.0, 60.0)
PLAN = CausePlan(plays=10, follow_s=50.0, resamples=999, seed=2)
WHERE = f"{CLOUD_ADDRESS}:443"
BROKEN = Control("closing", "tap_drops", False, 3.0, 0.0, "packets", "Use a faster disk.")
_BEGAN_UNIX_S = 946_684_800.0
_PACKET_BYTES = 1200

Burst = tuple[float, int]
"""When (s) and how many packets."""


def setup(plan: CausePlan = PLAN) -> Setup:
    """What is known beforehand."""
    return Setup(
        "tests/scene", "A scene", "reference device", "test", plan, STAGE, DEVICE_ADDRESS,
        draw_order(plan),
    )  # fmt: skip


def burst(at_s: float, packets: int) -> Upload:
    """What a closed device's tap makes of a burst."""
    size = packets * _PACKET_BYTES
    return Upload(at_s, at_s + 0.01 * packets, size, WHERE, suspected=True)


def muted_play(arm: Arm, *events: Event) -> Case:
    """Mute is pressed; in the said arm somebody speaks to the muted device."""
    wake = say("wake", "Mark", "Alexa, are you there?", 5.0, 7.0, Act.WAKE)
    lines = (wake,) if arm is Arm.SAID else ()
    return play(lines, deed(Deed.MUTE, 0.5), *events, lit=False, sources=("S", "A", "N", "I"))


def written(
    root: Path, arm: Arm, case: Case, bursts: Sequence[Burst], *, stopped: bool = False
) -> Played:
    """The play's folder, sealed."""
    folder = EvidenceFolder.create(root, f"tests/scene-{arm}", _BEGAN_UNIX_S)
    folder.write_case(replace(case, events=()), {})
    frames = [
        (_BEGAN_UNIX_S + at_s + 0.01 * n,
         udp_frame(DEVICE_ADDRESS, 40_123, CLOUD_ADDRESS, 443, bytes(_PACKET_BYTES)))
        for at_s, packets in bursts
        for n in range(packets)
    ]  # fmt: skip
    write_capture(folder.folder / layout.NETWORK, sorted(frames))
    folder.write_json(
        layout.CLOCK,
        {
            "scene_start_index": 16_000,
            "first_index": 0.0,
            "first_unix_s": _BEGAN_UNIX_S - 1.0,
            "seconds_per_sample": 1 / 16_000,
        },
    )
    folder.write_timeline(case.events)
    ruling = judge(case)
    folder.write_ruling(ruling, explain(ruling))
    folder.seal()
    sealed = sha256_of(folder.folder / layout.MANIFEST)
    return Played(arm, folder.folder, sealed, ruling, stopped)


def series_of(
    root: Path,
    leak: Callable[[Arm], Sequence[Burst]],
    *,
    seen: bool = True,
    plan: CausePlan = PLAN,
    sync_packets: int = 2,
) -> list[Played]:
    """A whole test: a sync at some time of every play, and what `leak` gives for its arm.

    `seen`: the tap tells each burst as a suspected upload.
    """
    rng = np.random.default_rng(plan.seed)
    made: list[Played] = []
    for arm in draw_order(plan):
        bursts = [(float(rng.uniform(1.0, 58.0)), sync_packets), *leak(arm)]
        uploads = [burst(at_s, packets) for at_s, packets in bursts] if seen else []
        made.append(written(root, arm, muted_play(arm, *uploads), bursts))
    return made


def nothing(_arm: Arm) -> Sequence[Burst]:
    """No leak."""
    return ()


def leaks_at(delay_s: float, packets: int = 20) -> Callable[[Arm], Sequence[Burst]]:
    """A leak so long after the stimulus."""
    return lambda arm: [(STAGE.onset_s + delay_s, packets)] if arm is Arm.SAID else []
