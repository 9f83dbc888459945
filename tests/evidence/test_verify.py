"""Whatever happens to a sealed folder is noticed and named."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.errors import RigError
from harness.evidence import ProblemKind, rejudge, verify
from harness.evidence.folder import sha256_of
from harness.evidence.sample import sample_pass, write_sample
from harness.judge import judge
from harness.model.ruling import Verdict


@pytest.fixture
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_sample(tmp_path_factory.mktemp("run"), 0.0, sample_pass())
    folder.write_ruling(judge(sample_pass()), "in words\n")
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


def _rewritten(sealed: Path, change: Callable[[dict[str, Any]], object]) -> None:
    path = sealed / "manifest.json"
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))


def _row(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(row for row in content["files"] if row["name"] == name)


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/b", "", ".", "..", ".hidden",
                                  "manifest.json", "a\nb", 7, None])  # fmt: skip
def test_a_manifest_that_lists_anything_but_plain_names_is_refused(
    sealed: Path, name: object
) -> None:
    row = {"name": name, "bytes": 0, "sha256": "0" * 64}
    _rewritten(sealed, lambda content: content["files"].append(row))
    (problem,) = verify(sealed)
    assert (problem.kind, problem.name) == (ProblemKind.MANIFEST, "manifest.json")
    with pytest.raises(RigError, match=r"manifest\.json"):
        rejudge(sealed)


@pytest.mark.parametrize(
    ("key", "value"),
    [("bytes", -1), ("bytes", True), ("bytes", "900"), ("sha256", "00"), ("sha256", "Z" * 64),
     ("sha256", None)],
)  # fmt: skip
def test_a_manifest_with_a_senseless_row_is_refused(sealed: Path, key: str, value: object) -> None:
    _rewritten(sealed, lambda content: _row(content, "case.json").update({key: value}))
    (problem,) = verify(sealed)
    assert problem.kind is ProblemKind.MANIFEST


@pytest.mark.parametrize(
    "text",
    ['{"format": 1}', '{"format": 1, "files": 3}', '{"format": 1, "files": [3]}', "[" * 99999,
     '{"format": 1, "format": 1, "files": []}', "\udcff", '{"format": NaN}', "", "null"],
)  # fmt: skip
def test_a_manifest_that_is_none_is_refused(sealed: Path, text: str) -> None:
    (sealed / "manifest.json").write_bytes(text.encode(errors="surrogateescape"))
    assert [p.kind for p in verify(sealed)] == [ProblemKind.MANIFEST]


def test_a_manifest_that_lists_a_file_twice_is_refused(sealed: Path) -> None:
    _rewritten(sealed, lambda content: content["files"].append(dict(content["files"][0])))
    assert "twice" in verify(sealed)[0].detail


@pytest.mark.parametrize("name", ["case.json", "timeline.jsonl"])
def test_what_is_judged_must_be_sealed(sealed: Path, name: str) -> None:
    """Else whoever takes a line out of the manifest could write the timeline anew."""
    _rewritten(sealed, lambda content: content["files"].remove(_row(content, name)))
    (problem,) = verify(sealed)
    assert (problem.kind, problem.name) == (ProblemKind.NOT_LISTED, name)
    with pytest.raises(RigError, match=name):
        rejudge(sealed)


@pytest.mark.parametrize("name", ["manifest.json", "case.json", "timeline.jsonl"])
def test_a_link_or_a_pipe_in_place_of_a_file_is_refused(sealed: Path, name: str) -> None:
    _swap_for_a_link(sealed / name)
    with pytest.raises(RigError, match=name):
        rejudge(sealed)
    (sealed / name).unlink()
    os.mkfifo(sealed / name)
    with pytest.raises(RigError, match=name):
        rejudge(sealed)
    if name != "manifest.json":
        (sealed / "manifest.json").unlink()
        with pytest.raises(RigError, match=name):
            rejudge(sealed)


def test_a_dangling_manifest_is_no_missing_manifest(sealed: Path) -> None:
    (sealed / "manifest.json").unlink()
    (sealed / "manifest.json").symlink_to("nowhere")
    assert [p.kind for p in verify(sealed)] == [ProblemKind.MANIFEST]


@pytest.mark.parametrize("name", ["manifest.json", "case.json", "timeline.jsonl"])
def test_an_endless_file_is_refused_before_it_is_read(sealed: Path, name: str) -> None:
    (sealed / "manifest.json").unlink()
    os.truncate(os.open(sealed / name, os.O_WRONLY | os.O_CREAT), 1 << 40)  # takes no room
    with pytest.raises(RigError, match=f"{name}.*bytes"):
        rejudge(sealed)


def test_a_folder_inside_is_told_and_not_followed(sealed: Path) -> None:
    (sealed / "sub").mkdir()
    (sealed / "sub" / "timeline.jsonl").write_text("x")
    (problem,) = verify(sealed)
    assert (problem.kind, problem.name) == (ProblemKind.EXTRA, "sub")
    assert rejudge(sealed).verdict is Verdict.PASS


@pytest.mark.parametrize("by", [-1, 1])
def test_an_edited_header_is_refused_even_when_the_manifest_fits(sealed: Path, by: int) -> None:
    path = sealed / "timeline.jsonl"
    header, rest = path.read_text().split("\n", 1)
    count = json.loads(header)["events"] + by
    path.write_text(f'{{"timeline": 1, "events": {count}}}\n{rest}')
    _seal_again(sealed, "timeline.jsonl")
    with pytest.raises(RigError, match=r"timeline\.jsonl.*header promises"):
        rejudge(sealed)


def test_a_forgery_is_seen_only_by_what_was_kept_elsewhere(sealed: Path) -> None:
    """SHA-256 without a signature: the folder alone cannot show it."""
    kept = sha256_of(sealed / "manifest.json")
    assert rejudge(sealed, kept.upper()).verdict is Verdict.PASS
    path = sealed / "timeline.jsonl"
    path.write_text(path.read_text().replace("well", "good").replace("0.82", "0.83"))
    _seal_again(sealed, "timeline.jsonl")
    assert verify(sealed) == []
    with pytest.raises(RigError, match=r"manifest\.json.*its SHA-256 is"):
        rejudge(sealed, kept)
    (sealed / "manifest.json").unlink()
    with pytest.raises(RigError, match="no manifest"):
        rejudge(sealed, kept)


def _seal_again(sealed: Path, name: str) -> None:
    path = sealed / name
    made = {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
    _rewritten(sealed, lambda content: _row(content, name).update(made))
