"""Everything in the folder is played once, in order, or said to be left out."""

import shutil
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from harness.errors import UserError
from harness.series.background.audio import open_source
from harness.series.background.plan import Asked, Plan, plan_in
from tests.series.background.sounds import RATE_HZ, talk, write


def asked(folder: Path, **more: object) -> Asked:
    return Asked(folder=str(folder), at=("television",), contacts=("Ann",), **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audio")
    long = np.concatenate((talk(100, 1), np.zeros(RATE_HZ * 65, np.float32), talk(20, 2)))
    write(folder / "b" / "long.wav", long)
    write(folder / "a.flac", talk(7, 3, 22_050), 22_050)
    write(folder / "none.wav", np.zeros(RATE_HZ * 3, np.float32))
    (folder / "a.txt").write_text("five words are said here")
    return folder


@pytest.fixture(scope="module")
def plan(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return plan_in(tmp_path_factory.mktemp("out"), asked(folder, block_s=60.0), lambda _: None)


def test_every_second_is_planned_once_or_left_out(plan: Plan) -> None:
    for index, file in enumerate(plan.files):
        pieces = [p for block in plan.blocks for p in block if p.file == index]
        assert all(a.until_s <= b.from_s for a, b in pairwise(pieces))
        played_s = sum(p.length_s for p in pieces)
        assert played_s + file.silent_s == pytest.approx(file.length_s)
        assert all(p.length_s <= 60.0 for p in pieces)
    names = {file.name: file for file in plan.files}
    assert names["b/long.wav"].length_s == pytest.approx(185.0)
    assert names["none.wav"].silent_s == pytest.approx(3.0)
    assert names["a.flac"].words == 5 and names["b/long.wav"].words is None
    assert plan.no_sound == ("a.txt",)


def test_blocks_are_no_shorter_than_asked_but_the_last(plan: Plan) -> None:
    lengths = [sum(piece.length_s for piece in block) for block in plan.blocks]
    assert all(60.0 <= length < 120.0 for length in lengths[:-1])


def test_it_is_the_same_when_it_is_taken_up(folder: Path, tmp_path: Path) -> None:
    first = plan_in(tmp_path, asked(folder), lambda _: None)
    again = plan_in(tmp_path, asked(folder), lambda _: None)
    assert again == first and again.digest == first.digest
    with pytest.raises(UserError, match="other hours"):
        plan_in(tmp_path, asked(folder, gap_s=2.0), lambda _: None)


def test_a_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "in" / "a.wav", talk(4))
    plan_in(tmp_path, asked(tmp_path / "in"), lambda _: None)
    write(path, talk(4, seed=2))
    with pytest.raises(UserError, match="put it back"):
        plan_in(tmp_path, asked(tmp_path / "in"), lambda _: None)


def test_a_folder_without_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("hello")
    with pytest.raises(UserError, match="no sound"):
        plan_in(tmp_path, asked(tmp_path / "in"), lambda _: None)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
def test_what_libsndfile_cannot_read_ffmpeg_does(tmp_path: Path) -> None:
    samples = talk(6)
    wav, film = write(tmp_path / "a.wav", samples), tmp_path / "a.mkv"
    command = ["ffmpeg", "-v", "error", "-i", str(wav), "-c:a", "pcm_s16le", str(film)]
    subprocess.run(command, check=True)
    source = open_source(film)
    assert source is not None
    whole = np.concatenate(list(source.stream(2.0)))
    assert len(whole) / source.rate_hz == pytest.approx(6.0, abs=0.05)
    part = source.read(2.0, 3.0)
    assert len(part) == source.rate_hz
    wanted = whole[2 * source.rate_hz : 3 * source.rate_hz]
    assert np.corrcoef(part[100:-100], wanted[100:-100])[0, 1] > 0.99


def test_a_damaged_file_is_told_and_never_passed_over(tmp_path: Path) -> None:
    write(tmp_path / "in" / "a.wav", talk(4))
    (tmp_path / "in" / "b.wav").write_bytes(b"RIFF, and then nothing of the kind")
    with pytest.raises(UserError, match=r"b\.wav"):
        plan_in(tmp_path, asked(tmp_path / "in"), lambda _: None)
