"""A name as DNS messages hold it. Apart from `flows`, so that a watcher can read one uncompiled."""

# As `flows.formats.LONGEST_NAME`, which stands with what is compiled.
_LONGEST_NAME = 255
_LONGEST_LABEL = 63
_MOST_JUMPS = 32


def read_name(message: bytes, at: int) -> tuple[str, int]:
    """The name at byte `at` in small letters, and where it ends.

    Raises `IndexError` where it runs out of the message, in circles, or holds what no name does,
    `UnicodeDecodeError` where it is not ASCII.
    """
    labels: list[str] = []
    after: int | None = None
    jumps = length = 0
    while size := message[at]:
        if size >= 0xC0:
            after = at + 2 if after is None else after
            at = ((size & 0x3F) << 8) | message[at + 1]
            jumps += 1
            if jumps > _MOST_JUMPS:
                raise IndexError
            continue
        label = message[at + 1 : at + 1 + size].decode("ascii")
        length += 1 + size
        short = len(label) < size
        if size > _LONGEST_LABEL or short or length > _LONGEST_NAME or not label.isprintable():
            raise IndexError
        labels.append(label)
        at += 1 + size
    return ".".join(labels).lower(), at + 1 if after is None else after
