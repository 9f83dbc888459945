"""The fuzzer in small: sound inputs pass, spoilt ones too, and a reader that fails is found."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz import __main__ as fuzzer
from tests.fuzz.mutate import mutations
from tests.fuzz.targets import TARGETS, Target


@pytest.mark.parametrize("name", TARGETS)
def test_a_few_spoilt_inputs_of_each_kind(name: str) -> None:
    target = TARGETS[name]
    for data in (*target.seeds(), *mutations(target.seeds(), 60, seed=2)):
        target.run(data)


def test_the_same_seed_makes_the_same_inputs() -> None:
    seeds = [b"sound", b"input" * 30]
    once, again = (list(mutations(seeds, 50, seed=3)) for _ in range(2))
    assert once == again != list(mutations(seeds, 50, seed=4))


def test_a_reader_that_fails_is_found_and_its_input_kept(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fails(data: bytes) -> None:
        assert len(data) < 9

    fuzzer.FINDINGS.mkdir(parents=True, exist_ok=True)
    found = fuzzer.by_chance("fails", Target(fails, list), [b"12345678"], 200, seed=1)
    said = capsys.readouterr().err
    assert found == 1 and "AssertionError" in said
    kept = Path(said.split()[-1])
    assert len(kept.read_bytes()) >= 9
    kept.unlink()


@pytest.mark.slow
def test_the_program_runs_a_fixed_number_and_ends_well() -> None:
    words = [sys.executable, "-m", "tests.fuzz", "--inputs", "20", "--guided", "0"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("0 found") == len(TARGETS)
