"""Feeds the readers of captures spoilt inputs, a fixed number of them; see docs/fuzzing.md.

python -m tests.fuzz [--inputs N] [--guided N] [--target NAME ...] [--seed N] [--replay NAME FILE]

First under atheris, where that is installed, with the reader as plain Python; then what it came
upon, the seeds, and changes of both by chance, on the compiled reader. Ends 0 when nothing was
found, else 1; inputs that were found are kept in `.cache/fuzz`.
"""

import argparse
import hashlib
import importlib.util
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from tests.fuzz.mutate import mutations
from tests.fuzz.targets import TARGETS, Target

FINDINGS = Path(__file__).parents[2] / ".cache" / "fuzz"
_INPUTS, _GUIDED = 10_000, 10_000
_GUIDED_LIMIT_S = 1800


def main(arguments: Sequence[str] | None = None) -> int:
    """Fuzz; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=_INPUTS, help="by chance, for each target")
    parser.add_argument("--guided", type=int, default=_GUIDED, help="under atheris, for each")
    parser.add_argument("--target", action="append", choices=TARGETS, help="only these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--replay", nargs=2, metavar=("NAME", "FILE"), help="only this input")
    chosen = parser.parse_args(arguments)
    if chosen.replay:
        name, file = chosen.replay
        TARGETS[name].run(Path(file).read_bytes())
        return 0
    FINDINGS.mkdir(parents=True, exist_ok=True)
    guided = chosen.guided if importlib.util.find_spec("atheris") else 0
    if guided == 0:
        print("fuzz: without atheris (setup/fuzz.lock): inputs by chance only")
    found = sum(
        _fuzz(name, guided, chosen.inputs, chosen.seed) for name in chosen.target or TARGETS
    )
    print(f"fuzz: {found} findings" + (f", inputs in {FINDINGS}" if found else ""))
    return 1 if found else 0


def _fuzz(name: str, guided: int, inputs: int, seed: int) -> int:
    """Findings of one target."""
    target = TARGETS[name]
    guided //= target.costs
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        for content in target.seeds():
            (corpus / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)
        begun_s = time.monotonic()
        found = _guided(name, guided, seed, corpus) if guided else 0
        known = [path.read_bytes() for path in sorted(corpus.iterdir())]
    guided_s = time.monotonic() - begun_s
    begun_s = time.monotonic()
    found += by_chance(name, target, known, inputs, seed)
    chance_s = time.monotonic() - begun_s
    print(
        f"{name:8} guided {guided:7} inputs {guided_s:6.1f} s, {len(known):5} kept; "
        f"by chance {inputs + len(known):7} inputs {chance_s:6.1f} s; {found} found",
        flush=True,
    )
    return found


def _guided(name: str, inputs: int, seed: int, corpus: Path) -> int:
    words = [name, str(inputs), str(seed), str(corpus), str(FINDINGS)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.guided", *words],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        errors="replace",
        timeout=_GUIDED_LIMIT_S,
    )
    if done.returncode:
        print((done.stdout + done.stderr)[-4000:], file=sys.stderr)
    return int(done.returncode != 0)


def by_chance(name: str, target: Target, known: list[bytes], inputs: int, seed: int) -> int:
    """Findings among `known` and so many changes of them; the first is kept and told."""
    for data in chain(known, mutations(known, inputs, seed)):
        try:
            target.run(data)
        except Exception:  # whatever it is, it is a finding
            path = FINDINGS / f"{name}-{hashlib.sha256(data).hexdigest()[:16]}"
            path.write_bytes(data)
            traceback.print_exc()
            print(f"again: python -m tests.fuzz --replay {name} {path}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
