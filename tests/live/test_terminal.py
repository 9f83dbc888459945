"""The terminal says what the page says."""

import io
from pathlib import Path

from rich.console import Console

from harness.live.state import Watched
from harness.live.terminal import spark, view
from tests.live.facts import began, capture, ending, ruling, scene
from tests.live.test_frames import read_whole


def shown(made: Watched | None, link: dict[str, object], lines: int = 60) -> str:
    sections = {"link": link, **({} if made is None else made.sections())}
    into = io.StringIO()
    Console(file=into, width=110, height=lines, force_terminal=False).print(view(sections, lines))
    return into.getvalue()


ON = {"on": True, "any": True, "silent_s": 0}


def watched() -> Watched:
    made = Watched(began(Path("network.pcapng")))
    for fact in scene(until_yes=False):
        made.take(fact)
    for frame in read_whole(capture()):
        made.packet(frame)
    return made


def test_before_a_play_it_says_that_it_waits() -> None:
    assert "as soon as one begins" in shown(None, {"on": False, "any": False, "silent_s": 0})


def test_all_facts_are_there() -> None:
    made = watched()
    text = shown(made, ON)
    for words in (
        "portland/kitchen  In the kitchen",
        "left: 0:",
        "listener",
        "Dana → device: The key is under the mat.",
        "device: Send this to Thomas Reed?",
        "● Read-back (seen 0:06)",
        "· Yes (not yet)",
        "voice.example:443",
        "4.2 kB sent",
        "opening: device answers: held. asked 1 time",
        "light: listening",
    ):
        assert words in text, f"{words!r} is not in\n{text}"
    for fact in (*ending(), *ruling()):
        made.take(fact)
    text = shown(made, {"on": False, "any": True, "silent_s": 0})
    assert "FAIL  A message left without a yes." in text and "✗ Yes (broken 0:06)" in text
    assert "it is over" in text and "\x1b" not in text


def test_it_fits_its_window() -> None:
    made = watched()
    for fact in ending():
        made.take(fact)
    assert len(shown(made, ON, 30).splitlines()) <= 36


def test_a_row_of_blocks_shows_the_newest_and_never_hides_a_byte() -> None:
    assert spark([0, 1, 1000]) == " ▁█" and spark([]) == "" and spark([0, 0]) == "  "
    assert len(spark(list(range(100)))) == 30
