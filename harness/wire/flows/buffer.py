"""Bytes of a file that are not read yet, always in one piece."""

import numpy as np

from harness.wire.flows.room import Bytes

# Small enough to stay in the processor's cache between being copied and being read.
_PIECE_BYTES = 2**20


class Buffer:
    """What a packet that is not all there leaves over stands before what comes next."""

    def __init__(self) -> None:
        """Nothing came yet."""
        self._bytes = np.empty(_PIECE_BYTES, np.uint8)
        self._count = 0

    @property
    def held(self) -> Bytes:
        """What came and was not dropped; overwritten once more comes."""
        return self._bytes[: self._count]

    def space(self) -> Bytes:
        """Where more is to be put; grows where a single packet fills all there is."""
        if self._count == len(self._bytes):
            self._bytes = np.concatenate([self._bytes, np.empty_like(self._bytes)])
        return self._bytes[self._count :]

    def added(self, count: int) -> None:
        """So many bytes were put into `space`."""
        self._count += count

    def drop(self, count: int) -> None:
        """The first so many were read."""
        left = self._count - count
        self._bytes[:left] = self._bytes[count : self._count].copy()
        self._count = left
