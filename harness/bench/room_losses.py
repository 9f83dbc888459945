"""Whether the virtual room has lost sound since a play counts on it.

A device that starts loads the machine, and a room may then lose a block; the chirps that follow
measure the room's delay as it then is. From there on its delay must stay what it was.
"""

from collections.abc import Mapping, Sequence
from typing import Any


class RoomLosses:
    """A check of a rig. `complaints`: what the room's worker has said, which grows as it runs."""

    def __init__(self, complaints: Sequence[Mapping[str, Any]]) -> None:
        self._complaints = complaints
        self._before: tuple[int, int] | None = None

    def ignore(self) -> None:
        """What is lost from now on is of no account, until `count`."""
        self._before = None

    def count(self) -> None:
        """What is lost from now on counts."""
        self._before = self._now()

    def _now(self) -> tuple[int, int]:
        facts = [f for f in tuple(self._complaints) if "late_blocks" in f]
        return (int(facts[-1]["late_blocks"]), int(facts[-1]["flags"])) if facts else (0, 0)

    def __call__(self) -> str | None:
        """What was lost, and what to do; None where nothing was."""
        if self._before is None:
            return None
        late, flagged = (n - b for n, b in zip(self._now(), self._before, strict=True))
        if not late and not flagged:
            return None
        return (
            f"the room lost sound ({late} blocks late, {flagged} flagged by PortAudio): the "
            "machine is too busy, or real-time priority is missing; end other work, or run as a "
            "user with an rtprio limit"
        )
