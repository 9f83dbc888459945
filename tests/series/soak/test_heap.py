"""What was freed leaves the process."""

import subprocess
import sys

_FREES = """
import numpy as np
from harness.series.soak.heap import give_back_freed, keep_heap_small

def resident_mb():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 1e6

keep_heap_small()
before = resident_mb()
small = [np.ones(10_000) for _ in range(1_000)]
last = small[-1]  # keeps the top of the heap in place
large = [np.ones(1_000_000) for _ in range(10)]
during = resident_mb()
del large
without_large = resident_mb()
del small
give_back_freed()
print(during - before, during - without_large, resident_mb() - before)
"""


def test_freed_arrays_are_given_back() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FREES], capture_output=True, text=True, check=True, timeout=60
    )
    taken_mb, large_mb, left_mb = map(float, done.stdout.split())
    assert taken_mb > 140.0 and large_mb > 70.0 and left_mb < 20.0
