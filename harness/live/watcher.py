"""One look after the other at feed and capture, and what is known after each."""

import time
from collections.abc import Callable
from pathlib import Path

from harness.live.follow import FeedFollower
from harness.live.frames import GrowingCapture
from harness.live.state import Section, Watched
from harness.model.live import PlayBegan

POLL_S = 0.25
_SILENT_S = 5.0


class Watcher:
    """Follows what is played on some rigs. `now_s`: seconds that never go back."""

    def __init__(
        self, folders: tuple[Path, ...], now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._follower, self._now_s = FeedFollower(folders), now_s
        self._watched: Watched | None = None
        self._capture: GrowingCapture | None = None
        self._heard_s = now_s()
        self._is_on = False

    def look(self) -> None:
        """Take in what is new; a piece at a time, so that it never takes long."""
        following = self._follower.look()
        self._is_on = following.is_on
        for fact in following.facts:
            if isinstance(fact, PlayBegan):
                self._watched = Watched(fact)
                self._capture = GrowingCapture(Path(fact.capture)) if fact.capture else None
            elif self._watched is not None:
                self._watched.take(fact)
        if following.facts:
            self._heard_s = self._now_s()
        if self._capture is not None and self._watched is not None:
            for frame in self._capture.read():
                self._watched.packet(frame)
            self._watched.capture_trouble = self._capture.trouble

    def sections(self) -> dict[str, Section]:
        """All that is shown; `link` says whether a play is followed at all."""
        told = {} if self._watched is None else self._watched.sections()
        silent_s = self._now_s() - self._heard_s
        link = {
            "on": self._is_on,
            "any": self._watched is not None,
            "silent_s": int(silent_s) if self._is_on and silent_s >= _SILENT_S else 0,
        }
        return {"link": link, **told}

    def close(self) -> None:
        """Let go of the files."""
        self._follower.close()
