"""A long night: what it leaves in its process, and what is left of it when it is killed.

python -m benchmarks.soak [--minutes 60] [--rig FILE]          memory, threads, descriptors (flat)
python -m benchmarks.soak --only kills [--kills 20] [--plays 30]

*Flat* plays soak after soak in one process until so many minutes of scenes were watched, on
simulated time unless another rig is given (`benchmarks/soak_flat.py`). *Kills*: `sayso soak` plays
the reference device on simulated time and is killed (SIGKILL) at random moments; the same command
goes on. Afterwards every play must be there once, sealed as the journal says, in the order that the
plan draws; and nothing of the killed processes may still run. What each command said is in
`benchmarks/out/soak-said/`, and the plays of a night that did not end well are told.
"""

import argparse
import contextlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.soak_flat import flat_rows
from benchmarks.table import Row, finish
from harness.bench.rigfile import load_rig
from harness.evidence.verify import verify
from harness.model.ruling import Verdict
from harness.series.soak import Journal, load_soak_plan
from harness.series.soak.player import head_of

ROOT = Path(__file__).resolve().parents[1]
RIG, PLAN = ROOT / "rigs" / "simulated.yaml", ROOT / "rigs" / "nightly.plan.yaml"
_SEED = 1
_LONGEST_S = 25.0
_TOLD_LINES = 40
_OUT = Path(__file__).resolve().parent / "out"
_SAID = _OUT / "soak-said"


def main() -> int:
    """Measure what was asked for, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=("flat", "kills"), help="one of the two (default: both)")
    parser.add_argument("--minutes", type=float, default=60.0, help="of scenes, flat (60)")
    parser.add_argument("--rig", type=Path, default=RIG, help="rig file, flat (simulated)")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--plays", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    asked = parser.parse_args()
    code = 0
    if asked.only != "kills":
        rows = flat_rows(asked.rig, PLAN, asked.minutes, _SEED, _OUT / "soak-answers")
        code = finish("soak-flat", rows, {"rig": asked.rig.name})
    return code if asked.only == "flat" else max(code, _kills(asked))


def _kills(asked: argparse.Namespace) -> int:
    """Kill, go on, count, print."""
    shutil.rmtree(_SAID, ignore_errors=True)
    _SAID.mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="sayso-soak-") as scratch:
        night = Path(scratch) / "night"
        when = random.Random(asked.seed)
        moments_s = [when.uniform(0.5, _LONGEST_S) for _ in range(asked.kills)]
        codes = [
            _run(night, asked.plays, moment_s, _SAID / f"{number:02}.txt")
            for number, moment_s in enumerate([*moments_s, None], 1)
        ]
        rows = _rows(night, asked.plays)
        rows.append(_none("processes left running", _left_running(night)))
        rows.append(_none("commands that failed by themselves", _failed(codes)))
    killed = codes.count(-signal.SIGKILL)
    facts = {"killed in mid-night": f"{killed} of {asked.kills}", "plays": str(asked.plays)}
    return finish("soak", rows, facts)


def _command(night: Path, plays: int) -> list[str]:
    words = ["soak", str(RIG), "--plan", str(PLAN), "--out", str(night), "--plays", str(plays)]
    return [sys.executable, "-m", "harness.cli", *words, "--seed", str(_SEED), "--hours", "100"]


def _run(night: Path, plays: int, killed_after_s: float | None, said: Path) -> int:
    """Give the command, and kill it unless it has ended before; its exit code."""
    with said.open("wb") as output:
        process = subprocess.Popen(_command(night, plays), stdout=output, stderr=output)
        try:
            return process.wait(killed_after_s)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()


def _failed(codes: Sequence[int]) -> int:
    """How many ended otherwise than well or killed; what these said is printed."""
    failed = [n for n, code in enumerate(codes, 1) if code not in (0, -signal.SIGKILL)]
    for number in failed:
        path = _SAID / f"{number:02}.txt"
        end = path.read_text(errors="replace").splitlines()[-_TOLD_LINES:]
        print("\n".join([f"command {number} ended with {codes[number - 1]} ({path}):", *end]))
    return len(failed)


def _left_running(night: Path) -> int:
    """Processes that still name the night's folder."""
    found = 0
    for words in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended while we looked
            found += str(night).encode() in words.read_bytes()
    return found


def _rows(night: Path, plays: int) -> list[Row]:
    plan = load_soak_plan(PLAN)
    journal = Journal(night, head_of(load_rig(RIG), plan.digest, _SEED))
    journal.close()
    numbers = Counter(line.number for line in journal.plays)
    lost = sum(number not in numbers for number in range(1, plays + 1))
    twice = len({line.evidence for line in journal.plays}) != len(journal.plays)
    unsound = sum(bool(verify(night / p.evidence, p.manifest_sha256)) for p in journal.plays)
    drawn = [plan.draw(_SEED, line.number).name for line in journal.plays]
    others = sum(
        not name.startswith(line.scene.split("/")[-1])
        for name, line in zip(drawn, journal.plays, strict=True)
    )
    for line in journal.plays:
        if line.verdict is not Verdict.PASS:
            print(f"play {line.number}, {line.scene}: {line.kind}: {line.headline}")
    double = sum(count - 1 for count in numbers.values()) + twice
    return [
        _none("scenes lost", lost),
        _none("counted twice", double),
        _none("evidence not as sealed", unsound),
        _none("other scenes than drawn", others),
    ]


def _none(figure: str, count: int) -> Row:
    return Row(figure, count, "", "0", count == 0)


if __name__ == "__main__":
    sys.exit(main())
