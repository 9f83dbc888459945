"""What is said is found beside the sound, whatever the format."""

from pathlib import Path

import pytest

from harness.errors import UserError
from harness.series.background.transcripts import Word, transcript_of, words_of

GRID = """File type = "ooTextFile"
Object class = "TextGrid"
xmin = 0
xmax = 2
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "phones"
        intervals: size = 1
        intervals [1]:
            xmin = 0
            xmax = 2
            text = "HH"
    item [2]:
        class = "IntervalTier"
        name = "words"
        intervals: size = 2
        intervals [1]:
            xmin = 0.5
            xmax = 1.0
            text = "hello"
        intervals [2]:
            xmin = 1.0
            xmax = 2.0
            text = ""
"""
SRT = (
    "1\n00:00:01,000 --> 00:00:02,000\n<i>Hello</i> there\n\n"
    "2\n01:00:00,500 --> 01:00:01,000\nBye\n"
)
VTT = "WEBVTT\n\n00:01.000 --> 00:02.000 align:start\nHello there\n"
AMI = (
    '<root xmlns:nite="n"><w nite:id="1" starttime="1.0" endtime="1.4">hello</w>'
    '<w starttime="1.4" endtime="1.4" punc="true">.</w></root>'
)
CASES = {
    "a.TextGrid": (GRID, [Word("hello", 0.5, 1.0)]),
    "a.srt": (
        SRT,
        [Word("Hello", 1.0, 1.5), Word("there", 1.5, 2.0), Word("Bye", 3600.5, 3601.0)],
    ),
    "a.vtt": (VTT, [Word("Hello", 1.0, 1.5), Word("there", 1.5, 2.0)]),
    "a.A.words.xml": (AMI, [Word("hello", 1.0, 1.4)]),
    "x.trans.txt": ("b NO\na HELLO THERE\n", [Word("HELLO", 0.0, 2.0), Word("THERE", 2.0, 4.0)]),
    "a.txt": ("Hello\nthere.\n", [Word("Hello", 0.0, 2.0), Word("there.", 2.0, 4.0)]),
}


@pytest.mark.parametrize("name", CASES)
def test_words_have_times(tmp_path: Path, name: str) -> None:
    text, words = CASES[name]
    sound = tmp_path / ("a.Mix-Headset.wav" if name.endswith(".xml") else "a.wav")
    (tmp_path / name).write_text(text)
    (tmp_path / "b.srt").write_text("of another file")
    found = transcript_of(sound)
    assert [path.name for path in found] == [name]
    assert list(words_of(found, sound, 4.0)) == words


def test_no_transcript_is_none(tmp_path: Path) -> None:
    assert transcript_of(tmp_path / "a.wav") == ()


def test_one_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\nsoon --> later\nHello\n")
    with pytest.raises(UserError, match=r"a\.srt"):
        words_of(transcript_of(tmp_path / "a.wav"), tmp_path / "a.wav", 4.0)
