"""Evidence is private, whole or absent, and there from the first event on."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import RigError
from harness.evidence import EvidenceFolder, SoundFile
from harness.evidence import read as evidence_read
from harness.evidence.sample import sample_case, sample_traffic, write_sample
from harness.judge import judge
from harness.model.timeline import Event, Interrupted

NOW_S = 1795309928.0


def test_the_folder_is_named_after_time_and_scene_and_private(tmp_path: Path) -> None:
    folder = EvidenceFolder.create(tmp_path / "evidence", "portland/kitchen", NOW_S).folder
    assert folder.name == "2026-11-22T01-12-08-kitchen"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.parent.stat().st_mode & 0o777 == 0o700


def test_two_runs_in_one_second_get_two_folders(tmp_path: Path) -> None:
    names = [EvidenceFolder.create(tmp_path, "a/kitchen", NOW_S).folder.name for _ in range(3)]
    assert names[1:] == [f"{names[0]}-2", f"{names[0]}-3"]


def test_a_scene_id_cannot_lead_out_of_the_root(tmp_path: Path) -> None:
    for scene_id in ("../..", "a/../b c", "", "ä/ö"):
        folder = EvidenceFolder.create(tmp_path, scene_id, NOW_S).folder
        assert folder.parent == tmp_path


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", "", "manifest.json"])
def test_a_file_name_cannot_lead_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = EvidenceFolder.create(tmp_path, "a/kitchen", NOW_S)
    with pytest.raises(ValueError, match="no name for a file"):
        folder.path(name)


def test_every_file_is_private_even_those_the_bench_wrote_openly(tmp_path: Path) -> None:
    folder = write_sample(tmp_path, NOW_S)
    written = folder.path("clock.json")
    written.write_text("{}")
    written.chmod(0o644)
    folder.seal()
    assert {path.stat().st_mode & 0o777 for path in folder.folder.iterdir()} == {0o600}


def test_where_clips_lie_on_this_machine_is_not_told(tmp_path: Path) -> None:
    case = sample_case()
    lines = tuple(replace(line, clip=f"/home/anna/{line.clip}") for line in case.script.lines)
    folder = EvidenceFolder.create(tmp_path, "a/kitchen", NOW_S)
    folder.write_case(replace(case, script=replace(case.script, lines=lines)), {})
    written = (folder.folder / "case.json").read_text()
    assert "anna" not in written
    assert all(f'"clip": "{Path(line.clip).name}"' in written for line in lines)


def test_each_event_is_on_file_before_the_next_is_taken(tmp_path: Path) -> None:
    folder = EvidenceFolder.create(tmp_path, "a/kitchen", NOW_S)
    events = sample_case().events
    seen: list[int] = []

    def run() -> Iterator[Event]:
        for event in events:
            yield event
            seen.append(len(evidence_read.read_events(folder.folder, torn_end=True)))

    folder.write_timeline(run())
    assert seen == list(range(1, len(events) + 1))


def test_a_timeline_that_grows_in_pieces_is_whole_only_once_sealed(tmp_path: Path) -> None:
    folder = EvidenceFolder.create(tmp_path, "a/kitchen", NOW_S)
    events = sample_case().events
    folder.write_timeline(events[:3])
    folder.write_timeline(events[3:])
    with pytest.raises(RigError, match=r"timeline\.jsonl.*promises 0 events"):
        evidence_read.read_events(folder.folder)
    folder.seal()
    assert evidence_read.read_events(folder.folder) == events


_KILLED = """
import sys, time
from pathlib import Path
from harness.evidence import EvidenceFolder
from harness.evidence.sample import sample_case
folder = EvidenceFolder.create(Path(sys.argv[1]), "a/kitchen", 0.0)
case = sample_case()
folder.write_case(case, {})
def run():
    for number, event in enumerate(case.events):
        if number == 5:
            print("five", flush=True)
            time.sleep(60)
        yield event
folder.write_timeline(run())
"""


def test_a_killed_run_leaves_what_it_had(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _KILLED, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "five\n"
        run.send_signal(signal.SIGKILL)
    (folder,) = tmp_path.iterdir()
    assert evidence_read.read_case(folder, torn_end=True).events == sample_case().events[:5]


def test_everything_written_is_read_back(tmp_path: Path) -> None:
    folder = write_sample(tmp_path, NOW_S)
    ruling = judge(sample_case())
    folder.write_ruling(ruling, "in words\n")
    folder.seal()
    assert evidence_read.read_case(folder.folder) == sample_case()
    assert evidence_read.read_ruling(folder.folder) == ruling
    assert evidence_read.read_traffic(folder.folder) == sample_traffic()
    listener = SoundFile("listener.flac", "what the listener's microphone heard", -1.0)
    assert listener in evidence_read.read_sounds(folder.folder)
    controls = json.loads((folder.folder / "controls.json").read_text())["controls"]
    assert [control["name"] for control in controls][:2] == ["loudspeaker_heard", "tap_canary"]


def test_a_line_with_an_exotic_line_break_survives(tmp_path: Path) -> None:
    folder = EvidenceFolder.create(tmp_path, "a/kitchen", NOW_S)
    event = Interrupted(1.0, "first\u2028second\x85third\nfourth")
    folder.write_timeline([event, event])
    folder.seal()
    assert evidence_read.read_events(folder.folder) == (event, event)


def test_nothing_follows_the_seal(tmp_path: Path) -> None:
    folder = write_sample(tmp_path, NOW_S)
    folder.seal()
    with pytest.raises(RigError, match="sealed"):
        folder.write_text("late.txt", "x")
    with pytest.raises(RigError, match="sealed"):
        folder.write_timeline(())


def test_a_link_in_the_folder_cannot_be_sealed(tmp_path: Path) -> None:
    folder = write_sample(tmp_path, NOW_S)
    folder.path("listener2.flac").symlink_to(folder.folder / "listener.flac")
    with pytest.raises(RigError, match=r"listener2\.flac: only plain files"):
        folder.seal()


def test_a_root_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file")
    with pytest.raises(RigError, match="evidence cannot be kept there"):
        EvidenceFolder.create(tmp_path / "evidence", "a/kitchen", NOW_S)


_FULL = """
import resource, signal, sys
from pathlib import Path
from harness.errors import RigError
from harness.evidence import EvidenceFolder
from harness.evidence.sample import sample_case
if sys.argv[2] == "limit":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (40000, 40000))
folder = EvidenceFolder.create(Path(sys.argv[1]), "a/kitchen", 0.0)
folder.write_case(sample_case(), {})
folder.write_timeline(sample_case().events)
def sound(path):
    import numpy, soundfile
    noise = numpy.random.default_rng(1).normal(0, 0.1, 400000)
    soundfile.write(path, noise, 16000)
try:
    if sys.argv[3] == "sound":
        with folder.writing("listener.flac") as path:
            sound(path)
    else:
        folder.write_bytes("big.bin", bytes(1 << 20))
except RigError as error:
    print(error)
    left = sorted(path.name for path in folder.folder.iterdir())
    assert {"case.json", "timeline.jsonl"} <= set(left) and "big.bin" not in left, left
    sys.exit(7)
"""


def _full(root: Path, how: str, what: str, *wrap: str) -> subprocess.CompletedProcess[str]:
    command = [*wrap, sys.executable, "-c", _FULL, str(root), how, what]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_a_size_limit_keeps_what_was_written_and_says_so(tmp_path: Path) -> None:
    done = _full(tmp_path, "limit", "bytes")
    assert done.returncode == 7, done.stderr
    assert "full" in done.stdout and "timeline.jsonl (" in done.stdout
    assert "big.bin could not be written" in done.stdout


@pytest.mark.parametrize("what", ["bytes", "sound"])
def test_a_full_disk_keeps_what_was_written_and_says_so(tmp_path: Path, what: str) -> None:
    mount = 'mount -t tmpfs -o size=128k,mode=700 none "$0" && exec "$@"'
    unshare = ["unshare", "-rm", "sh", "-c"]
    tried = subprocess.run(
        [*unshare, mount, str(tmp_path), "true"], capture_output=True, check=False
    )
    if tried.returncode != 0:
        pytest.skip("needs a user namespace to mount a small disk in (unshare -rm)")
    done = _full(tmp_path, "disk", what, *unshare, mount, str(tmp_path))
    assert done.returncode == 7, done.stderr
    assert "disk (or its quota) is full" in done.stdout
    assert "case.json (" in done.stdout


def test_nothing_half_written_stays_under_its_name(tmp_path: Path) -> None:
    folder = EvidenceFolder.create(tmp_path, "a/kitchen", NOW_S)
    folder.write_text("ruling.txt", "first\n")
    folder.write_text("ruling.txt", "second\n")
    assert [path.name for path in folder.folder.iterdir()] == ["ruling.txt"]
    assert (folder.folder / "ruling.txt").read_text() == "second\n"
    assert os.access(folder.folder, os.W_OK)
