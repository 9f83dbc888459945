"""What an export came to, in words and as JSON: of a stranger's recording no more than a hash."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from harness.account.recordings.check import Checked, ExportChecked
from harness.model.account import Whose

_MOST = 40
_TOLD = (
    (Whose.FOREIGN, "Foreign"),
    (Whose.UNKNOWN, "Unknown"),
    (Whose.UNREADABLE, "Cannot be read"),
)
_CODES = {
    0: "Every recording is ours, and nothing is missing.",
    1: "The export holds recordings that are not this account's.",
    2: "Nothing is proven: not everything could be told, or not everything is there.",
}


def export_text(checked: ExportChecked) -> str:
    """For a person, at a terminal."""
    return "\n".join(_lines(checked)) + "\n"


def export_json(checked: ExportChecked) -> dict[str, Any]:
    """The same for programs, whole."""
    return {
        "format": 1,
        "exit_code": checked.exit_code,
        "counts": {whose.value: checked.count(whose) for whose in Whose},
        "items": [_row(item) for item in checked.items],
        "refused": [asdict(one) for one in checked.refused],
        "remarks": [asdict(one) for one in checked.remarks],
        "missing": [asdict(one) for one in checked.missing],
        "gaps": [asdict(one) for one in checked.gaps],
    }


def _row(item: Checked) -> dict[str, Any]:
    return {**asdict(item), "whose": item.whose.value}


def _lines(checked: ExportChecked) -> Iterator[str]:
    yield _CODES[checked.exit_code]
    counts = ", ".join(f"{checked.count(whose)} {whose}" for whose in Whose)
    yield f"{len(checked.items)} recordings: {counts}"
    for whose, head in _TOLD:
        told = [_said(item) for item in checked.items if item.whose is whose]
        yield from _listed(head, told)
    yield from _listed("Not whole", [f"{one.name}: {one.why}" for one in checked.refused])
    missing = [f"{m.run}, {m.from_s:.1f} to {m.until_s:.1f} s" for m in checked.missing]
    yield from _listed("Sent, and in no recording of the export", missing)
    yield from _listed("Gaps of the log", [gap.why for gap in checked.gaps])
    yield from _listed("Odd, and no harm", [f"{one.name}: {one.why}" for one in checked.remarks])


def _listed(head: str, lines: list[str]) -> Iterator[str]:
    if not lines:
        return
    yield f"\n{head}:"
    yield from (f"  {line}" for line in lines[:_MOST])
    if len(lines) > _MOST:
        yield f"  and {len(lines) - _MOST} more, in export.json"


def _said(item: Checked) -> str:
    parts = [f"recording {item.number}"]
    if item.sha256:
        parts.append(f"SHA-256 {item.sha256[:16]}...")
    if item.seconds is not None:
        parts.append(f"{item.seconds:.1f} s")
    if item.recorded:
        at = datetime.fromtimestamp(item.recorded.unix_s, UTC)
        parts.append(f"{at:%Y-%m-%d %H:%M} UTC" + _give_or_take(item.recorded.unsure_s))
    return f"{', '.join(parts)}: {item.why}"


def _give_or_take(unsure_s: float) -> str:
    return f" +- {unsure_s / 3600:.0f} h" if unsure_s >= 3600 else ""
