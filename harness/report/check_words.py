"""Checks of a rig as a person reads them: each on a line of its own."""

from harness.model.timeline import Control


def check_line(check: Control) -> str:
    """A check on one line: whether it holds, what was measured, the limit, what to do."""
    measured = "" if check.measured is None else f"{check.measured:g} {check.unit}".strip()
    limit = "" if check.limit is None else f"limit {check.limit:g} {check.unit}".strip()
    sign = "ok  " if check.held else "FAIL"
    return f"{sign} {check.phase:8} {check.name:18} {measured:>14} {limit:>16}  {check.detail}"
