"""Mistakes on the command line are told before anything is opened."""

from pathlib import Path

import pytest

from harness.cli import main
from tests.rigs.corpus_clips import ROOT
from tests.series.background.sounds import talk, write

RIG = str(ROOT / "rigs" / "simulated.yaml")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["{in}", "--out", "{in}/out"], "would be played, too"),
        (["{in}/none", "--out", "{out}"], "is no folder"),
        (["{in}", "--out", "{out}", "--at", "ceiling"], "television"),
        (["{in}", "--out", "{out}", "--level-db", "-40"], "--level-db"),
    ],
)
def test_mistakes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    write(tmp_path / "in" / "a.wav", talk(2.0))
    places = {"in": tmp_path / "in", "out": tmp_path / "out"}
    filled = [argument.format_map(places) for argument in arguments]
    assert main(["background", RIG, *filled]) == 3
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_sound_alikes_are_listed_nearest_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tmp_path / "words.txt"
    words.write_text("banana\na Lexus\n")
    assert main(["sound-alikes", "Alexa", "--words", str(words), "--most", "3"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == 3 and "lexus" in listed[0]
    assert main(["sound-alikes", "Alexa", "--words", str(tmp_path / "none")]) == 3
    assert "give a text file" in capsys.readouterr().err
