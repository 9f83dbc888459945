"""Numbers out of bytes. Positions are never negative; whoever asks has checked that they exist."""

import numpy as np

from harness.wire.flows.kernel.marks import part
from harness.wire.flows.room import Bytes, Int, Table


@part
def u8(data: Bytes, at: Int) -> Int:
    """One byte."""
    return np.int64(data[np.uint64(at)])


@part
def u16(data: Bytes, at: Int) -> Int:
    """Two bytes in network order."""
    i = np.uint64(at)
    return (np.int64(data[i]) << 8) | np.int64(data[i + np.uint64(1)])


@part
def u32(data: Bytes, at: Int) -> Int:
    """Four bytes in network order."""
    i = np.uint64(at)
    return (
        (np.int64(data[i]) << 24)
        | (np.int64(data[i + np.uint64(1)]) << 16)
        | (np.int64(data[i + np.uint64(2)]) << 8)
        | np.int64(data[i + np.uint64(3)])
    )


@part
def u32_little(data: Bytes, at: Int) -> Int:
    """Four bytes, the lowest first."""
    i = np.uint64(at)
    return (
        np.int64(data[i])
        | (np.int64(data[i + np.uint64(1)]) << 8)
        | (np.int64(data[i + np.uint64(2)]) << 16)
        | (np.int64(data[i + np.uint64(3)]) << 24)
    )


@part
def file_u16(data: Bytes, at: Int, big: bool) -> Int:
    """Two bytes in the order of the file."""
    value = u16(data, at)
    return value if big else ((value & 0xFF) << 8) | (value >> 8)


@part
def file_u32(data: Bytes, at: Int, big: bool) -> Int:
    """Four bytes in the order of the file."""
    return u32(data, at) if big else u32_little(data, at)


@part
def u64(data: Bytes, at: Int) -> Int:
    """Eight bytes in network order, as a signed number."""
    return (u32(data, at) << 32) | u32(data, at + 4)


@part
def clear(line: Table) -> None:
    """Zero in every column: a loop compiles in a tenth of the time that a slice takes."""
    for column in range(len(line)):
        line[column] = 0
