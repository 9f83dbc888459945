"""The `sayso` command begins here: all else is loaded within, so that Ctrl-C meanwhile is told."""

import sys

INTERRUPTED = 2


def main() -> int:
    """Run the command that was typed; returns the exit code, 2 where it was stopped as it began."""
    try:
        from harness.cli import main as run
    except KeyboardInterrupt:
        print("sayso: interrupted before anything was begun", file=sys.stderr)
        return INTERRUPTED
    return run()
