"""The account of a closed device: a person looks into the app, and the export is an archive.

Driver `export_archive`. Nobody sees what a closed device hands in, so a play tells whose a
recording is by its sound; of what is older than the play `sayso export-check` tells, from all runs.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Self

from harness.account.recordings.export import ExportRead, Item, read_export
from harness.bench.drivers.accounts.person import PersonAccount, PersonAccountText
from harness.bench.drivers.inboxes.person import Ask, at_terminal
from harness.bench.drivers.placed import Placed
from harness.bench.ports.account import Export, ExportFile
from harness.clock import Clock
from harness.errors import RigError, UserError
from harness.forms.fields import Text
from harness.forms.strict import StrictModel

_LARGEST_BYTES = 64 << 20
_MOST_BYTES = 1 << 30


class ExportArchiveText(PersonAccountText):
    """Where the export is put."""

    archive: Text
    """The zip file or folder, counted from where sayso is started."""


class ExportArchive(PersonAccount):
    """Asks as `PersonAccount` does; an export is read from the archive that its maker delivered."""

    options: ClassVar[type[StrictModel]] = ExportArchiveText
    sources = frozenset("CQX")

    @classmethod
    def opened(cls, options: PersonAccountText, place: Placed) -> Self:
        """The account of a rig file, asking at the terminal."""
        assert isinstance(options, ExportArchiveText)
        return cls(options, at_terminal, place.clock)

    def __init__(self, options: ExportArchiveText, ask: Ask, clock: Clock) -> None:
        super().__init__(options, ask, clock)
        self._archive = Path(options.archive)
        self._asked = False

    def request_export(self) -> None:
        """Have it asked for by hand. `RigError` where an older one lies there still."""
        if self._archive.exists():
            raise RigError(
                f"account: {self._archive} is there before an export was asked for; remove it, "
                "so that an old export is not taken for this one"
            )
        self._do("Ask for all of the account's recordings, as the maker offers it.")
        self._asked = True

    def export(self, folder: Path) -> Export:
        """Have it put where the rig file says, and read it."""
        if not self._asked:
            raise RigError("account: no export was asked for")
        self._do(f"Wait for the export, and put it at {self._archive} as it was delivered.")
        try:
            read = read_export(self._archive, folder)
        except UserError as error:
            raise RigError(f"account: {error}") from error
        trouble = "; ".join(_troubles(read))
        return Export(tuple(_files(read)), not trouble, trouble)


def _troubles(read: ExportRead) -> Iterator[str]:
    """Why it is not whole."""
    size_bytes = sum(item.path.stat().st_size for item in read.items if item.path is not None)
    if size_bytes > _MOST_BYTES:
        yield f"{size_bytes >> 20} MiB of recordings; a play reads {_MOST_BYTES >> 20} MiB"
    yield from (one.why for one in read.refused)
    yield from (item.trouble for item in read.items if item.trouble)


def _files(read: ExportRead) -> Iterator[ExportFile]:
    left_bytes = _MOST_BYTES
    for item in read.items:
        audio = _audio(item, left_bytes)
        left_bytes -= len(audio or b"")
        if item.trouble or (item.path is not None and audio is None):
            continue
        yield ExportFile(
            name=f"{item.number} {item.name}",
            audio=audio,
            transcript=item.said or None,
            at_unix_s=item.recorded.unix_s if item.recorded else None,
            entry_id=item.entry_id,
            at_uncertainty_s=item.recorded.unsure_s if item.recorded else 0.0,
        )


def _audio(item: Item, left_bytes: int) -> bytes | None:
    """The file as it came; a larger one than any recording is given only as far as it tells."""
    if item.path is None or item.path.stat().st_size > left_bytes:
        return None
    with item.path.open("rb") as file:
        return file.read(_LARGEST_BYTES)
