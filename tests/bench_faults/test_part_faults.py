"""Parts of the bench killed while a scene plays: inconclusive, named, the evidence kept."""

import os
import signal
from pathlib import Path

import pytest

from harness.bench.rig import Rig
from harness.errors import RigError
from harness.model.ruling import Verdict
from tests.bench_faults.small_bench import (
    SPEAKING,
    assert_gone,
    assert_sealed,
    find,
    play_on,
    processes,
    write_rig,
    write_scene,
)

pytestmark = pytest.mark.bench

_KEPT = {"listener.flac", "device.flac", "played.flac", "network.pcapng", "device.log"}


# Half of them while the opening controls run, which is sooner and must end the same way.
@pytest.mark.parametrize(
    ("at", "words", "said"),
    [
        pytest.param(
            SPEAKING,
            ("pulseaudio",),
            "sound server: pulseaudio ended by itself (signal SIGKILL)",
            id="sound server",
        ),
        pytest.param(
            "opening", ("room_worker",), "room: ended by itself (signal SIGKILL)", id="room"
        ),
        pytest.param(
            "opening",
            ("sound_worker",),
            "sound worker: ended by itself (signal SIGKILL)",
            id="sound worker",
        ),
        pytest.param(SPEAKING, ("dumpcap",), "dumpcap ended by itself", id="tap"),
        pytest.param("opening", ("rigs.reference_cloud",), "cloud: ended by itself", id="cloud"),
        pytest.param("opening", ("dnsmasq",), "dnsmasq ended", id="name server"),
    ],
)
def test_a_part_killed_in_mid_scene_is_named_and_nothing_is_lost(
    tmp_path: Path, at: str, words: tuple[str, ...], said: str
) -> None:
    def kill(_rig: Rig, marker: str) -> None:
        os.kill(find(marker, *words).pid, signal.SIGKILL)

    played = play_on(write_rig(tmp_path), write_scene(tmp_path), at, kill)
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert isinstance(played.outcome.stopped_by, RigError)
    assert said in str(played.outcome.stopped_by)
    assert "then play the scene again" in str(played.outcome.stopped_by)
    assert played.files() >= _KEPT
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)


@pytest.mark.parametrize("which", ["cloud", "device"])
def test_a_namespace_killed_in_mid_scene_is_named_and_nothing_is_lost(
    tmp_path: Path, which: str
) -> None:
    def kill(_rig: Rig, marker: str) -> None:
        inside = find(marker, "rigs.reference_cloud" if which == "cloud" else "plain_device")
        holder = next(p for p in _holders() if p[1] == inside.network)
        os.kill(holder[0], signal.SIGKILL)

    played = play_on(write_rig(tmp_path), write_scene(tmp_path), "opening", kill)
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert f"the {which} namespace is gone" in played.why
    assert played.files() >= _KEPT
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)


def _holders() -> list[tuple[int, str]]:
    """(pid, its network) of the processes of this one that hold namespaces."""
    return [
        (p.pid, p.network)
        for p in processes()
        if p.parent == os.getpid() and p.command.endswith("-- cat ")
    ]


def test_a_sound_server_that_hangs_does_not_hang_the_harness(tmp_path: Path) -> None:
    def hang(_rig: Rig, marker: str) -> None:
        os.kill(find(marker, "pulseaudio").pid, signal.SIGSTOP)

    played = play_on(write_rig(tmp_path), write_scene(tmp_path), "opening", hang)
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert "its sound server hangs" in str(played.outcome.stopped_by)
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)
