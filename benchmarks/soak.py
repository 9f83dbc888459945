"""A night that is killed again and again: `python -m benchmarks.soak [--kills 20] [--plays 30]`.

`sayso soak` plays the reference device on simulated time and is killed (SIGKILL) at random moments;
the same command goes on. Afterwards every play must be there once, sealed as the journal says, in
the order that the plan draws; and nothing of the killed processes may still run.
"""

import argparse
import contextlib
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.table import Row, finish
from harness.bench.rigfile import load_rig
from harness.evidence.verify import verify
from harness.series.soak import Journal, load_soak_plan
from harness.series.soak.player import head_of

ROOT = Path(__file__).resolve().parents[1]
RIG, PLAN = ROOT / "rigs" / "simulated.yaml", ROOT / "rigs" / "nightly.plan.yaml"
_SEED = 1
_LONGEST_S = 25.0


def main() -> int:
    """Kill, go on, count, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--plays", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="sayso-soak-") as scratch:
        night = Path(scratch) / "night"
        when = random.Random(chosen.seed)
        killed = sum(_killed(night, chosen.plays, when) for _ in range(chosen.kills))
        ended = subprocess.run(_command(night, chosen.plays), capture_output=True, text=True)
        left = _left_running(night)
        rows = [*_rows(night, chosen.plays), _none("processes left running", left)]
        rows.append(_none("exit code of the last", ended.returncode))
    facts = {"killed in mid-night": f"{killed} of {chosen.kills}", "plays": str(chosen.plays)}
    return finish("soak", rows, facts)


def _command(night: Path, plays: int) -> list[str]:
    words = ["soak", str(RIG), "--plan", str(PLAN), "--out", str(night), "--plays", str(plays)]
    return [sys.executable, "-m", "harness.cli", *words, "--seed", str(_SEED), "--hours", "100"]


def _killed(night: Path, plays: int, when: random.Random) -> bool:
    """Whether it was still going on when it was killed."""
    process = subprocess.Popen(
        _command(night, plays), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        process.wait(when.uniform(0.5, _LONGEST_S))
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


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
