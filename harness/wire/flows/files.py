"""Capture files, finished or growing, one or a ring of them, into a `FlowReader`."""

from collections.abc import Callable, Iterable, Iterator
from io import FileIO
from pathlib import Path

from harness.bench.ports.capture_files import ring_number
from harness.wire.flows.reader import FlowReader
from harness.wire.flows.record import Batch, Damage

_BATCH_BYTES = 32 * 2**20


def read_files(paths: Iterable[Path], reader: FlowReader) -> Iterator[Batch]:
    """Finished files in the order given; the last batch holds every flow still open.

    A file that cannot be opened is damage of the reading, and the next one is read.
    """
    for path in paths:
        try:
            with path.open("rb", buffering=0) as file:
                reader.begin_file(path)
                while _feed(file, reader):
                    yield reader.take()
        except OSError as error:
            reader.reading.damage.append(Damage(path, 0, f"cannot be read: {error}", 0))
    yield reader.finish()


def follow(
    files: Callable[[], list[Path]],
    reader: FlowReader,
    goes_on: Callable[[], bool],
    wait: Callable[[], None],
) -> Iterator[Batch]:
    """Files that are being written, oldest first, as they grow, until no more is to come.

    `files`: those there are now, in the order of writing; a ring may drop old ones at any time.
    Those that it dropped before they were read are counted in the reading, by their numbers.
    `goes_on`: whether the capture does; once it does not, what is there is read to its end.
    `wait`: called where nothing new has come.
    """
    done: set[Path] = set()
    number = 0
    while True:
        ended = not goes_on()
        waiting = [path for path in files() if path not in done]
        if waiting:
            before, number = number, ring_number(waiting[0]) or 0
            reader.reading.lost_files += max(0, number - before - 1)
            yield from _follow_one(waiting[0], files, reader, goes_on, wait)
            done = (done & set(files())) | {waiting[0]}
        elif ended:
            yield reader.finish()
            return
        else:
            wait()


def _follow_one(
    path: Path,
    files: Callable[[], list[Path]],
    reader: FlowReader,
    goes_on: Callable[[], bool],
    wait: Callable[[], None],
) -> Iterator[Batch]:
    """One file until the next one is begun, or no more is to come."""
    try:
        with path.open("rb", buffering=0) as file:
            reader.begin_file(path)
            while True:
                # Asked before reading: what was written before the end is then read.
                last = not goes_on() or path not in files()[-1:]
                while _feed(file, reader):
                    yield reader.take()
                if last:
                    return
                wait()
    except FileNotFoundError:
        reader.reading.lost_files += 1  # between being listed and being opened
    except OSError as error:
        reader.reading.damage.append(Damage(path, 0, f"cannot be read: {error}", 0))


def _feed(file: FileIO, reader: FlowReader) -> bool:
    """Read on for a batch; whether anything came."""
    total = 0
    while total < _BATCH_BYTES and (count := reader.feed_from(file)):
        total += count
    return total > 0
