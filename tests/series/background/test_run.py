"""Blocks are played, ruled and counted; a run that is killed anywhere goes on without a loss."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from harness.clock import SimulatedClock
from harness.evidence.folder import EvidenceFolder, SoundFile
from harness.evidence.layout import LISTENER
from harness.judge import judge
from harness.model.case import Case, RigFacts
from harness.model.ruling import Grade, Verdict
from harness.model.script import Role, Script
from harness.model.timeline import (
    Control,
    Event,
    LightChanged,
    LightState,
    LineSpoken,
    MessageReceived,
    TrafficSeen,
    Upload,
    Watched,
)
from harness.scene.clips import active_level_dbfs, read_clip
from harness.scene.loader import load_scene
from harness.scene.sources import NoClips
from harness.series.background.plan import Asked, Plan, plan_in
from harness.series.background.run import Hours, play_hours
from harness.series.background.totals import Totals
from harness.series.soak import Ended
from harness.series.soak.journal import HeadLine
from harness.series.soak.night import Played
from tests.series.background.sounds import RATE_HZ, talk, write

HEARD = "microphone_sound"
MICROPHONE = Control("scene", HEARD, True, None, None, "", "it heard")
DEAD = Control("scene", HEARD, False, None, None, "", "the microphone is dead: check its cable")
LIT = LightChanged(2.4, LightState.LISTENING)
SENT = Upload(2.5, 6.5, 60_000, "cloud.test:443")
MESSAGE = MessageReceived("m1", "Ann", 7.0, 0.1, 4.0, "hello", None)
Makes = Callable[[int], list[Event]]


@dataclass
class Bench:
    """Plays a block by writing down what its sensors would have seen, and seals it.

    `makes`: what the device does in a block; `control`: the one control of this bench; `cut`: at
    which moment of which attempt the process is killed.
    """

    makes: Makes = lambda _: []
    control: Control = MICROPHONE
    cut: tuple[int, str] = (0, "")
    scripts: list[Script] = field(default_factory=list)
    levels_db: list[float] = field(default_factory=list)
    attempts: int = 0

    def play(self, scene: Path, into: Path) -> Played:
        self.attempts += 1
        script = load_scene(scene, NoClips())
        with (scene.parent.parent / "said.txt").open("a") as said:
            said.write(f"{script.lines[0].says}\n")
        number, at_s, spoken = int(scene.name[:6]), 1.0, list[Event]()
        for line in script.lines:
            samples = read_clip(Path(line.clip), 48_000)
            self.levels_db.append(active_level_dbfs(samples, 48_000))
            end_s = at_s + len(samples) / 48_000
            spoken.append(LineSpoken(line.id, at_s, end_s, True, True, 0.9, -40.0))
            at_s = end_s
        events = (*spoken, *self.makes(number), self.control, *self._watched(at_s + 40))
        rig = RigFacts("r", "d", "f", ("S", "A", "L", "N", "I"), (("scene", HEARD),))
        folder = EvidenceFolder.create(into, script.id, 1000.0 + number)
        folder.write_case(Case(script, rig, ()), {})
        folder.write_timeline(events)
        write(folder.folder / LISTENER, talk(12.0))
        folder.write_sounds([SoundFile(LISTENER, "the listener", -1.0)])
        self._cut("unsealed")
        ruling = judge(Case(script, rig, events))
        folder.write_ruling(ruling, "in words\n")
        folder.seal()
        self.scripts.append(script)
        self._cut("sealed")
        return Played(ruling, folder.folder, None)

    def trouble(self) -> str | None:
        return None

    def renew(self) -> None:
        """There is nothing to close."""

    def reads(self, _: object) -> str:
        self._cut("journalled")
        return "it is unacceptable"

    def _cut(self, moment: str) -> None:
        if self.cut == (self.attempts, moment):
            os.kill(os.getpid(), signal.SIGKILL)

    def _watched(self, until_s: float) -> tuple[Event, ...]:
        return (TrafficSeen(40, 900, 1100), Watched(0.0, until_s))


@pytest.fixture(scope="module")
def audio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audio")
    for index in range(3):
        write(folder / f"{index}.wav", talk(11.0, index))
    return folder


def planned(out: Path, audio: Path, **more: object) -> Plan:
    asked = Asked(folder=str(audio), block_s=10.0, at=("tv",), contacts=("Ann", "Bob"), **more)  # type: ignore[arg-type]
    return plan_in(out, asked, lambda _: None)


def go_on(out: Path, audio: Path, bench: Bench) -> tuple[Totals, Ended]:
    plan = planned(out, audio)
    hours = Hours(out, plan, "Alexa.", -26.0, 3.0, 1e6, reads=bench.reads)
    head = HeadLine(rig="r", device="d", firmware="f", plan_sha256=plan.digest, seed=0)
    return play_hours(hours, head, bench, SimulatedClock(1e3))


def in_a_process_that_is_killed(out: Path, audio: Path, bench: Bench) -> None:
    """Go on in a child that nobody lets finish."""
    child = os.fork()
    if child == 0:
        try:
            go_on(out, audio, bench)
        finally:
            os._exit(3)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def activation(number: int) -> list[Event]:
    return [LIT, SENT] if number == 2 else []


@pytest.mark.parametrize("moment", ["unsealed", "sealed", "journalled"])
def test_after_kill_9_nothing_is_lost_and_nothing_counts_twice(
    tmp_path: Path, audio: Path, moment: str
) -> None:
    in_a_process_that_is_killed(tmp_path, audio, Bench(activation, cut=(2, moment)))
    totals, ended = go_on(tmp_path, audio, Bench(activation))
    assert ended is Ended.PLAYED and totals.blocks == 3
    assert totals.per_hour.hours == pytest.approx(33 / 3600) and totals.left_h == 0.0
    assert (totals.all_proven, totals.per_hour.events) == (1, 1)
    said = (tmp_path / "said.txt").read_text().splitlines()
    again = moment == "unsealed"
    assert len(said) == 3 + again and len(set(said)) == 3
    ((number, woke),) = totals.activations
    assert number == 2 and woke.grade is Grade.FULL and woke.cls == "V05"
    assert (woke.saying, woke.said_by, woke.wake_word) == ("it is unacceptable", "reader", False)
    assert woke.file == "1.wav" and woke.offset_s == pytest.approx(1.5, abs=0.05)
    for name in ("heard.flac", "source.flac"):
        assert len(read_clip(tmp_path / woke.clips / name, RATE_HZ)) > RATE_HZ
    assert not list((tmp_path / "background").glob("*/"))  # no copy of the sound stays


def test_a_dead_microphone_is_never_a_pass_and_its_hours_do_not_count(
    tmp_path: Path, audio: Path
) -> None:
    totals, _ = go_on(tmp_path, audio, Bench(control=DEAD))
    assert totals.verdict is Verdict.INCONCLUSIVE and totals.per_hour.hours == 0.0
    assert totals.uncounted_h == pytest.approx(33 / 3600)
    assert any("the microphone is dead" in why for why in totals.why_not)


@pytest.mark.parametrize("control", [MICROPHONE, DEAD])
def test_a_message_fails_whatever_the_budget(tmp_path: Path, audio: Path, control: Control) -> None:
    bench = Bench(lambda number: [LIT, SENT, MESSAGE] if number == 3 else [], control)
    totals, _ = go_on(tmp_path, audio, bench)
    assert totals.verdict is Verdict.FAIL and totals.messages == 1
    assert any("Ann" in text for text in totals.violations)


def test_what_sends_nothing_is_a_local_activation(tmp_path: Path, audio: Path) -> None:
    short = Upload(2.5, 3.5, 9_000, "cloud.test:443")
    deeds: dict[int, list[Event]] = {1: [LIT], 2: [LIT, short], 3: [LIT, SENT]}
    totals, _ = go_on(tmp_path, audio, Bench(lambda number: deeds.get(number, [])))
    assert totals.grades == {Grade.LOCAL: 1, Grade.DISCARDED: 1, Grade.FULL: 1}
    assert totals.verdict is Verdict.INCONCLUSIVE  # three are within the budget, in too few hours


def test_a_block_says_whose_talk_it_is_where_and_how_loud(tmp_path: Path, audio: Path) -> None:
    bench = Bench()
    go_on(tmp_path, audio, bench)
    script = bench.scripts[0]
    assert [member.role for member in script.cast] == [Role.MEDIA]
    assert script.cast[0].position == "tv" and script.lines[0].says.startswith("0.wav, 0:00:00.0")
    assert script.lines[0].level_db == pytest.approx(0.0, abs=0.2)
    assert bench.levels_db == pytest.approx([-26.0] * 3, abs=0.3)
