"""The zoo's figures follow from its plays alone, and a play that is missing proves nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.table import Row
from benchmarks.zoo_counts import Plays, agreement_rows, real_rows, simulated_rows, unlike
from benchmarks.zoo_plays import Ended, Task, Timing, add_play, matrix_tasks, read_plays
from benchmarks.zoo_plays import rounds_tasks as rounds
from harness.model import record
from harness.model.ruling import Verdict
from harness.model.timeline import MessageReceived
from harness.series.matrix import Played
from harness.series.zoo import BadDevice, load_catalogue

CATALOGUE = load_catalogue(Path(__file__).parents[2] / "rigs" / "zoo" / "catalogue.yaml")
TWICE = next(device for device in CATALOGUE if device.name == "sends-twice")
SOMETIMES = next(device for device in CATALOGUE if device.name == "sometimes-twice")
Told = tuple[Verdict, tuple[str, ...]]
PASS, UNSURE = (Verdict.PASS, ()), (Verdict.INCONCLUSIVE, ())
RIGHT, ALSO = (Verdict.FAIL, ("V26",)), (Verdict.FAIL, ("V26", "V12"))
CAUGHT = "simulated: caught, right class first"
OTHER = (Verdict.FAIL, ("V12",))


def ended(timing: Timing, task: Task, told: Told) -> Ended:
    firmware = task.device.twin if task.twin else task.device.firmware
    played = Played(firmware, task.seed, *told, "so")
    return Ended(timing, task.device.name, task.twin, task.number, 80.0, played)


def plays(timing: Timing, device: BadDevice, bad: Sequence[Told], *twins: Told) -> Plays:
    """The plays of one device and of its twin that were ruled so, by number."""
    made = [ended(timing, Task(device, False, n), told) for n, told in enumerate(bad)]
    made += [ended(timing, Task(device, True, n), told) for n, told in enumerate(twins)]
    return Plays(made, timing)


def by_figure(rows: Sequence[Row]) -> Mapping[str, Row]:
    return {row.figure: row for row in rows}


def real(device: BadDevice, bad: Sequence[Told], *twins: Told) -> Mapping[str, Row]:
    made = plays(Timing.REAL, device, bad, *twins)
    return by_figure(real_rows([device], made, len(bad) + len(twins)))


def test_what_is_to_be_played() -> None:
    assert len(matrix_tasks([TWICE])) == 2
    assert [task.seed for task in matrix_tasks([SOMETIMES]) if not task.twin] == [0, 1, 2, 3, 4]
    tasks = rounds([TWICE, SOMETIMES], 10, 1)
    assert len(tasks) == 22
    again = [task.seed for task in tasks if task.device is SOMETIMES and not task.twin]
    assert again == [0, 1, 2, 3, 4, 0, 1, 2, 3, 4]
    assert {task.seed for task in tasks if task.device is TWICE} == {0}
    assert [task.round for task in tasks] == sorted(task.round for task in tasks)
    assert len(rounds([SOMETIMES], 1, 1)) == 6


def test_every_pass_of_a_bad_device_counts() -> None:
    found = real(TWICE, [RIGHT, PASS, RIGHT], PASS)
    assert found["real time: passes of a bad device"].value == 1
    assert found["real time: passes of a bad device"].holds is False
    assert found["real time: caught, right class first"].value == 2


def test_a_pass_without_evidence_counts_as_if_a_message_had_left() -> None:
    found = real(TWICE, [RIGHT, PASS], PASS)["real time: plays passed although a message left"]
    assert (found.value, found.holds) == (1, False)


def test_a_pass_in_which_nothing_left_is_told_apart(tmp_path: Path) -> None:
    folder = tmp_path / "play"
    folder.mkdir()
    quiet = replace(ended(Timing.REAL, Task(TWICE, False, 0), PASS).played, evidence=folder)
    made = [Ended(Timing.REAL, TWICE.name, False, 0, 80.0, quiet)]
    for events, let_by in ([], 0), ([message()], 1):
        (folder / "timeline.jsonl").write_text(record.events_to_jsonl(events))
        rows = by_figure(real_rows([TWICE], Plays(made, Timing.REAL), 1))
        assert rows["real time: passes of a bad device"].value == 1
        assert rows["real time: plays passed although a message left"].value == let_by


def message() -> MessageReceived:
    return MessageReceived("m1", "Thomas Reed", 20.0, 0.1, 1.9, None, None)


def test_a_device_of_chance_may_pass_but_not_in_every_play_of_a_round() -> None:
    one = [PASS, PASS, RIGHT, PASS, PASS]
    assert real(SOMETIMES, one)["real time: passes of a bad device"].holds is True
    none = real(SOMETIMES, [*one, *[PASS] * 5])
    assert none["real time: passes of a bad device"].value == 1
    torn = real(SOMETIMES, [*one, PASS])
    assert torn["real time: rounds of bad devices"].value == 1
    assert torn["real time: plays of bad devices"].value == 6


def test_nothing_played_holds_no_goal() -> None:
    nothing = Plays([], Timing.REAL)
    assert not nothing
    goals = [*simulated_rows([TWICE], nothing), *real_rows([TWICE], nothing, 11)]
    assert not any(row.holds for row in goals)
    assert [row.goal for row in agreement_rows([TWICE], nothing, nothing)] == ["of 0"] * 3


def test_the_kill_matrix_on_simulated_time() -> None:
    good = plays(Timing.SIMULATED, TWICE, [ALSO], PASS)
    assert all(row.holds is not False for row in simulated_rows([TWICE], good))
    for bad, twin in [(OTHER, PASS), (PASS, PASS), (UNSURE, PASS), (ALSO, ALSO), (ALSO, UNSURE)]:
        rows = simulated_rows([TWICE], plays(Timing.SIMULATED, TWICE, [bad], twin))
        assert any(row.holds is False for row in rows)


def test_what_the_rig_cannot_show_is_left_out(tmp_path: Path) -> None:
    def unseen(timing: Timing, twin: bool) -> Ended:
        made = ended(timing, Task(SOMETIMES, twin, 0), UNSURE)
        return replace(made, played=replace(made.played, unseen=True))

    once = replace(SOMETIMES, plays=1)
    left_out = [unseen(timing, twin) for timing in Timing for twin in (False, True)]
    add_play(tmp_path / "plays.jsonl", left_out[0])
    assert read_plays(tmp_path / "plays.jsonl") == left_out[:1]
    simulated = Plays(left_out, Timing.SIMULATED)
    assert by_figure(simulated_rows([once], simulated))[CAUGHT].holds is False
    good = [ended(Timing.SIMULATED, task, RIGHT) for task in matrix_tasks([TWICE]) if not task.twin]
    good += [ended(Timing.SIMULATED, task, PASS) for task in matrix_tasks([TWICE]) if task.twin]
    rows = by_figure(simulated_rows([TWICE, once], Plays([*good, *left_out], Timing.SIMULATED)))
    assert (rows[CAUGHT].goal, rows[CAUGHT].holds) == ("1", True)
    assert all(row.holds is not False for row in rows.values())
    real = by_figure(real_rows([once], Plays(left_out, Timing.REAL), 2))
    assert real["real time: passes of a bad device"].holds is False
    assert real["real time: plays, twins' too"].value == 0


def test_alike_is_the_verdict_the_first_class_and_all_classes() -> None:
    simulated = plays(Timing.SIMULATED, TWICE, [RIGHT], PASS)
    same = plays(Timing.REAL, TWICE, [RIGHT, RIGHT], PASS)
    assert [row.value for row in agreement_rows([TWICE], simulated, same)] == [1, 1, 3]
    assert unlike([TWICE], simulated, same) == []
    more = plays(Timing.REAL, TWICE, [RIGHT, ALSO], UNSURE)
    assert [row.value for row in agreement_rows([TWICE], simulated, more)] == [0, 0, 1]
    assert len(unlike([TWICE], simulated, more)) == 2


def test_the_file_holds_what_ended(tmp_path: Path) -> None:
    path = tmp_path / "plays.jsonl"
    assert read_plays(path) == []
    made = [ended(Timing.REAL, task, ALSO) for task in rounds([TWICE], 2, 1)]
    for each in made:
        add_play(path, each)
    assert read_plays(path) == made
    assert len({each.key for each in made}) == 3
