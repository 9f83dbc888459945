"""One target under atheris, guided by the lines it reaches: a program of its own.

Arguments: target, inputs, seed, folder of seeds (which it adds to), folder for findings. It must
run with NUMBA_DISABLE_JIT=1: then the compiled pass is plain Python, whose lines can be followed,
and a place outside of a buffer is an IndexError.
"""

import sys

import atheris
import numpy as np

with atheris.instrument_imports(include=["harness.wire"]):
    from harness.wire.flows.machine import make_ready
    from tests.fuzz.targets import TARGETS

    make_ready()  # imports what is compiled elsewhere

_LONGEST = 4096


def main() -> None:
    """Fuzz, and end the process; a finding ends it with another code than 0."""
    name, inputs, seed, corpus, findings = sys.argv[1:]
    np.seterr(over="ignore")  # hashes wrap, as they do compiled
    words = [
        sys.argv[0], f"-runs={inputs}", f"-seed={seed}", f"-max_len={_LONGEST}",
        "-rss_limit_mb=4096", "-timeout=20", "-print_final_stats=0", "-verbosity=0",
        f"-artifact_prefix={findings}/{name}-", corpus,
    ]  # fmt: skip
    atheris.Setup(words, TARGETS[name].run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
