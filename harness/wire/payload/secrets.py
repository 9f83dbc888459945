"""Session keys into the capture: a decryption secrets block, as pcapng has it.

With it the evidence opens in Wireshark as it is, and no key file has to lie beside it. The block
stands right after the section's header, since keys are used from where they are read on.
Format: draft-ietf-opsawg-pcapng, "Decryption Secrets Block"; keys as in NSS key logs.
"""

import re
import shutil
import struct
from pathlib import Path
from typing import BinaryIO

from harness.errors import RigError

_SECTION, _SECRETS, _TLS_KEYS = 0x0A0D0D0A, 10, 0x544C534B
_LINE = re.compile(rb"[A-Z][A-Z0-9_]{0,63} [0-9a-fA-F]{16,64} [0-9a-fA-F]{32,256}")
MOST_KEY_BYTES = 16 << 20
"""A key log longer than this is cut; a night of a busy device holds about 5 MB."""


def key_lines(log: bytes) -> bytes:
    """The well-formed lines of a key log, each once and in order; whatever else is left out.

    A device writes the log: what stands there is not believed to be keys.
    """
    lines = dict.fromkeys(line.strip() for line in log[:MOST_KEY_BYTES].split(b"\n"))
    good = [line + b"\n" for line in lines if _LINE.fullmatch(line)]
    return b"".join(good)


def write_secrets(path: Path, keys: bytes) -> None:
    """Write `keys` (lines of a key log) into the pcapng file at `path`; nothing where none are.

    The file is replaced at once, private. Raises `RigError` when it is no pcapng file.
    """
    if not keys:
        return
    draft = path.with_name(f"{path.name}.draft")
    try:
        with path.open("rb") as source:
            head, order = _section_head(path, source)
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            with draft.open("wb") as copy:
                copy.write(head)
                copy.write(_block(order, keys))
                shutil.copyfileobj(source, copy, 1 << 20)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise RigError(
            f"capture: keys cannot be written into {path}: {error}. Free some space on its disk."
        ) from error


def _section_head(path: Path, source: BinaryIO) -> tuple[bytes, str]:
    """The section's header, whole, and the byte order of what follows; leaves the file after it."""
    start = source.read(12)
    kind, magic = start[:4], start[8:]
    order = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}.get(magic)
    length = struct.unpack(f"{order or '<'}I", start[4:8])[0] if len(start) == 12 else 0
    sound = kind == struct.pack("<I", _SECTION) and order and 28 <= length <= 65_536
    rest = source.read(length - 12) if sound else b""
    if order is None or len(rest) != length - 12:
        raise RigError(
            f"capture: {path} is no pcapng file, so no keys can be written into it: capture with "
            "dumpcap, and without -P"
        )
    return start + rest, order


def _block(order: str, keys: bytes) -> bytes:
    padded = keys + bytes(-len(keys) % 4)
    length = 20 + len(padded)
    head = struct.pack(order + "IIII", _SECRETS, length, _TLS_KEYS, len(keys))
    return head + padded + struct.pack(order + "I", length)
