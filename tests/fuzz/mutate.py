"""Inputs spoilt by chance, from a seed: the same number of inputs is the same inputs."""

import random
from collections.abc import Iterator, Sequence

_STRANGE = (0, 1, 0x7F, 0x80, 0xC0, 0xFF)
_WIDE = (b"\xff\xff", b"\0\0", b"\x80\0", b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff")
_LONGEST = 8192


def mutations(seeds: Sequence[bytes], count: int, seed: int) -> Iterator[bytes]:
    """`count` inputs, each a seed with one to eight changes."""
    dice = random.Random(seed)
    for _ in range(count):
        data = bytearray(dice.choice(seeds))
        for _ in range(1 << dice.randrange(4)):
            _change(data, seeds, dice)
        yield bytes(data[:_LONGEST])


def _change(data: bytearray, seeds: Sequence[bytes], dice: random.Random) -> None:
    at = dice.randrange(len(data) + 1)
    kind = dice.randrange(8)
    if kind == 0 and at < len(data):
        data[at] ^= 1 << dice.randrange(8)
    elif kind == 1 and at < len(data):
        data[at] = dice.choice(_STRANGE)
    elif kind == 2:
        wide = dice.choice(_WIDE)
        data[at : at + len(wide)] = wide
    elif kind == 3:
        data[at:at] = dice.randbytes(dice.randrange(1, 9))
    elif kind == 4:
        del data[at : at + dice.randrange(1, 64)]
    elif kind == 5:
        data[at:at] = data[at : at + dice.randrange(1, 256)]
    elif kind == 6:
        other = dice.choice(seeds)
        start = dice.randrange(len(other) + 1)
        data[at : at + dice.randrange(128)] = other[start : start + dice.randrange(128)]
    else:
        del data[at:]
