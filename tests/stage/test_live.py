"""A play that is watched: everything is told, and it is the same play."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest

from harness.bench.live_feed import open_feed
from harness.bench.ports.live import LiveFeed, Unwatched
from harness.evidence import layout
from harness.evidence.read import read_events
from harness.model.live import (
    ControlTold,
    Fact,
    Levels,
    LineHandedOver,
    LinkRuled,
    PhaseBegan,
    PlayBegan,
    PlayRuled,
    PromptsFound,
    SceneBegan,
    TimeLeft,
    Untold,
)
from harness.model.timeline import Event, LineSpoken, PromptHeard
from harness.series.play import Outcome
from tests.stage.simulated_device import Say
from tests.stage.simulated_scene import Fault, Stage, scene, stage

_T = TypeVar("_T")


class Kept(LiveFeed):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []

    def tell(self, fact: Fact) -> None:
        self.facts.append(fact)

    def of(self, kind: type[_T]) -> list[_T]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


class Broken(LiveFeed):
    """Breaks its promise."""

    def __init__(self) -> None:
        self.asked = 0

    def tell(self, fact: Fact) -> None:
        self.asked += 1
        raise RuntimeError("this feed is broken")


def quiet_stage(
    folder: Path, feed: LiveFeed | None, faults: Mapping[str, Fault] | None = None
) -> Stage:
    """One line to the room, with the same chance each time."""
    made = stage(folder, scene("ordinary-talk", only=1), None, faults, prompts=("am_here",))
    dice = random.Random(1)
    made.bench.rig = replace(
        made.bench.rig,
        new_mark=lambda count: dice.randbytes(count).hex(),
        live=Unwatched() if feed is None else feed,
    )
    return made


def play(folder: Path, feed: LiveFeed | None) -> Outcome:
    return quiet_stage(folder, feed).play()


@pytest.fixture(scope="module")
def unwatched(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return play(tmp_path_factory.mktemp("unwatched") / "play", None)


def judged(outcome: Outcome) -> dict[str, bytes]:
    """All that the ruling rests on, and the ruling."""
    names = (*layout.JUDGED, layout.RULING, layout.LISTENER, layout.NETWORK, layout.CONTROLS)
    return {name: (outcome.evidence / name).read_bytes() for name in names}


def test_a_watcher_is_told_all_of_it_and_the_play_stays_the_same(
    tmp_path: Path, unwatched: Outcome
) -> None:
    kept = Kept()
    outcome = play(tmp_path / "play", kept)
    assert judged(outcome) == judged(unwatched)
    assert isinstance(kept.facts[0], PlayBegan) and kept.facts[0].scene == "portland/ordinary-talk"
    assert isinstance(kept.facts[-1], PlayRuled) and kept.facts[-1].outcome == "pass"
    assert not kept.of(Untold) and not kept.of(LinkRuled)
    phases = [fact.what for fact in kept.of(PhaseBegan)]
    assert phases[0].startswith("preparing") and phases[-1] == "collecting what was seen"
    answered = [fact for fact in kept.of(ControlTold) if fact.name == "device answers"]
    assert [(fact.phase, fact.held) for fact in answered] == [("opening", True), ("closing", True)]
    assert kept.of(TimeLeft)[-1].left_s >= 0
    apart_s = [b.at_s - a.at_s for a, b in pairwise(kept.of(Levels))]
    assert len(apart_s) > 20 and min(apart_s) >= 0.2
    levels = [fact.dbfs["listener"] for fact in kept.of(Levels)]
    assert max(levels) > min(levels) + 20
    assert_times_agree(kept, read_events(outcome.evidence))


def assert_times_agree(kept: Kept, events: Sequence[Event]) -> None:
    """What was told at once says the same as the timeline."""
    (zero,), (line,) = kept.of(SceneBegan), kept.of(LineHandedOver)
    (spoken,) = (event for event in events if isinstance(event, LineSpoken))
    assert line.start_s - zero.at_s == pytest.approx(spoken.start_s, abs=0.01)
    assert line.end_s - zero.at_s == pytest.approx(spoken.end_s, abs=0.01)


@pytest.mark.exhaustive
def test_what_the_device_says_is_told_as_it_is_found(tmp_path: Path) -> None:
    kept = Kept()
    script = scene("ordinary-talk", only=1)
    says = {script.lines[0].says: [Say("am_here", 0.5)]}
    made = stage(tmp_path, script, says, prompts=("am_here",))
    made.bench.rig = replace(made.bench.rig, live=kept)
    events = read_events(made.play().evidence)
    heard = [event for event in events if isinstance(event, PromptHeard)]
    zero_s = kept.of(SceneBegan)[0].at_s
    told = [each for each in kept.of(PromptsFound)[-1].prompts if each.start_s > zero_s]
    assert [each.text for each in told][:1] == [event.text for event in heard][:1] == ["I am here."]
    assert told[0].start_s - zero_s == pytest.approx(heard[0].start_s, abs=0.1)


@pytest.mark.exhaustive
def test_a_feed_that_breaks_costs_nothing(tmp_path: Path, unwatched: Outcome) -> None:
    broken = Broken()
    outcome = play(tmp_path / "play", broken)
    assert judged(outcome) == judged(unwatched) and outcome.stopped_by is None
    assert broken.asked == 4  # its first fact and the ruling, and twice that it could not be told


def watching(runtime: Path) -> "subprocess.Popen[str]":
    """A real watcher, once it watches."""
    command = [sys.executable, "-m", "harness.live", "kitchen"]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None and "http://127.0.0.1:" in process.stderr.readline()
    return process


def test_watchers_that_hang_or_are_killed_change_nothing(
    tmp_path: Path, unwatched: Outcome
) -> None:
    hangs, dies = watching(tmp_path), watching(tmp_path)
    try:
        hangs.send_signal(signal.SIGSTOP)
        killed = {"Dana: ": lambda _bench, _device: dies.kill()}
        with open_feed("kitchen", tmp_path / f"sayso-{os.getuid()}") as feed:
            assert feed.is_followed
            outcome = quiet_stage(tmp_path / "play", feed, killed).play()
        assert dies.wait(10) == -signal.SIGKILL and hangs.poll() is None
    finally:
        for process in (hangs, dies):
            process.kill()
            process.communicate()
    assert judged(outcome) == judged(unwatched) and outcome.stopped_by is None
