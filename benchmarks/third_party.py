"""Plays scenes on assistants that nobody here wrote, on the virtual bench, in real time.

python -m benchmarks.third_party [--quick] [--plays N] [--only RIG:SCENE ...] [--jobs J]
                                 [--minutes M] [--resume | --table]

RIG is MAKER/NAME, as in `rigs/third_party`. Each play goes into
`benchmarks/out/third-party-plays.jsonl` as it ends; `--resume` makes only those that are not in
there yet, `--table` makes none and counts what is there. `--jobs` benches run side by side;
after `--minutes` no further play is begun. What `rigs/third_party/setup.sh` has not set up is left
out.

Per rig and scene: plays, verdicts, first class, with intervals. Per maker, over all plays: how well
the wire agrees with the server's own log (bytes of sound in each stream, and when its first sound
came), and whether each wake that the device logged is a stream on the wire.
"""

import argparse
import math
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.lanes import lane_rig, side_by_side
from benchmarks.table import Row, finish
from benchmarks.third_party_plays import (
    OVOS,
    SATELLITE,
    Play,
    Stream,
    Task,
    add_play,
    cuts_in,
    logged_in,
    read_plays,
    tasks_left,
    wakes_in,
)
from harness.bench.lock import runtime_folder
from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.evidence.read import read_events, read_scene_start_s
from harness.model.ruling import Ruling, Verdict
from harness.model.timeline import DeedDone
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import play_and_rule
from harness.series.statistics import rate
from harness.stage.clips import cast_for
from harness.wire.payload import Leaf, read_connections

_PROJECT = Path(__file__).resolve().parents[1]
_RIGS = _PROJECT / "rigs" / "third_party"
_SCENES = _PROJECT / "scenarios"
_INSTALLED = _PROJECT / ".cache" / "third_party"
_OUT = Path(__file__).parent / "out" / "third-party-evidence"
_KEPT = _OUT.with_name("third-party-plays.jsonl")
PLAYS = (
    (f"{SATELLITE}/guarded", "portland/wanted-message"),
    (f"{SATELLITE}/guarded", "assistants/talk-after-answer"),
    (f"{OVOS}/waits", "portland/wanted-message"),
    (f"{OVOS}/guarded", "assistants/talk-after-answer"),
    (f"{SATELLITE}/2018", "portland/kitchen"),
    (f"{SATELLITE}/says-its-name", "assistants/reply-holds-wake-word"),
    (f"{SATELLITE}/hangs", "assistants/never-answers"),
    (f"{SATELLITE}/stranger", "assistants/server-goes-away"),
    (f"{SATELLITE}/hangs-up", "assistants/server-goes-away"),
    (f"{SATELLITE}/second", "assistants/somebody-else-connects"),
    (f"{SATELLITE}/squatter", "assistants/somebody-else-connects"),
    (f"{OVOS}/overheard", "assistants/somebody-else-connects"),
    (f"{SATELLITE}/guarded", "assistants/network-goes-mid-stream"),
    (f"{SATELLITE}/guarded", "assistants/start-up"),
    (f"{SATELLITE}/openwakeword", "portland/wanted-message"),
    (f"{SATELLITE}/openwakeword", "assistants/talk-after-answer"),
    (f"{SATELLITE}/openwakeword", "portland/kitchen"),
    (f"{OVOS}/guarded", "portland/wanted-message"),
    (f"{OVOS}/guarded", "portland/kitchen"),
    (f"{OVOS}/guarded", "zoo/muted-wake"),
    (f"{OVOS}/guarded", "assistants/muted-as-it-answers"),
    (f"{OVOS}/mutes-itself", "assistants/muted-as-it-answers"),
    (f"{OVOS}/open-bus", "assistants/told-to-listen"),
    (f"{OVOS}/hangs", "assistants/never-answers"),
    (f"{OVOS}/says-its-name", "assistants/reply-holds-wake-word"),
    (f"{OVOS}/guarded", "assistants/network-goes-mid-stream"),
    (f"{OVOS}/guarded", "assistants/start-up"),
)
_QUICK = 4
_BYTES, _START_S, _INCONCLUSIVE = 0.01, 0.05, 1 / 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, count, print; see the module's docstring."""
    chosen = _parser().parse_args(arguments)
    wanted = [each for each in PLAYS if not chosen.only or ":".join(each) in chosen.only]
    wanted, count = (wanted[:_QUICK], 1) if chosen.quick else (wanted, chosen.plays)
    wanted = [(rig, scene) for rig, scene in wanted if _is_installed(rig)]
    if not wanted and not chosen.table:
        print("third_party: nothing is installed; run rigs/third_party/setup.sh", file=sys.stderr)
        return 0 if chosen.quick else 2
    if not chosen.table:
        if not chosen.resume:
            _KEPT.unlink(missing_ok=True)
        left = tasks_left(wanted, count, read_plays(_KEPT))
        lane = partial(_lane, time.monotonic() + 60 * chosen.minutes)
        side_by_side(lane, left, chosen.jobs)
    return _table(read_plays(_KEPT), chosen.jobs)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1 play of the first few")
    parser.add_argument("--plays", type=int, default=20)
    parser.add_argument("--only", nargs="*", metavar="RIG:SCENE", default=[])
    parser.add_argument("--jobs", type=int, default=1, help="benches side by side")
    parser.add_argument("--minutes", type=float, default=math.inf, help="begin no play after")
    keep = parser.add_mutually_exclusive_group()
    keep.add_argument("--resume", action="store_true", help="make only what is not there yet")
    keep.add_argument("--table", action="store_true", help="play nothing, count what is there")
    return parser


def _is_installed(rig: str) -> bool:
    maker = rig.partition("/")[0]
    locks = [path.stem for path in (_RIGS / maker).glob("*.lock")]
    return all((_INSTALLED / f"{maker}-{lock}" / "stamp").exists() for lock in locks)


def _lane(until_s: float, number: int, tasks: list[Task]) -> None:
    """Make the plays of one lane, rig by rig within a round; `until_s`: monotonic time."""
    # What is asked for the same time of the same rig shares an open bench.
    tasks = sorted(tasks, key=lambda task: (task.number, task.rig))
    with ExitStack() as stack:
        opened: tuple[str, Rig] | None = None
        for task in tasks:
            if time.monotonic() >= until_s:
                return
            if opened is None or opened[0] != task.rig:
                stack.close()
                opened = task.rig, stack.enter_context(_opened(task.rig, number))
            _play(opened[1], task)


def _opened(rig: str, lane: int) -> AbstractContextManager[Rig]:
    maker = rig.partition("/")[0]
    path = lane_rig(_RIGS / f"{rig}.yaml", _OUT.with_name("third-party-rigs"), maker, lane)
    return open_rig(load_rig(path), RealClock())


def _play(bench: Rig, task: Task) -> None:
    corpus = Corpus.load()
    script = load_scene(_SCENES / f"{task.scene}.scene.yaml", corpus)
    cast = cast_for(script, bench.file, corpus, bench.microphone.rate_hz)
    began_s = bench.clock.now_s()
    outcome = play_and_rule(bench, script, cast, lambda _: None, _OUT)
    if isinstance(outcome.stopped_by, KeyboardInterrupt | SystemExit):
        raise outcome.stopped_by  # by whoever ends the benchmark: no play to be counted
    play = _observed(task.rig, bench, outcome.ruling, outcome.evidence, began_s)
    add_play(_KEPT, play)
    told = f"{task.rig} {task.scene} {play.verdict} {play.classes} {outcome.evidence.name}"
    print(told, *outcome.ruling.reasons[:2], sep="\n    ", flush=True)


def _observed(rig: str, bench: Rig, ruling: Ruling, evidence: Path, began_s: float) -> Play:
    connections = read_connections(evidence / "network.pcapng", bench.device_address)
    leaves = [leaf for each in connections for leaf in each.leaves]
    sound = [leaf for leaf in leaves if leaf.kind.startswith("audio/")]
    log = (runtime_folder() / bench.file.name / "cloud.log").read_text()
    device = (evidence / "device.log").read_text(errors="replace")
    deeds = [event for event in read_events(evidence) if isinstance(event, DeedDone)]
    return Play(
        rig=rig,
        scene=ruling.scene_id,
        verdict=ruling.verdict,
        provoked=ruling.provoked,
        classes=tuple(dict.fromkeys(finding.cls for finding in ruling.findings)),
        wire=_on_wire(sound),
        server=logged_in(log, began_s),
        wakes_s=wakes_in(device),
        pre_rolls_s=tuple(each.before_s for each in ruling.pre_rolls),
        cuts_s=cuts_in(device, deeds, read_scene_start_s(evidence)),
    )


def _on_wire(sound: Iterable[Leaf]) -> tuple[Stream, ...]:
    return tuple(Stream(len(leaf.content), leaf.content.from_unix_s) for leaf in sound)


def _table(plays: Sequence[Play], jobs: int) -> int:
    work = [each for each in PLAYS if each in {(p.rig, p.scene) for p in plays}]
    devices = sorted({load_rig(_RIGS / f"{rig}.yaml").device.firmware for rig, _ in work})
    rows = _verdicts(work, plays)
    for maker in sorted({play.maker for play in plays}):
        rows += _agreement(maker, [play for play in plays if play.maker == maker])
    facts = {"devices": "; ".join(devices), "benches side by side": str(jobs)}
    return finish("third_party", rows, facts)


def _verdicts(work: Sequence[tuple[str, str]], plays: Sequence[Play]) -> list[Row]:
    rows = list[Row]()
    for rig, scene in work:
        these = [p for p in plays if (p.rig, p.scene) == (rig, scene)]
        name = f"{rig}, {scene}"
        verdicts = Counter(p.verdict for p in these)
        unsure = verdicts[Verdict.INCONCLUSIVE]
        rows.append(Row(f"{name}: plays", len(these), "plays", "", None))
        rows.append(Row(f"{name}: provoked", sum(p.provoked for p in these), "plays", "", None))
        rows.append(Row(f"{name}: passed", verdicts[Verdict.PASS], "plays", "", None))
        failed = verdicts[Verdict.FAIL]
        first = Counter(p.classes[0] for p in these if p.classes)
        what = ", ".join(f"{cls} x{count}" for cls, count in first.most_common())
        rows.append(
            Row(
                f"{name}: failed ({what or 'none'})",
                failed,
                "plays",
                _interval(failed, len(these) - unsure),
                None,
            )
        )
        most = f"at most {_INCONCLUSIVE:.0%}"
        rows.append(
            Row(
                f"{name}: inconclusive", unsure, "plays", most, unsure <= _INCONCLUSIVE * len(these)
            )
        )
    return rows


def _interval(events: int, trials: int) -> str:
    found = rate(events, trials).interval
    return "" if found is None else f"95 %: {found.low:.0%} to {found.high:.0%}"


def _agreement(maker: str, plays: Sequence[Play]) -> list[Row]:
    pairs = [pair for play in plays for pair in play.pairs]
    bytes_off = max((abs(a.bytes - b.bytes) / b.bytes for a, b in pairs), default=1.0)
    start_off_s = max((abs(a.first_s - b.first_s) for a, b in pairs), default=1.0)
    wakes, heard = sum(len(p.wakes_s) for p in plays), sum(p.heard for p in plays)
    cut_off = sum(p.cut_off for p in plays)
    streams, logged = sum(len(p.wire) for p in plays), sum(len(p.server) for p in plays)
    late = sum(abs(a.first_s - b.first_s) > _START_S for a, b in pairs)
    return [
        Row(f"{maker}: streams on the wire", streams, "streams", "", None),
        Row(f"{maker}: streams in the server's log", logged, "streams", "", None),
        Row(f"{maker}: of these on the wire", len(pairs), "streams", "all", len(pairs) == logged),
        Row(f"{maker}: on the wire only, to strangers", streams - len(pairs), "streams", "", None),
        Row(
            f"{maker}: bytes of a stream: wire off log, worst",
            100 * bytes_off,
            "%",
            "at most 1",
            bytes_off <= _BYTES,
        ),
        Row(
            f"{maker}: start of a stream: wire off log, worst",
            1e3 * start_off_s,
            "ms",
            "at most 50",
            start_off_s <= _START_S,
        ),
        Row(f"{maker}: start of a stream: further off", late, "streams", "", None),
        *_pre_rolls(maker, [s for play in plays for s in play.pre_rolls_s]),
        Row(f"{maker}: wakes in the wake service's log", wakes, "wakes", "", None),
        Row(f"{maker}: of these cut off by the bench (network, power)", cut_off, "wakes", "", None),
        Row(
            f"{maker}: of the rest a stream on the wire",
            heard,
            "wakes",
            "all",
            heard == wakes - cut_off,
        ),
    ]


def _pre_rolls(maker: str, before_s: Sequence[float]) -> list[Row]:
    if not before_s:
        return []
    return [
        Row(f"{maker}: sessions with a pre-roll measured", len(before_s), "", "", None),
        Row(f"{maker}: pre-roll, median (negative: none)", median(before_s), "s", "", None),
        Row(f"{maker}: pre-roll, most", max(before_s), "s", "", None),
    ]


if __name__ == "__main__":
    sys.exit(main())
