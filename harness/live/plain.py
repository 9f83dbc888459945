"""Text and numbers from elsewhere, made safe to show."""

_HIDDEN = "�"


def plain(text: object, most: int = 400) -> str:
    """The text on one line, without what would steer a terminal or turn writing around."""
    told = str(text)
    if not told.isprintable():
        told = "".join(c if c.isprintable() else " " if c.isspace() else _HIDDEN for c in told)
    return told if len(told) <= most else told[: most - 1] + "…"


def clock_time(seconds: float) -> str:
    """Seconds as `m:ss`, with a minus sign before the scene's start."""
    whole = round(abs(seconds))
    return f"{'-' if seconds < 0 and whole else ''}{whole // 60}:{whole % 60:02d}"


def size(count_bytes: float) -> str:
    """A number of bytes as people write it: `812 B`, `3.2 kB`, `1.4 MB`."""
    for unit, scale in (("MB", 1e6), ("kB", 1e3)):
        if count_bytes >= scale * 0.9995:
            value = count_bytes / scale
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    return f"{count_bytes:.0f} B"
