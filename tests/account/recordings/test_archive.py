"""What an archive holds is contained: nothing climbs out, swells, or is passed over in silence."""

import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.account.recordings.archive import ArchiveLimits, Unpacked, unpack
from harness.errors import UserError

_SMALL = ArchiveLimits(
    files=20, file_bytes=1 << 20, total_bytes=2 << 20, ratio=50, ratio_from_bytes=1 << 12, depth=2
)

_LETTERS = st.characters(exclude_categories=["Cs", "Cc"])


def _zip(path: Path, files: list[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return path


def _unpacked(archive: Path, limits: ArchiveLimits = _SMALL) -> Unpacked:
    into = archive.parent / f"into-{archive.name}"
    into.mkdir(mode=0o700)
    return unpack(archive, into, limits)


def _inner(files: list[tuple[str, bytes]]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files:
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize("name", ["../../evil.wav", "/etc/evil.wav", "..\\evil.wav", "C:\\e.wav"])
def test_a_name_that_climbs_is_only_a_name(tmp_path: Path, name: str) -> None:
    before = {path for path in tmp_path.parent.rglob("*")}
    found = _unpacked(_zip(tmp_path / "a.zip", [(name, b"sound")]))
    (member,) = found.members
    assert member.path.parent == tmp_path / "into-a.zip"
    assert member.path.read_bytes() == b"sound"
    assert [one.why for one in found.remarks] == ["its name leads out of the archive"]
    new = {path for path in tmp_path.parent.rglob("*")} - before
    assert all(path.is_relative_to(tmp_path) for path in new)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=6, unique=True
    )
)
def test_whatever_names_there_are_each_file_lies_in_the_folder(
    tmp_path_factory: pytest.TempPathFactory, names: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("names")
    named = [name for name in names if not name.endswith("/")]
    found = _unpacked(_zip(folder / "a.zip", [(name, b"x" * 5) for name in named]))
    lie = [member.path for member in found.members] + [one.name for one in found.refused]
    assert len(lie) == len(named)
    assert {path.name for path in folder.iterdir()} <= {"a.zip", "into-a.zip"}


def test_two_files_of_one_name_are_both_read(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        archive = _zip(tmp_path / "a.zip", [("a.wav", b"one"), ("a.wav", b"two")])
    found = _unpacked(archive)
    assert [member.path.read_bytes() for member in found.members] == [b"one", b"two"]
    assert len(found.remarks) == 1


def test_a_bomb_is_refused_by_what_it_swells_to_and_leaves_nothing(tmp_path: Path) -> None:
    found = _unpacked(_zip(tmp_path / "a.zip", [("bomb.wav", b"\0" * (1 << 19)), ("b.wav", b"b")]))
    assert [member.name for member in found.members] == ["b.wav"]
    assert "times what it is packed" in found.refused[0].why
    assert len(list((tmp_path / "into-a.zip").iterdir())) == 1


def test_too_much_in_all_and_too_many_files_end_it(tmp_path: Path) -> None:
    noise = [(f"{number}.wav", os.urandom(900_000)) for number in range(4)]
    much = _unpacked(_zip(tmp_path / "much.zip", noise))
    many = _unpacked(_zip(tmp_path / "many.zip", [(f"{n}.wav", b"x") for n in range(30)]))
    assert "comes to more than" in much.refused[-1].why
    assert "more than 20 files" in many.refused[-1].why
    assert len(many.members) == 20


def test_links_and_encrypted_files_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.wav")
    link.external_attr = 0o120777 << 16
    path = _zip(tmp_path / "a.zip", [(link, b"/etc/passwd"), ("secret.wav", b"sound" * 9)])
    content = bytearray(path.read_bytes())
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.rindex(mark) + at] |= 1
    path.write_bytes(content)
    found = _unpacked(path)
    assert not found.members
    assert [one.why.split(";")[0] for one in found.refused] == [
        "it is a symbolic link",
        "it is encrypted",
    ]


def test_a_link_in_a_folder_is_not_followed(tmp_path: Path) -> None:
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "a.wav").write_bytes(b"sound")
    (folder / "out").symlink_to("/etc")
    os.mkfifo(folder / "pipe.wav")
    found = _unpacked(folder)
    assert [member.name for member in found.members] == ["a.wav"]
    assert {one.name: one.why for one in found.refused} == {
        "out": "it is a symbolic link",
        "pipe.wav": "it is no plain file",
    }


def test_archives_in_archives_are_opened_to_a_depth(tmp_path: Path) -> None:
    deepest = _inner([("c.wav", b"sound")])
    middle = _inner([("b.wav", b"sound"), ("deepest.zip", deepest)])
    found = _unpacked(_zip(tmp_path / "a.zip", [("a.wav", b"sound"), ("middle.zip", middle)]))
    assert [member.name for member in found.members] == ["a.wav", "middle.zip/b.wav"]
    assert [one.name for one in found.refused] == ["middle.zip/deepest.zip"]


def test_what_is_cut_short_is_refused_whole(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", [("a.wav", os.urandom(5_000))])
    path.write_bytes(path.read_bytes()[:3_000])
    found = _unpacked(path)
    assert not found.members
    assert "no whole zip archive" in found.refused[0].why


def test_a_changed_byte_is_noticed(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", [("a.wav", os.urandom(5_000))])
    content = bytearray(path.read_bytes())
    content[2_000] ^= 0xFF
    path.write_bytes(content)
    found = _unpacked(path)
    assert not found.members
    assert "cannot be unpacked" in found.refused[0].why
    assert not list((tmp_path / "into-a.zip").iterdir())


def test_a_name_in_utf8_without_its_flag_is_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", [("xxxxxxxxx.wav", b"sound")])
    path.write_bytes(path.read_bytes().replace(b"xxxxxxxxx", "Küche日".encode()))
    (member,) = _unpacked(path).members
    assert member.name == "Küche日.wav"


def test_no_archive_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="there is no export"):
        unpack(tmp_path / "none.zip", tmp_path)


def test_a_pipe_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "export.zip")
    with pytest.raises(UserError, match="no plain file"):
        unpack(tmp_path / "export.zip", tmp_path)
