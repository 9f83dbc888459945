"""The kill matrix: what becomes of a device follows from its plays alone."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.commands.matrix import chosen, exit_code, line
from harness.errors import UserError
from harness.model.ruling import Verdict
from harness.series.matrix import Fate, Played, RigPlays, Row, as_json, matrix, rig_for, summary
from harness.series.matrix_page import write_rows
from harness.series.matrix_report import write_matrix
from harness.series.zoo import BadDevice, load_catalogue

ROOT = Path(__file__).parents[2]
DEVICES = load_catalogue(ROOT / "rigs" / "zoo" / "catalogue.yaml")
TWICE = next(device for device in DEVICES if device.name == "sends-twice")
SOMETIMES = next(device for device in DEVICES if device.name == "sometimes-twice")
Told = tuple[Verdict, tuple[str, ...]]
PASS, UNSURE = (Verdict.PASS, ()), (Verdict.INCONCLUSIVE, ())
RIGHT, OTHER = (Verdict.FAIL, ("V26", "V12")), (Verdict.FAIL, ("V12", "V26"))
REFUSED = (Verdict.FAIL, ())


UNSEEN = Played("f", 0, Verdict.INCONCLUSIVE, (), "V17: audibility not told", unseen=True)


def row(device: BadDevice, told: Mapping[int, Told], twin: Told = PASS) -> Row:
    """The row of a device whose plays were ruled so, by seed."""

    def play(device: BadDevice, is_twin: bool, seed: int) -> Played:
        verdict, classes = twin if is_twin else told[seed]
        return Played(device.twin if is_twin else device.firmware, seed, verdict, classes, "so")

    (only,) = matrix([device], play)
    return only


@pytest.mark.parametrize(
    ("told", "fate"),
    [
        (RIGHT, Fate.CAUGHT),
        (OTHER, Fate.OTHERWISE),
        (REFUSED, Fate.OTHERWISE),
        (PASS, Fate.MISSED),
        (UNSURE, Fate.INCONCLUSIVE),
    ],
)
def test_what_becomes_of_a_bad_device(told: Told, fate: Fate) -> None:
    assert row(TWICE, {0: told}).fate is fate


def test_one_play_of_five_is_enough_but_a_wrong_class_never_is() -> None:
    assert row(SOMETIMES, dict.fromkeys(range(5), PASS) | {2: RIGHT}).fate is Fate.CAUGHT
    mixed = dict.fromkeys(range(5), RIGHT) | {2: OTHER}
    assert row(SOMETIMES, mixed).fate is Fate.OTHERWISE
    assert row(SOMETIMES, dict.fromkeys(range(5), PASS) | {2: UNSURE}).fate is Fate.INCONCLUSIVE


@pytest.mark.parametrize(
    ("twin", "fate"),
    [(PASS, Fate.CLEAN), (UNSURE, Fate.INCONCLUSIVE), (RIGHT, Fate.FALSE_ALARM)],
)
def test_what_becomes_of_a_twin(twin: Told, fate: Fate) -> None:
    assert row(TWICE, {0: RIGHT}, twin).twin_fate is fate


def test_exit_codes() -> None:
    good = row(TWICE, {0: RIGHT})
    assert exit_code([good]) == 0
    assert exit_code([good, row(TWICE, {0: UNSURE})]) == 2
    assert exit_code([good, row(TWICE, {0: UNSURE}), row(TWICE, {0: PASS})]) == 1
    assert exit_code([row(TWICE, {0: RIGHT}, RIGHT)]) == 1
    assert exit_code([row(TWICE, {0: OTHER})]) == 1


def test_what_the_rig_cannot_show_is_neither_right_nor_wrong() -> None:
    unseen, good = Row(TWICE, (UNSEEN,), replace(UNSEEN)), row(TWICE, {0: RIGHT})
    assert (unseen.fate, unseen.twin_fate) == (Fate.UNSEEN, Fate.UNSEEN)
    assert exit_code([good, unseen]) == 0
    assert exit_code([unseen]) == 2
    assert exit_code([unseen, row(TWICE, {0: PASS})]) == 1
    assert summary([good, unseen]).startswith("Of 1 bad devices 1 caught")
    assert summary([good, unseen]).endswith("1 more cannot be shown on this rig.")
    assert line(unseen).count("V17: audibility not told") == 1
    half = replace(unseen, plays=(UNSEEN, replace(UNSEEN, verdict=Verdict.PASS, unseen=False)))
    assert half.fate is Fate.INCONCLUSIVE


def test_what_the_rig_cannot_show_is_not_played(tmp_path: Path) -> None:
    needy = replace(TWICE, first="V37")
    said: list[str] = []
    played = RigPlays(ROOT / "rigs" / "simulated.yaml", None, said.append)(needy, False, 0)
    assert (played.unseen, played.verdict) == (True, Verdict.INCONCLUSIVE)
    assert played.why == "V37: other devices not told"
    assert not said


def test_what_is_told() -> None:
    rows = [row(TWICE, {0: RIGHT}), row(TWICE, {0: PASS}, UNSURE)]
    assert "Of 2 bad devices 1 caught" in summary(rows)
    assert "1 missed" in summary(rows)
    assert "\n" not in line(rows[0])
    assert line(rows[1]).count("\n") == 2
    found = as_json(rows[0])
    assert (found["fate"], found["named"], found["twin_fate"]) == (
        "caught",
        ["V26", "V12"],
        "clean",
    )
    json.dumps(found)


def test_the_table_goes_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "zoo.md"
    page.write_text("before\n<!-- matrix: begin -->\nold\n<!-- matrix: end -->\nafter\n")
    write_rows(page, DEVICES, [row(TWICE, {0: RIGHT})])
    text = page.read_text()
    assert "old" not in text
    assert text.startswith("before\n<!-- matrix: begin -->\n| device |")
    assert text.endswith("<!-- matrix: end -->\nafter\n")
    page.write_text("no marks")
    with pytest.raises(UserError, match="no place for the table"):
        write_rows(page, DEVICES, [])


def test_rows_of_other_devices_stay_in_the_table_and_are_counted(tmp_path: Path) -> None:
    page = tmp_path / "zoo.md"
    page.write_text("<!-- matrix: begin -->\n<!-- matrix: end -->\n")
    write_rows(page, DEVICES, [row(SOMETIMES, dict.fromkeys(range(5), RIGHT))])
    write_rows(page, DEVICES, [row(TWICE, {0: PASS}, UNSURE)])
    told = page.read_text()
    assert told.index("| sends-twice |") < told.index("| sometimes-twice |")
    assert "Of 2 bad devices 1 caught" in told
    assert "1 missed" in told
    write_rows(page, DEVICES, [row(TWICE, {0: RIGHT})])
    assert "Of 2 bad devices 2 caught" in page.read_text()


def test_a_row_of_what_the_catalogue_no_longer_says_goes(tmp_path: Path) -> None:
    page = tmp_path / "zoo.md"
    page.write_text("<!-- matrix: begin -->\n<!-- matrix: end -->\n")
    write_rows(page, DEVICES, [row(TWICE, {0: RIGHT})])
    write_rows(page, [replace(TWICE, classes=("V26", "V01"))], [])
    assert "sends-twice" not in page.read_text()


def test_a_device_is_laid_over_the_rig(tmp_path: Path) -> None:
    rig = ROOT / "rigs" / "virtual.yaml"
    follows = next(device for device in DEVICES if device.name == "keeps-listening")
    bad = rig_for(rig, follows, False, 3, tmp_path)
    assert bad.limits.follow_up_s == 8.0
    assert bad.device.firmware == "zoo.keeps_listening"
    assert bad.device.command[-4:] == ("--firmware", "zoo.keeps_listening", "--seed", "3")
    assert rig_for(rig, follows, True, 3, tmp_path).device.firmware == "verified"


def test_each_play_on_simulated_time_is_another(tmp_path: Path) -> None:
    rig = ROOT / "rigs" / "simulated.yaml"
    seeds = []
    for number in range(3):
        file = rig_for(rig, TWICE, False, number, tmp_path)
        assert file.simulated is not None
        seeds.append(file.simulated.seed)
    assert len(set(seeds)) == 3


def test_what_a_rig_cannot_hold_is_inconclusive(tmp_path: Path) -> None:
    plays = RigPlays(tmp_path / "nothing.yaml", None, lambda _: None)
    played = plays(TWICE, False, 0)
    assert played.verdict is Verdict.INCONCLUSIVE
    assert "nothing.yaml" in played.why


def test_names_are_looked_up() -> None:
    assert chosen(DEVICES, None) == DEVICES
    assert chosen(DEVICES, ["sends-twice"]) == [TWICE]
    with pytest.raises(UserError, match="did you mean `sends-twice`"):
        chosen(DEVICES, ["send-twice"])


# --- the matrix as Allure results -----------------------------------------------------------------


def _results(folder: Path) -> dict[str, dict[str, Any]]:
    read = [json.loads(path.read_text()) for path in folder.glob("*-result.json")]
    return {each["fullName"]: each for each in read}


def test_only_a_device_that_was_caught_and_whose_twin_is_clean_is_green(tmp_path: Path) -> None:
    caught = row(TWICE, {0: RIGHT})
    cases = {
        "passed": caught,
        "failed": row(TWICE, {0: PASS}),
        "broken": row(TWICE, {0: RIGHT}, UNSURE),
        "skipped": Row(TWICE, (UNSEEN,), UNSEEN),
    }
    for status, made in cases.items():
        write_matrix(tmp_path / status, [made], 1.0)
        told = _results(tmp_path / status)
        assert told["zoo/sends-twice"]["status"] == status
        assert told["zoo"]["status"] == status
        assert "sends-twice" in told["zoo"]["description"]
        of_twin = told["zoo/sends-twice"]["steps"][-1]["status"]
        assert of_twin == (status if status in ("broken", "skipped") else "passed")


def test_the_whole_is_as_bad_as_the_worst_and_nothing_is_no_pass(tmp_path: Path) -> None:
    fine = row(TWICE, {0: RIGHT})
    missed = row(DEVICES[0], dict.fromkeys(range(5), PASS))
    write_matrix(tmp_path / "two", [fine, missed], 1.0)
    assert _results(tmp_path / "two")["zoo"]["status"] == "failed"
    write_matrix(tmp_path / "one", [fine, Row(TWICE, (UNSEEN,), UNSEEN)], 1.0)
    assert _results(tmp_path / "one")["zoo"]["status"] == "passed"
    write_matrix(tmp_path / "none", [], 1.0)
    assert _results(tmp_path / "none")["zoo"]["status"] == "broken"


def test_the_page_of_a_kept_play_is_attached(tmp_path: Path) -> None:
    kept = tmp_path / "run"
    kept.mkdir()
    (kept / "page.html").write_text("<p>told</p>")
    made = row(TWICE, {0: RIGHT})
    made = replace(made, plays=(replace(made.plays[0], evidence=kept),))
    write_matrix(tmp_path / "results", [made], 1.0)
    step = _results(tmp_path / "results")["zoo/sends-twice"]["steps"][0]
    (attached,) = step["attachments"]
    assert (tmp_path / "results" / attached["source"]).read_text() == "<p>told</p>"
