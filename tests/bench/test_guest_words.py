"""How a guest ended, and what it printed: told in words that are safe to read."""

import signal
from pathlib import Path

import pytest

from harness.bench.drivers.guests import ending, last_lines


@pytest.mark.parametrize(
    ("code", "told"),
    [(0, "exit code 0"), (127, "exit code 127"), (-signal.SIGSEGV, "signal SIGSEGV")],
)
def test_how_it_ended(code: int, told: str) -> None:
    assert ending(code) == told


def test_a_signal_without_a_name_is_told_by_its_number() -> None:
    assert ending(-40) == "signal 40"


def test_what_is_no_text_does_not_reach_the_terminal(tmp_path: Path) -> None:
    """A device that clears the screen and writes a pass of its own in green."""
    log = tmp_path / "device.log"
    log.write_bytes(
        b"one\n\x1b[2J\x1b[1;32mPASS\x1b[0m\x07\n\xff\xfe\x00}}{\n" + b"x" * 5000 + b"\n"
    )
    told = last_lines(log)
    assert all(character.isprintable() or character == "\n" for character in told)
    assert told.startswith("one\n\N{REPLACEMENT CHARACTER}[2J") and len(told) < 400
    assert last_lines(tmp_path / "none") == "(no log)"
