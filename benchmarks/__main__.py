"""Runs every benchmark in turn; ends 0 only if every goal of each holds."""

import pkgutil
import subprocess
import sys
from pathlib import Path

_NOT_BENCHMARKS = {
    "__main__", "account_hours", "account_speech", "ears_rooms", "judge_plays", "lanes",
    "report_nights", "spotting_baseline", "spotting_hours",
    "table", "wire_all", "wire_capture", "wire_cause_traffic", "wire_hellos", "wire_idle_traffic",
    "wire_leaks", "zoo_counts", "zoo_plays",
}  # fmt: skip


def main() -> int:
    """Run each in a process of its own, so that one cannot disturb the next."""
    found = [m.name for m in pkgutil.iter_modules([str(Path(__file__).parent)])]
    codes = [
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *sys.argv[1:]]).returncode
        for name in sorted(set(found) - _NOT_BENCHMARKS)
    ]
    return 0 if codes and not any(codes) else 1


if __name__ == "__main__":
    sys.exit(main())
