"""One line on a terminal, rewritten; elsewhere a line for each step."""

import io

from harness.series.progress import ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_each_step_is_a_line_and_countdowns_are_one() -> None:
    out = io.StringIO()
    say = ProgressLine(out, "portland/kitchen")
    for what in ("opening controls", "watching for 20 s more", "watching for 19 s more", "ruling"):
        say(what)
    say.clear()
    assert out.getvalue().splitlines() == [
        "portland/kitchen: opening controls",
        "portland/kitchen: watching what happens",
        "portland/kitchen: ruling",
    ]


def test_a_terminal_shows_the_last_step_and_is_left_clean() -> None:
    out = Terminal()
    say = ProgressLine(out, "x")
    say("Mark: " + "word " * 40)
    assert len(out.getvalue().split("\x1b[2K")[-1]) == 110
    say.clear()
    written = out.getvalue()
    assert written.endswith("\r\x1b[2K") and "\n" not in written
    say.clear()
    assert out.getvalue() == written
