"""Small rigs, short scenes, and what is left of a bench when it is gone."""

import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
import yaml

from harness.bench.lock import runtime_folder
from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.evidence.rejudge import rejudge, same_as_recorded
from harness.evidence.verify import verify
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import Outcome, play_and_rule
from harness.stage.clips import cast_for

ROOT = Path(__file__).parents[2]
PLAIN_DEVICE = Path(__file__).with_name("plain_device.py")
LINE = "Did the new tiles come today?"
SPEAKING = f"Dana: {LINE}"
_ANSWER = ("kokoro:am_michael", "Yes, please.")
_RATE_HZ = 48_000


def write_prompts(folder: Path) -> Path:
    """The folder with the one thing that the plain device says."""
    folder.mkdir(parents=True)
    samples, rate_hz = soundfile.read(Corpus.load().clip(*_ANSWER), dtype="float32")
    loud = samples * (0.5 / np.max(np.abs(samples)))
    soundfile.write(folder / "answer.wav", soxr.resample(loud, rate_hz, _RATE_HZ), _RATE_HZ)
    row = {
        "id": "answer",
        "text": _ANSWER[1],
        "file": "answer.wav",
        "role": "answer",
        "states_act": False,
        "named_contact": None,
        "says_full_name": False,
        "named_by_s": None,
    }
    (folder / "prompts.json").write_text(json.dumps([row]))
    return folder


def write_rig(
    folder: Path, name: str = "", device: Mapping[str, Any] | None = None, **other: Any
) -> Path:
    """A rig file with the plain device in the usual kitchen, `device` and `other` laid on it."""
    prompts = folder / "prompts"
    if not prompts.exists():
        write_prompts(prompts)
    here: dict[str, Any] = {
        "name": "plain device",
        "firmware": "1",
        "command": ["{python}", str(PLAIN_DEVICE)],
        "cwd": str(folder),
        "env": {"ANSWER": str(prompts / "answer.wav")},
        "ready_s": 5,
        "panel": False,
        "prompts": {"command": None, "folder": str(prompts)},
        "control": {"local": True, "answer_within_s": 5},
    }
    for key, value in (device or {}).items():
        merge = isinstance(value, dict) and isinstance(here.get(key), dict)
        here[key] = {**here[key], **value} if merge else value
    # Unique, so that these tests never meet another bench of this user.
    name = f"{name or 'small'}-{os.getpid()}"
    rig = {
        "extends": str(ROOT / "rigs" / "virtual.yaml"),
        "name": name,
        "device": here,
        "limits": {"watch_s": 1, "clock_ms": 20},
        "evidence": {"folder": str(folder / "evidence")},
        **other,
    }
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(rig))
    return path


def write_scene(folder: Path, at_s: float = 0.5, *deeds: Mapping[str, Any]) -> Path:
    """One line to the room, and deeds after it; nothing may be sent."""
    scene = {
        "title": "One question, to the room",
        "household": {"contacts": ["Thomas Reed"]},
        "cast": {"Dana": {"voice": "kokoro:af_heart", "role": "resident", "at": "table"}},
        "lines": [{"who": "Dana", "says": LINE, "to": "room", "when": {"at_s": at_s}}, *deeds],
        "expect": {"messages": []},
    }
    place = folder / "faults"
    place.mkdir(exist_ok=True)
    path = place / "question.scene.yaml"
    path.write_text(yaml.safe_dump(scene))
    return path


# What runs -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Process:
    """A process as /proc shows it; `born` tells it from a later one with the same number."""

    pid: int
    born: int
    parent: int
    command: str
    network: str
    marked: bool = field(compare=False, default=False)


def processes(marker: str = "") -> list[Process]:
    """All processes; `marked` are those with `marker` in their arguments or environment."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            told = (entry / "environ").read_bytes().decode(errors="replace")
            after = (entry / "stat").read_text().rpartition(")")[2].split()
            network = str((entry / "ns/net").readlink())
        except OSError:  # ended meanwhile, or somebody else's
            continue
        if after[0] != "Z":
            marked = bool(marker) and (marker in words or marker in told)
            parent, born = int(after[1]), int(after[19])
            found.append(Process(int(entry.name), born, parent, words, network, marked))
    return found


def belonging(marker: str) -> list[Process]:
    """The processes of a bench: those that name it, and all that share a namespace with them."""
    everything = processes(marker)
    own = str(Path("/proc/self/ns/net").readlink())
    theirs = {p.network for p in everything if p.marked} - {own}
    return [p for p in everything if p.pid != os.getpid() and (p.marked or p.network in theirs)]


def find(marker: str, *words: str) -> Process:
    """The one process of a bench whose command holds all `words`, the innermost of its wrappers."""
    found = [p for p in belonging(marker) if all(word in p.command for word in words)]
    inner = [p for p in found if p.pid not in {other.parent for other in found}]
    assert len(inner) == 1, f"not one process with {words}: {found}"
    return inner[0]


def left_of(bench: list[Process]) -> list[Process]:
    """Those that are still there, and whatever else lives in their namespaces."""
    own = str(Path("/proc/self/ns/net").readlink())
    networks = {p.network for p in bench} - {own}
    return [p for p in processes() if p in bench or p.network in networks]


def sockets(marker: str) -> list[str]:
    """Unix sockets that lie in a bench's folder."""
    return [line for line in Path("/proc/net/unix").read_text().splitlines() if marker in line]


def assert_gone(name: str, bench: list[Process], runtime: Path | None = None) -> None:
    """Nothing of a bench is left: no process, namespace, socket, folder; no link on this side."""
    folder = (runtime or runtime_folder()) / name
    assert left_of(bench) == []
    assert not folder.exists(), sorted(folder.rglob("*"))
    assert sockets(f"{folder}/") == []
    links = Path("/proc/net/dev").read_text()
    assert "cloud0" not in links and "device0" not in links


@contextmanager
def nothing_left() -> Iterator[None]:
    """No child, thread or descriptor more than before."""
    before = _held()
    yield
    after = _held()
    assert after == before, f"before: {before}\nafter: {after}"


def _held() -> tuple[list[str], list[str], list[str]]:
    children = [p.command for p in processes() if p.parent == os.getpid()]
    threads = [thread.name for thread in threading.enumerate()]
    # pytest's own capture files come and go; pipes and sockets are what a bench would leave.
    open_files = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            open_files.append(str(entry.readlink()))
        except OSError:  # the one that this listing itself was read through
            continue
    mine = [name for name in open_files if name.startswith(("pipe:", "socket:", "anon_inode:"))]
    return sorted(children), sorted(threads), sorted(mine)


# Playing -------------------------------------------------------------------------------------


@dataclass
class Played:
    """What came of a play on a small rig; `bench` are the processes that it had."""

    name: str
    outcome: Outcome
    bench: list[Process]
    told: list[str]

    @property
    def why(self) -> str:
        """Everything that the ruling says about why nothing is proven, and what stopped it."""
        return "\n".join([str(self.outcome.stopped_by), *self.outcome.ruling.reasons])

    def files(self) -> set[str]:
        """What the evidence folder holds."""
        return {path.name for path in self.outcome.evidence.iterdir()}


def play_on(
    rig_path: Path,
    scene_path: Path,
    at: str = "",
    do: Callable[[Rig, str], None] | None = None,
    evidence: Path | None = None,
) -> Played:
    """Open the rig, play, close; `do(rig, folder)` runs once when progress says `at`.

    A busy machine may lose sound before it comes to that: then it is played once more.
    """
    played = _play_once(rig_path, scene_path, at, do, evidence)
    if at and not any(told.startswith(at) for told in played.told):
        assert "busy" in played.why, played.why
        played = _play_once(rig_path, scene_path, at, do, evidence)
    return played


def _play_once(
    rig_path: Path,
    scene_path: Path,
    at: str,
    do: Callable[[Rig, str], None] | None,
    evidence: Path | None,
) -> Played:
    file = load_rig(rig_path)
    marker = str(runtime_folder() / file.name)
    told: list[str] = []
    bench: list[Process] = []
    clock = RealClock()
    with open_rig(file, clock) as rig:
        script = load_scene(scene_path, Corpus.load())
        cast = cast_for(script, file, Corpus.load(), rig.microphone.rate_hz)

        def progress(what: str) -> None:
            first = what.startswith(at) and not any(t.startswith(at) for t in told)
            told.append(what)
            if first and at:
                bench.extend(belonging(marker))
                if do is not None:
                    do(rig, marker)

        bench.extend(belonging(marker))
        outcome = play_and_rule(rig, script, cast, progress, evidence)
    (runtime_folder() / f"{file.name}.lock").unlink(missing_ok=True)
    return Played(file.name, outcome, bench, told)


def assert_sealed(evidence: Path) -> None:
    """The evidence is whole, sealed, judged the same again, and holds no raw recording."""
    assert verify(evidence) == []
    assert same_as_recorded(evidence, rejudge(evidence))
    assert not list(evidence.glob("air.*")), "the raw recording was left behind"
    assert {"case.json", "timeline.jsonl", "ruling.json", "ruling.txt"} <= {
        path.name for path in evidence.iterdir()
    }
