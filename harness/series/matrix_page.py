"""The kill matrix as a table in a page, which can be brought up to date device by device.

Flows in: rows, a page with a place for the table. Flows out: the page.
"""

from collections.abc import Sequence
from pathlib import Path

from harness.errors import UserError
from harness.scene.loader import scene_id
from harness.series.matrix import Fate, Row, counted
from harness.series.zoo import BadDevice

_BEGIN, _END = "<!-- matrix: begin -->", "<!-- matrix: end -->"
_HEAD = (
    "| device | what it does | scene | must name | named | device | twin |",
    "|---|---|---|---|---|---|---|",
)


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, and under it how many came to what."""
    return _table([_line(row) for row in rows])


def write_rows(page: Path, devices: Sequence[BadDevice], rows: Sequence[Row]) -> None:
    """Put rows into the page's table, between its marks, in the order of the catalogue `devices`.

    A device without a row keeps the line that the page has of it, if the catalogue still says the
    same of it; lines of devices that are no more go. `UserError` where the page has no place for
    the table.
    """
    text = page.read_text(encoding="utf-8")
    head, begin, rest = text.partition(_BEGIN)
    old, end, tail = rest.partition(_END)
    if not begin or not end:
        raise UserError(f"{page} has no place for the table: put `{_BEGIN}` and `{_END}` there")
    new = {row.device.name: _line(row) for row in rows}
    found = (new.get(device.name) or _kept(old, device) for device in devices)
    lines = [line for line in found if line]
    page.write_text(f"{head}{_BEGIN}\n{_table(lines)}\n{_END}{tail}", encoding="utf-8")


def _kept(table: str, device: BadDevice) -> str:
    """The line that a table has of a device as the catalogue says it now; empty without one."""
    lines = table.splitlines()
    return next((line for line in lines if line.startswith(_described(device))), "")


def _line(row: Row) -> str:
    told = f"{' '.join(row.named)} | {row.fate.value} | {row.twin_fate.value}"
    return f"{_described(row.device)} {told} |"


def _described(device: BadDevice) -> str:
    """The cells that the catalogue says."""
    told = (device.name, device.says, scene_id(device.scene), " ".join(device.classes))
    return f"| {' | '.join(told)} |"


def _table(lines: Sequence[str]) -> str:
    cells = [line.strip("|").split("|") for line in lines]
    bad, twins = ([Fate(each[n].strip()) for each in cells] for n in (-2, -1))
    return "\n".join([*_HEAD, *lines, "", counted(bad, twins)])
