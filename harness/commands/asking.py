"""Asks whoever sits at the terminal, a line at a time; answers may come from a file as well."""

import sys

from harness.errors import UserError


def ask(question: str, usual: str) -> str:
    """What was typed, `usual` where that is nothing. Raises `UserError` where answers run out."""
    print(f"{question}{f' [{usual}]' if usual else ''}: ", end="", flush=True)
    typed = sys.stdin.readline()
    if not typed:
        raise UserError("the answers ended before the questions did; nothing was written")
    return typed.strip() or usual
