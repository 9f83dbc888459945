"""Machine code of the reader: made once, by numba, and kept; loaded without numba.

So that no stale reader is ever used, it is kept in a folder named by the content of the files it is
made of, under a name that tells the processor, behind a digest of its own.
"""

import ctypes
import hashlib
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from threading import Lock
from typing import Any

from llvmlite import binding as llvm

from harness.forms.shipped import HOME, in_checkout

ENTRY = "sayso_flows"
_HERE = Path(__file__).parent
_SOURCES = ("code.py", "formats.py", "room.py", "words.py")
_DIGEST_BYTES = 32
_LOADING = Lock()


def entry(tables: int) -> Callable[..., None]:
    """The compiled function, which takes the places of so many tables; made first if need be."""
    with _LOADING:
        address = _address()
    return ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * tables)(address)


def target_machine() -> Any:
    """What makes machine code for this very processor, and loads it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=_features(), opt=3, codemodel="jitdefault"
    )


@cache
def _address() -> int:
    engine = _engine()
    engine.add_object_file(llvm.ObjectFileRef.from_data(_code()))
    engine.finalize_object()
    return int(engine.get_function_address(ENTRY))


@cache
def _engine() -> Any:
    """Holds the code as long as the process lasts."""
    return llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())


def _code() -> bytes:
    """What was kept, or made now and kept where it can be."""
    kept = None if FOLDER is None else FOLDER / f"{_processor()}.code"
    code = None if kept is None else _sound(kept)
    if code is None:
        from harness.wire.flows.kernel.build import machine_code

        code = machine_code()
        if kept is not None:
            _keep(kept, code)
    return code


def _sound(kept: Path) -> bytes | None:
    """The code in a file; None where there is none, or not all of it."""
    try:
        content = kept.read_bytes()
    except OSError:
        return None
    digest, code = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return code if hashlib.sha256(code).digest() == digest else None


def _keep(kept: Path, code: bytes) -> None:
    part = kept.with_suffix(f".{os.getpid()}")
    with suppress(OSError):  # a full disk: then the next process makes it anew
        part.write_bytes(hashlib.sha256(code).digest() + code)
        part.replace(kept)
    with suppress(OSError):
        part.unlink(missing_ok=True)


def _processor() -> str:
    """Its kind, with a digest of what it can do."""
    told = f"{llvm.get_process_triple()} {_features()} {llvm.llvm_version_info}"
    return f"{llvm.get_host_cpu_name()}-{hashlib.sha256(told.encode()).hexdigest()[:16]}"


def _features() -> str:
    try:
        told: str = llvm.get_host_cpu_features().flatten()
    except RuntimeError:  # LLVM does not know how to ask this kind of processor
        return ""
    return told


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
