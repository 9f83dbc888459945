"""What every test of this folder ends with: nothing of its bench is left in this process."""

from collections.abc import Iterator

import pytest

from tests.bench_faults.small_bench import nothing_left


@pytest.fixture(autouse=True)
def clean_process() -> Iterator[None]:
    with nothing_left():
        yield
