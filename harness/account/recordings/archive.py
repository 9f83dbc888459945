"""An export archive, unpacked where it can do no harm.

No name in an archive becomes a path: each file is written under a number, in a private folder that
goes away with the check, and its name is kept as text. So a name that climbs, is there twice or is
written in any script means nothing to the disk. What is not unpacked is `Refused`, with its
reason; an export of which anything was refused is not whole.
"""

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

from harness.errors import UserError

_BLOCK_BYTES = 1 << 18
_FILE_MODE = 0o600
_ENCRYPTED = 0x1
_UTF8 = 0x800
_OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".7z", ".rar", ".bz2", ".xz", ".zst")


@dataclass(frozen=True, slots=True)
class ArchiveLimits:
    """How much an archive may come to.

    `ratio`: of a file's size to what it takes packed, looked at from `ratio_from_bytes` on;
    `depth`: archives in archives.
    """

    files: int = 20_000
    file_bytes: int = 1 << 30
    total_bytes: int = 8 << 30
    ratio: float = 200.0
    ratio_from_bytes: int = 1 << 20
    depth: int = 4
    name_characters: int = 1_000


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an export: its name there, and where it lies now."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class Refused:
    """A file, or a whole archive, that was not unpacked, and why."""

    name: str
    why: str


@dataclass
class Unpacked:
    """What was in an archive. `remarks`: what was odd and did no harm."""

    members: list[Member] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    remarks: list[Refused] = field(default_factory=list)


class _Full(Exception):  # noqa: N818
    """A limit for the whole archive is reached; nothing more of it is read."""


def unpack(archive: Path, into: Path, limits: ArchiveLimits | None = None) -> Unpacked:
    """All files of a zip archive or a folder, and of the archives in it.

    `into`: an empty private folder for what must be unpacked; files of a folder stay where they
    are. Raises `UserError` where there is no such archive; what is wrong inside is `Refused`.
    """
    if not archive.exists():
        raise UserError(f"there is no export {archive}: give the zip file, or the folder unpacked")
    if not archive.is_dir() and not archive.is_file():
        raise UserError(f"{archive} is no plain file: give the zip file, or the folder unpacked")
    work = _Work(into, limits or ArchiveLimits())
    try:
        if archive.is_dir():
            work.folder(archive)
        else:
            work.file(Member(archive.name, archive), 0, outermost=True)
    except _Full as error:
        work.found.refused.append(Refused(archive.name, f"{error}; the rest was not read"))
    _remark_twins(work.found)
    return work.found


class _Work:
    def __init__(self, into: Path, limits: ArchiveLimits) -> None:
        self.found = Unpacked()
        self._into = into
        self._limits = limits
        self._count = 0
        self._bytes = 0

    def folder(self, folder: Path) -> None:
        """Every plain file below a folder; links and whatever else is no file are refused."""
        for path in _below(folder):
            name = str(path.relative_to(folder))
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                self._counted()
                self.file(Member(_text(name), path), 0)
            elif not stat.S_ISDIR(mode):
                what = "a symbolic link" if stat.S_ISLNK(mode) else "no plain file"
                self.found.refused.append(Refused(_text(name), f"it is {what}"))

    def file(self, member: Member, depth: int, outermost: bool = False) -> None:
        """A file as it is, or what is in it if it is an archive."""
        if zipfile.is_zipfile(member.path):
            self._zip(member, depth)
        elif outermost or member.name.lower().endswith((".zip", *_OTHER_ARCHIVES)):
            why = "it is no whole zip archive; deliver it as zip, or unpacked as a folder"
            self.found.refused.append(Refused(member.name, why))
        else:
            self.found.members.append(member)

    def _zip(self, outer: Member, depth: int) -> None:
        if depth >= self._limits.depth:
            why = f"it lies {depth} archives deep; unpack it by hand"
            self.found.refused.append(Refused(outer.name, why))
            return
        try:
            with zipfile.ZipFile(outer.path) as archive:
                for info in archive.infolist():
                    if not info.is_dir():
                        self._entry(archive, info, outer, depth)
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError) as error:
            self.found.refused.append(Refused(outer.name, f"it cannot be read whole ({error})"))

    def _entry(
        self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, outer: Member, depth: int
    ) -> None:
        self._counted()
        name = _named(info)[: self._limits.name_characters]
        if depth:
            name = f"{outer.name}/{name}"
        why = _why_not(info, self._limits)
        if why is not None:
            self.found.refused.append(Refused(name, why))
            return
        if _climbs(name):
            self.found.remarks.append(Refused(name, "its name leads out of the archive"))
        path = self._into / f"{self._count:06}"
        try:
            with archive.open(info) as packed:
                self._copy(packed, path, info)
        except (_Refusal, zipfile.BadZipFile, OSError, EOFError, RuntimeError, zlib.error) as error:
            path.unlink(missing_ok=True)
            self.found.refused.append(Refused(name, f"it cannot be unpacked: {error}"))
            return
        except NotImplementedError as error:
            path.unlink(missing_ok=True)
            self.found.refused.append(Refused(name, f"it is packed in a way not known ({error})"))
            return
        self.file(Member(name, path), depth + 1)

    def _copy(self, packed: IO[bytes], path: Path, info: zipfile.ZipInfo) -> None:
        """Unpack a file; its sizes are counted, not believed."""
        limits, count = self._limits, 0
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _FILE_MODE)
        with os.fdopen(handle, "wb") as file:
            while block := packed.read(_BLOCK_BYTES):
                count += len(block)
                self._bytes += len(block)
                if count > limits.file_bytes:
                    raise _Refusal(f"more than {limits.file_bytes >> 20} MiB")
                most = limits.ratio * max(1, info.compress_size)
                if count > limits.ratio_from_bytes and count > most:
                    raise _Refusal(f"it is more than {limits.ratio:.0f} times what it is packed")
                if self._bytes > limits.total_bytes:
                    raise _Full(f"it comes to more than {limits.total_bytes >> 30} GiB")
                file.write(block)

    def _counted(self) -> None:
        self._count += 1
        if self._count > self._limits.files:
            raise _Full(f"it holds more than {self._limits.files} files")


class _Refusal(Exception):  # noqa: N818
    """A limit for one file is reached."""


def _below(folder: Path) -> Iterator[Path]:
    for entry in sorted(os.scandir(folder), key=lambda entry: os.fsencode(entry.name)):
        path = Path(entry.path)
        yield path
        if entry.is_dir(follow_symlinks=False):
            yield from _below(path)


def _why_not(info: zipfile.ZipInfo, limits: ArchiveLimits) -> str | None:
    if info.flag_bits & _ENCRYPTED:
        return "it is encrypted; ask for the export without a password, or unpack it by hand"
    if stat.S_ISLNK(info.external_attr >> 16):
        return "it is a symbolic link"
    if info.file_size > limits.file_bytes:
        return f"it says that it is larger than {limits.file_bytes >> 20} MiB"
    return None


def _named(info: zipfile.ZipInfo) -> str:
    """Its name; one in UTF-8 whose flag was forgotten is read as UTF-8."""
    if not info.flag_bits & _UTF8:
        try:
            return _text(info.filename.encode("cp437").decode("utf-8"))
        except UnicodeError:
            pass
    return _text(info.filename)


def _text(name: str) -> str:
    """A name that can be printed: what is no text of it, or steers a terminal, is shown as `?`."""
    shown = name.encode("utf-8", "replace").decode("utf-8")
    return "".join(letter if letter.isprintable() else "?" for letter in shown)


def _climbs(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or (len(name) > 1 and name[1] == ":")


def _remark_twins(found: Unpacked) -> None:
    seen: set[str] = set()
    for member in found.members:
        if member.name in seen:
            found.remarks.append(Refused(member.name, "two files have this name; both were read"))
        seen.add(member.name)
