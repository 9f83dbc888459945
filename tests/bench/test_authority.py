"""The rig's certificate authority."""

import datetime as dt
import stat
from pathlib import Path

import pytest
from cryptography import x509

from harness.bench.drivers.authority import open_authority
from harness.errors import RigError


def test_it_is_made_once_and_its_key_is_private(tmp_path: Path) -> None:
    first = open_authority(tmp_path / "a")
    content = first.certificate.read_bytes(), first.key.read_bytes()
    again = open_authority(tmp_path / "a")
    assert (again.certificate.read_bytes(), again.key.read_bytes()) == content
    assert stat.S_IMODE(first.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(first.key.parent.stat().st_mode) == 0o700
    certificate = x509.load_pem_x509_certificate(content[0])
    left = certificate.not_valid_after_utc - dt.datetime.now(dt.UTC)
    assert left > dt.timedelta(days=3 * 365)


@pytest.mark.parametrize("days", [5 * 365 - 30, 6 * 365, -10])
def test_near_its_end_or_with_a_wrong_clock_it_is_made_anew(tmp_path: Path, days: int) -> None:
    old = open_authority(tmp_path).certificate.read_bytes()
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    assert open_authority(tmp_path, later).certificate.read_bytes() != old


@pytest.mark.parametrize("name", ["authority.crt", "authority.key"])
@pytest.mark.parametrize("content", [b"", b"half a certif"])
def test_half_written_it_is_made_anew(tmp_path: Path, name: str, content: bytes) -> None:
    open_authority(tmp_path)
    (tmp_path / name).write_bytes(content)
    x509.load_pem_x509_certificate(open_authority(tmp_path).certificate.read_bytes())
    assert b"PRIVATE KEY" in open_authority(tmp_path).key.read_bytes()


def test_certificate_and_key_of_different_authorities_are_made_anew(tmp_path: Path) -> None:
    other = open_authority(tmp_path / "other")
    mine = open_authority(tmp_path / "mine")
    mine.key.write_bytes(other.key.read_bytes())
    open_authority(tmp_path / "mine")
    assert mine.key.read_bytes() != other.key.read_bytes()


def test_a_folder_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RigError, match="certificate authority: cannot be kept"):
        open_authority(tmp_path / "file" / "a")
