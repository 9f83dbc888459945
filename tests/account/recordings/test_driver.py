"""The account of a closed device: its export is the archive that a person put there."""

import zipfile
from pathlib import Path

import pytest

from harness.account.recordings.driver import ExportArchive, ExportArchiveText
from harness.bench.drivers.registry import find_driver
from harness.clock import RealClock
from harness.errors import RigError


def _account(archive: Path, put: bytes | None = None) -> ExportArchive:
    def ask(question: str) -> str:
        if "put it at" in question and put is not None:
            archive.write_bytes(put)
        return "yes"

    return ExportArchive(ExportArchiveText(archive=str(archive)), ask, RealClock())


def _zip(folder: Path) -> bytes:
    path = folder / "made.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.wav", b"sound")
        archive.writestr("all.csv", "file,time,transcript\na.wav,2026-11-20T18:32:11Z,stop\n")
    return path.read_bytes()


def test_it_is_named_in_rig_files() -> None:
    assert find_driver("account", "export_archive") is ExportArchive


def test_what_was_delivered_is_read(tmp_path: Path) -> None:
    account = _account(tmp_path / "export.zip", _zip(tmp_path))
    account.request_export()
    (tmp_path / "into").mkdir()
    export = account.export(tmp_path / "into")
    (file,) = export.files
    assert (file.name, file.audio, file.transcript) == ("1 a.wav", b"sound", "stop")
    assert export.whole and file.at_unix_s is not None


def test_what_is_cut_short_is_not_whole(tmp_path: Path) -> None:
    account = _account(tmp_path / "export.zip", _zip(tmp_path)[:60])
    account.request_export()
    (tmp_path / "into").mkdir()
    export = account.export(tmp_path / "into")
    assert not export.whole and "no whole zip" in export.trouble


def test_an_old_export_is_not_taken_for_the_new_one(tmp_path: Path) -> None:
    (tmp_path / "export.zip").write_bytes(b"old")
    with pytest.raises(RigError, match="before an export was asked for"):
        _account(tmp_path / "export.zip").request_export()


def test_nothing_delivered_is_no_export(tmp_path: Path) -> None:
    account = _account(tmp_path / "export.zip")
    with pytest.raises(RigError, match="no export was asked for"):
        account.export(tmp_path)
    account.request_export()
    with pytest.raises(RigError, match="there is no export"):
        account.export(tmp_path)
