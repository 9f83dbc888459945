"""Small words: times, sizes, counts and lists, written the same way everywhere."""

from collections import Counter
from collections.abc import Sequence


def clock_time(seconds: float) -> str:
    """Seconds as `m:ss.s`, such as `0:04.5`, from an hour on as `h:mm:ss.s`.

    There is a minus sign before the scene's start.
    """
    tenths = round(seconds * 10)
    sign = "-" if tenths < 0 else ""
    minutes, rest = divmod(abs(tenths), 600)
    before = f"{minutes // 60}:{minutes % 60:02d}" if minutes >= 60 else f"{minutes}"
    return f"{sign}{before}:{rest // 10:02d}.{rest % 10}"


def span(seconds: float) -> str:
    """A length of time in words: `28 s`, `0.4 s`, `2 min 5 s`."""
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if rest else f"{minutes} min"


def size(count_bytes: float) -> str:
    """A number of bytes as people write it: `812 B`, `3.2 kB`, `212 kB`, `1.4 MB`."""
    if count_bytes < 1000:
        return f"{count_bytes:.0f} B"
    for unit, scale in (("kB", 1e3), ("MB", 1e6)):
        value = count_bytes / scale
        if value < 9.95:
            return f"{value:.1f} {unit}"
        if value < 999.5 or unit == "MB":
            return f"{value:.0f} {unit}"
    raise AssertionError("unreachable: megabytes take every number")


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 message`, `2 messages`, `no message`."""
    if number == 0:
        return f"no {one}"
    return f"{number} {one if number == 1 else many or one + 's'}"


def listing(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`; repeated items are counted: `a (2)`."""
    named = [item if n == 1 else f"{item} ({n})" for item, n in Counter(items).items()]
    if len(named) < 2:
        return "".join(named)
    return f"{', '.join(named[:-1])} and {named[-1]}"


def quoted(text: str) -> str:
    """The text in double quotes."""
    return f'"{text}"'


def shortened(text: str, width: int) -> str:
    """The text in at most `width` characters, cut between words and ended with `...`."""
    if len(text) <= width:
        return text
    room = max(1, width - 4)
    cut = text[: room + 1].rsplit(" ", 1)[0] if " " in text[: room + 1] else text[:room]
    return cut.rstrip(" ,.;:") + " ..."


def sentence(text: str) -> str:
    """The text with a capital first letter and a full stop."""
    text = text.strip()
    if not text:
        return text
    text = text[0].upper() + text[1:]
    return text if text[-1] in ".!?:" else text + "."
