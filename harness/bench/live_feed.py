"""Facts of a play into a small file that watchers follow, written by a thread of its own.

The file lies in the private runtime folder, not with the evidence: it holds what people say. It is
begun anew with each play and removed when the rig is closed. Whoever reads it only reads it, so a
watcher that hangs or dies changes nothing here.
"""

import itertools
import os
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.bench.lock import runtime_folder
from harness.bench.ports.live import LiveFeed, Unwatched
from harness.errors import RigError
from harness.model.live import Fact, Levels, PlaceInSeries, PlayBegan, Untold, as_line

SUFFIX = ".jsonl"
_WAITING = 2000
_MOST_BYTES = 32 << 20
_END_S = 2.0
_numbers = itertools.count(1)


def feeds_folder(rig: str, runtime: Path | None = None) -> Path:
    """Where the feeds of the plays on a rig lie, one file for each process that plays."""
    return (runtime or runtime_folder()) / "live" / rig


def writer_of(path: Path) -> int:
    """The process that writes a feed."""
    return int(path.stem.partition("-")[0])


def is_written(path: Path) -> bool:
    """Whether the process that writes a feed still runs."""
    return Path("/proc", str(writer_of(path))).exists()


@contextmanager
def open_feed(rig: str, runtime: Path | None = None) -> Iterator[LiveFeed]:
    """The feed of what is played on a rig while the context is open.

    Where none can be made, nobody can watch, and the rig plays all the same.
    """
    try:
        folder = feeds_folder(rig, runtime)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear_away(folder)
    except (OSError, RigError):
        yield Unwatched()
        return
    feed = FileFeed(folder / f"{os.getpid()}-{next(_numbers)}{SUFFIX}")
    try:
        yield feed
    finally:
        feed.close()


def _clear_away(folder: Path) -> None:
    """Remove what processes left that were killed."""
    for path in folder.glob(f"*{SUFFIX}"):
        if not is_written(path):
            path.unlink(missing_ok=True)


class FileFeed(LiveFeed):
    """Writes facts as JSON lines. `waiting`: so many may wait for it; the rest is dropped."""

    def __init__(
        self,
        path: Path,
        waiting: int = _WAITING,
        most_bytes: int = _MOST_BYTES,
        put: Callable[[int, bytes], int] = os.write,
    ) -> None:
        """`put` writes into an open file."""
        self._path, self._most_bytes, self._put = path, most_bytes, put
        self._queue: queue.Queue[Fact | None] = queue.Queue(waiting)
        self._dropped = 0
        self._file: int | None = None
        self._size = 0
        self._place: PlaceInSeries | None = None
        self._thread = threading.Thread(target=self._write_all, name="live feed", daemon=True)
        self._thread.start()

    def tell(self, fact: Fact) -> None:
        """Pass a fact on to the thread that writes; dropped where that is too far behind."""
        try:
            self._queue.put_nowait(fact)
        except queue.Full:
            self._dropped += 1

    def close(self) -> None:
        """Write what waits, and take the file away. Safe to call twice."""
        try:
            self._queue.put(None, timeout=_END_S)
        except queue.Full:
            return  # the disk hangs; the thread ends with the process
        self._thread.join(_END_S)

    def _write_all(self) -> None:
        while (fact := self._queue.get()) is not None:
            try:
                self._write(fact)
            except Exception:  # a thread that ends would keep the play's facts for ever
                self._dropped += 1
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            pass  # nothing of a ruling rests on it, and whoever opens the rig next clears it away
        finally:
            self._end_file()

    def _write(self, fact: Fact) -> None:
        if isinstance(fact, PlaceInSeries):
            self._place = fact  # it is the next play's
            return
        if isinstance(fact, PlayBegan):
            self._begin_file()
            self._append(fact)
            if self._place is not None:
                self._append(self._place)
            return
        if self._file is None:
            return  # between plays nobody wants to know
        # Levels are most of it; a play that is too long for the file goes on without them.
        room = self._most_bytes // 2 if isinstance(fact, Levels) else self._most_bytes
        if self._size > room:
            self._dropped += 1
            return
        if self._dropped:
            dropped, self._dropped = self._dropped, 0
            self._append(Untold(dropped, "too much at once, or too long"))
        self._append(fact)

    def _append(self, fact: Fact) -> None:
        assert self._file is not None
        line = as_line(fact)
        self._size += self._put(self._file, line)

    def _begin_file(self) -> None:
        """A file of the same name and another inode: who reads the old one reads it to its end."""
        self._end_file()
        self._path.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_NOFOLLOW
        self._file, self._size = os.open(self._path, flags, 0o600), 0

    def _end_file(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
