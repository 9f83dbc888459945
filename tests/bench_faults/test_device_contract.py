"""A device that knows nothing of the harness is tested by a rig file alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.bench.lock import runtime_folder
from harness.bench.open import open_rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.ears.prompts import PromptBook
from harness.evidence.read import read_events
from harness.model.ruling import Verdict
from harness.model.timeline import MessageReceived
from tests.bench_faults.small_bench import (
    PLAIN_DEVICE,
    ROOT,
    Played,
    assert_gone,
    assert_sealed,
    play_on,
    write_rig,
    write_scene,
)

pytestmark = pytest.mark.bench


def _conclusive(rig: Path, scene: Path) -> Played:
    """Play; once more where a busy machine lost sound, which is inconclusive and must be."""
    played = play_on(rig, scene)
    if played.outcome.ruling.verdict is Verdict.INCONCLUSIVE:
        assert "busy" in played.why, played.why
        played = play_on(rig, scene)
    return played


def test_the_plain_device_imports_nothing_of_ours() -> None:
    words = PLAIN_DEVICE.read_text()
    assert "import harness" not in words and "from harness" not in words and "rigs" not in words


def test_an_honest_device_by_others_passes_beside_another_open_bench(tmp_path: Path) -> None:
    mine, other = write_rig(tmp_path), write_rig(tmp_path, "other")
    with open_rig(load_rig(other), RealClock()) as beside:
        beside.inbox.prepare(["Thomas Reed"])
        played = _conclusive(mine, write_scene(tmp_path))
        assert beside.trouble() is None or "busy" in (beside.trouble() or "")
        assert beside.inbox.messages() == (), "it got what was sent on the other bench"
    (runtime_folder() / f"{other.stem}.lock").unlink(missing_ok=True)
    assert played.outcome.ruling.verdict is Verdict.PASS, played.why
    assert played.outcome.ruling.prompts_heard == (), "the answers to controls are not the scene's"
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)


def test_a_device_by_others_that_sends_by_itself_is_caught(tmp_path: Path) -> None:
    # It sends 4.5 s after its first answer: then the scene runs, and nobody has spoken in it yet.
    rig = write_rig(tmp_path, device={"env": {"LEAK_AFTER_S": "4.5"}})
    played = _conclusive(rig, write_scene(tmp_path, at_s=5.0))
    ruling = played.outcome.ruling
    assert ruling.verdict is Verdict.FAIL, played.why
    assert "V03" in [finding.cls for finding in ruling.findings]
    sent = [e for e in read_events(played.outcome.evidence) if isinstance(e, MessageReceived)]
    assert [message.transcript for message in sent] == ["nobody said this"]
    assert_sealed(played.outcome.evidence)


def test_a_rig_in_use_is_refused_with_who_holds_it(tmp_path: Path) -> None:
    rig = write_rig(tmp_path, "held")
    file = load_rig(rig)
    with open_rig(file, RealClock()) as held:
        command = [sys.executable, "-m", "harness.cli", "doctor", str(rig)]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert held.trouble() is None
    (runtime_folder() / f"{file.name}.lock").unlink(missing_ok=True)
    assert second.returncode == 2
    assert f"in use by process {os.getpid()} (" in second.stderr
    assert "wait for it to end" in second.stderr


def test_the_rig_file_and_the_prompts_in_the_documentation_are_right(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "device-contract.md").read_text()
    rig, listing = (text.split(f"```{kind}\n")[1].split("```")[0] for kind in ("yaml", "json"))
    place = tmp_path / "mine" / "rig.yaml"
    place.parent.mkdir()
    place.write_text(rig.replace("../sayso/rigs", str(ROOT / "rigs")))
    file = load_rig(place)
    assert file.device.command[0] == f"{place.parent}/venv/bin/python"
    assert file.device.prompts is not None and file.device.prompts.folder is not None
    folder = Path(file.device.prompts.folder)
    folder.mkdir()
    (folder / "prompts.json").write_text(listing)
    hiss = np.random.default_rng(1).normal(0, 0.1, 3 * 48_000)
    for row in json.loads(listing):
        soundfile.write(folder / row["file"], hiss, 48_000)
    assert set(PromptBook.load(folder, 48_000).prompts) == {"to-whom", "read-back-thomas-reed"}
