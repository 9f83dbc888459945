"""Whatever happens to a sealed folder is noticed and named."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import RigError
from harness.evidence import ProblemKind, verify
from harness.evidence.sample import write_sample


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    folder = write_sample(tmp_path, 0.0)
    folder.seal()
    return folder.folder


def _flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def _swap_for_a_link(path: Path) -> None:
    copy = path.parent.parent / "copy"
    copy.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(copy)


def test_a_whole_folder_has_no_problem(sealed: Path) -> None:
    assert verify(sealed) == []


@pytest.mark.parametrize(
    ("name", "spoil", "kind"),
    [
        ("timeline.jsonl", _flip_a_bit, ProblemKind.CHANGED),
        ("timeline.jsonl", _swap_for_a_link, ProblemKind.CHANGED),
        ("timeline.jsonl", lambda p: p.write_bytes(p.read_bytes()[:-9]), ProblemKind.CHANGED),
        ("listener.flac", Path.unlink, ProblemKind.MISSING),
        ("network.pcapng", lambda p: p.write_bytes(b"x"), ProblemKind.CHANGED),
        ("notes.txt", lambda p: p.write_text("mine"), ProblemKind.EXTRA),
        ("manifest.json", Path.unlink, ProblemKind.NOT_SEALED),
        ("manifest.json", lambda p: p.write_text("{"), ProblemKind.MANIFEST),
        ("manifest.json", lambda p: p.write_text('{"format": 2}'), ProblemKind.MANIFEST),
        ("manifest.json", lambda p: p.write_text("[]"), ProblemKind.MANIFEST),
    ],
)
def test_each_problem_is_named(
    sealed: Path, name: str, spoil: Callable[[Path], object], kind: ProblemKind
) -> None:
    spoil(sealed / name)
    (problem,) = verify(sealed)
    assert (problem.kind, problem.name) == (kind, name)


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RigError, match="no such evidence folder"):
        verify(tmp_path / "nowhere")
