"""Runs the compiled reader: machine code that is made once, by numba, and kept.

So that no stale reader is ever used, it is kept in a folder named by the content of the files it is
made of, under a name that tells the processor. Loading it takes a hundredth of what importing numba
does, so numba is imported only to make it, and where it is told to compile nothing
(`NUMBA_DISABLE_JIT`) or to check every place (`NUMBA_BOUNDSCHECK`).
"""

import ctypes
import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import Any

import numpy as np
from llvmlite import binding as llvm

from harness.forms.shipped import HOME, in_checkout
from harness.wire.flows import words as w
from harness.wire.flows.room import Bytes, Flags, Int, Room, new_room

_HERE = Path(__file__).parent
_ENTRY = "sayso_flows"
_NOTHING = np.zeros(0, np.uint8)
_NO_ROOM = new_room(1, 1, 1, 0, 1)
_SOURCES = ("formats.py", "machine.py", "room.py", "words.py")
_POINTERS = 3 + len(Room._fields)
_Work = Callable[[Any, Bytes, Bytes, Room], None]


def pcapng_pass(data: Bytes, at: Int, end: Int, big: bool, room: Room) -> tuple[int, int]:
    """Read blocks from `at`; where it stopped, and why (`MORE`: the next is not all there)."""
    words = _done(w.PCAPNG_PASS, room, data, at=at, end=end, big=big)
    return words[w.AT], words[w.WHY]


def pcap_pass(data: Bytes, at: Int, end: Int, big: bool, room: Room) -> tuple[int, int]:
    """Read records of a pcap file from `at`; where it stopped, and why."""
    words = _done(w.PCAP_PASS, room, data, at=at, end=end, big=big)
    return words[w.AT], words[w.WHY]


def next_block(data: Bytes, at: Int, end: Int, big: bool) -> int:
    """Where the next sound block of a damaged pcapng file begins; `end` - 11 when none is here."""
    return _done(w.NEXT_BLOCK, _NO_ROOM, data, at=at, end=end, big=big)[w.AT]


def release(room: Room, keep: Flags) -> None:
    """Give back what flows hold that are not kept; their last slices are handed out before."""
    _done(w.RELEASE, room, keep=keep)


def end_slices(room: Room, keep: Flags, slot: int) -> int:
    """Hand out the open slices of flows not kept, from `slot` on; where it stopped for space."""
    return _done(w.END_SLICES, room, keep=keep, at=slot)[w.AT]


def merge_all(room: Room) -> None:
    """Where holes fill the memory meant for them: each stream keeps one, from first to last."""
    _done(w.MERGE_ALL, room)


def index_again(room: Room) -> None:
    """Fill the index from the flows there are; those replaced by a later one are left out."""
    _done(w.INDEX_AGAIN, room)


def client_hello(data: Bytes, at: Int, end: Int) -> tuple[bool, int, int, int, int, bool]:
    """The body of a ClientHello: is it sound, server name (place, size), ALPN list, whether ECH."""
    sound, name, size, alpn, alpn_size, hidden = _done(
        w.CLIENT_HELLO, _NO_ROOM, data, at=at, end=end
    )[w.SOUND : w.HIDDEN + 1]
    return bool(sound), name, size, alpn, alpn_size, bool(hidden)


def make_ready() -> None:
    """Load what was compiled; compile it first where it was not kept."""
    _work()


def _done(
    job: int, room: Room, data: Bytes = _NOTHING, keep: Flags | None = None,
    at: Int = 0, end: Int = 0, big: bool = False,
) -> list[int]:  # fmt: skip
    """Do a job; what became of its words."""
    kept = _NOTHING if keep is None else keep.view(np.uint8)
    words = np.zeros(w.WORDS, np.int64)
    words[: w.BIG + 1] = job, at, end, big
    words[w.N_DATA :] = len(data), len(kept), *(len(table) for table in room)
    _work()(words, data, kept, room)
    told: list[int] = words.tolist()
    return told


@cache
def _work() -> _Work:
    if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0" or "NUMBA_BOUNDSCHECK" in os.environ:
        from harness.wire.flows.kernel.jobs import work

        checked: _Work = work
        return checked
    entry = _loaded(_code())

    def run(words: Any, data: Bytes, kept: Bytes, room: Room) -> None:
        entry(*(table.ctypes.data for table in (words, data, kept, *room)))

    return run


def _loaded(code: bytes) -> Callable[..., None]:
    """The function in an object file."""
    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    address = engine.get_function_address(_ENTRY)
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * _POINTERS)(address)


@cache
def _engine() -> Any:
    """Holds the code as long as the process lasts."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    machine = llvm.Target.from_default_triple().create_target_machine(codemodel="jitdefault")
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)


def _code() -> bytes:
    """What was kept, or made now and kept where it can be."""
    if FOLDER is None:
        return _made()
    kept = FOLDER / f"{_processor()}.o"
    if not kept.is_file():
        code = _made()
        with NamedTemporaryFile(dir=FOLDER, delete=False) as file:
            file.write(code)
        Path(file.name).replace(kept)
    return kept.read_bytes()


def _made() -> bytes:
    from harness.wire.flows.kernel.build import machine_code

    return machine_code()


def _processor() -> str:
    """Its kind, with a digest of what it can do."""
    features = llvm.get_host_cpu_features().flatten()
    told = f"{llvm.get_process_triple()} {features} {llvm.llvm_version_info}"
    return f"{llvm.get_host_cpu_name()}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def first_writable(folders: Sequence[Path]) -> Path | None:
    """The first in which something can be kept, made if need be; None where there is none."""
    for folder in folders:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
        except OSError:
            continue
    return None


def _places() -> list[Path]:
    """With the project's other caches; for whoever may not write there, with their own."""
    digest = hashlib.sha256(f"{version('numba')} {version('llvmlite')}".encode())
    for source in (*(_HERE / name for name in _SOURCES), *sorted(_HERE.glob("kernel/*.py"))):
        digest.update(source.read_bytes())
    below = Path("sayso") / "compiled" / digest.hexdigest()[:16]
    base = os.environ.get("XDG_CACHE_HOME")
    caches = [Path(base)] if base else []
    if not base and in_checkout():
        caches.append(HOME / ".cache")
    with suppress(RuntimeError):  # nobody's home
        caches.append(Path("~/.cache").expanduser())
    return [cache / below for cache in caches]


FOLDER = first_writable(_places())
