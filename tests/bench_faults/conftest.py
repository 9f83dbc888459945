"""What every test of this folder ends with, and what several of them ask for."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.bench_faults.small_bench import nothing_left


@pytest.fixture(autouse=True)
def clean_process() -> Iterator[None]:
    """Nothing of its bench is left in this process."""
    with nothing_left():
        yield


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A runtime folder with a short name: a socket has 107 letters for its path, pytest many."""
    with TemporaryDirectory(prefix="sayso-") as folder:
        yield Path(folder)
