"""Own, foreign and unknown over time, as one picture (SVG)."""

from collections.abc import Sequence
from datetime import UTC, datetime
from html import escape

from harness.account.recordings.check import Checked, ExportChecked
from harness.model.account import Whose

_WIDTH, _LEFT, _ROW, _TOP, _BINS = 960, 110, 46, 40, 120
_COLOURS = {
    Whose.OURS: "#2f7d4f",
    Whose.FOREIGN: "#c2302b",
    Whose.UNKNOWN: "#a07c1a",
    Whose.UNREADABLE: "#666666",
}
_DAY_S = 86_400.0


def export_picture(checked: ExportChecked) -> str:
    """A row for each kind; a bar's height is how many were recorded then.

    Those without a time stand in a bar of their own at the right.
    """
    timed = [item for item in checked.items if item.recorded]
    times = [item.recorded.unix_s for item in timed if item.recorded]
    first, last = (min(times), max(times)) if times else (0.0, 0.0)
    rows = [
        _row(whose, place, checked.items, first, max(last - first, 1.0))
        for place, whose in enumerate(Whose)
    ]
    height = _TOP + _ROW * len(rows) + 34
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="13">'
        f'<rect width="{_WIDTH}" height="{height}" fill="#ffffff"/>'
        f'<text x="10" y="22">{len(checked.items)} recordings of the export by time (UTC)</text>'
        f"{''.join(rows)}{_axis(first, last, bool(times), height)}</svg>\n"
    )


def _row(whose: Whose, place: int, items: Sequence[Checked], first: float, span_s: float) -> str:
    mine = [item for item in items if item.whose is whose]
    counts = [0] * (_BINS + 2)
    for item in mine:
        counts[_bin(item, first, span_s)] += 1
    base, most = _TOP + _ROW * (place + 1) - 8, max(1, *counts)
    bars = "".join(
        f'<rect x="{_x(at):.1f}" y="{base - height:.1f}" width="{_x(1) - _x(0) - 1:.1f}" '
        f'height="{height:.1f}" fill="{_COLOURS[whose]}"/>'
        for at, count in enumerate(counts)
        if count and (height := 4 + 28 * count / most)
    )
    label = escape(f"{whose.value} {len(mine)}")
    line = f'<line x1="{_LEFT}" x2="{_WIDTH - 10}" y1="{base}" y2="{base}" stroke="#bbbbbb"/>'
    return f'<text x="10" y="{base - 6}" fill="{_COLOURS[whose]}">{label}</text>{line}{bars}'


def _bin(item: Checked, first: float, span_s: float) -> int:
    if item.recorded is None:
        return _BINS + 1
    return min(_BINS - 1, int((item.recorded.unix_s - first) / span_s * _BINS))


def _x(at: int) -> float:
    return _LEFT + at * (_WIDTH - 10 - _LEFT) / (_BINS + 2)


def _axis(first: float, last: float, timed: bool, height: int) -> str:
    if not timed:
        return f'<text x="{_LEFT}" y="{height - 12}">no recording tells its time</text>'
    form = "%Y-%m-%d" if last - first > 3 * _DAY_S else "%Y-%m-%d %H:%M"
    start, end = (datetime.fromtimestamp(at, UTC).strftime(form) for at in (first, last))
    return (
        f'<text x="{_LEFT}" y="{height - 12}">{start}</text>'
        f'<text x="{_x(_BINS):.0f}" y="{height - 12}" text-anchor="end">{end}</text>'
        f'<text x="{_WIDTH - 8}" y="{_TOP - 4}" text-anchor="end">no time</text>'
    )
