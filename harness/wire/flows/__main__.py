"""`python -m harness.wire.flows`: compile the reader now, so that no play waits for it.

What was compiled is kept. Where nothing can be kept, it says so and ends with 2.
"""

import sys

from harness.wire.flows.code import FOLDER
from harness.wire.flows.machine import make_ready


def main() -> int:
    """Compile; the exit code."""
    if FOLDER is None:
        print("the reader of captures cannot be kept: no cache can be written", file=sys.stderr)
        return 2
    make_ready()
    return 0


if __name__ == "__main__":
    sys.exit(main())
