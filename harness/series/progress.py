"""A line that says what is going on: rewritten on a terminal, one line each elsewhere."""

import re
from typing import TextIO

_COUNTDOWN = re.compile(r"\bwatching for \d+ s more$")


class ProgressLine:
    """Call it with what is going on; `clear` before anything else is printed."""

    def __init__(self, stream: TextIO, title: str) -> None:
        self._stream, self._title = stream, title
        self._terminal = stream.isatty()
        self._last = ""

    def __call__(self, what: str) -> None:
        """Show `what`, unless it is shown already."""
        shown = what if self._terminal else _COUNTDOWN.sub("watching what happens", what)
        if shown == self._last:
            return
        self._last = shown
        text = f"{self._title}: {shown}"
        if self._terminal:
            self._stream.write(f"\r\x1b[2K{text[:110]}")
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._terminal and self._last:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()
        self._last = ""
