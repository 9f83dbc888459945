"""Publishes the form of the evidence: JSON Schemas in docs/schemas, the table in docs/timeline.md.

python -m harness.evidence.schemas --write

Everything is taken from the dataclasses in `harness.model`, by the shapes that the codec uses: a
new field or a new kind of event is in the schemas as soon as they are written again.
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.evidence import layout
from harness.forms import published
from harness.model import record
from harness.model.case import Case
from harness.model.declared import record_of, shape_of
from harness.model.ruling import Ruling
from harness.model.schema import DIALECT, field_texts, schema_of, summary
from harness.model.shape import Tagged
from harness.model.timeline import Control, Event

DOCS = Path(__file__).resolve().parents[2] / "docs"
_TIMELINE_PAGE = "timeline.md"
_TABLE = "events, written by `make docs`"
_BY_FORMAT = ("case", "controls", "manifest")


def texts(docs: Path = DOCS) -> dict[Path, str]:
    """Every published file and what it must hold."""
    made = {
        docs / "schemas" / f"{name}.schema.json": _text(name, schema)
        for name, schema in schemas().items()
    }
    page = docs / _TIMELINE_PAGE
    written = (page if page.is_file() else DOCS / _TIMELINE_PAGE).read_text(encoding="utf-8")
    return {**made, page: published.with_section(written, _TABLE, events_table())}


def schemas() -> dict[str, dict[str, Any]]:
    """The schemas by name; `timeline` is of one line, the others of a whole file."""
    return {
        "timeline": _timeline(),
        "case": _case(),
        "controls": _controls(),
        "ruling": _ruling(),
        "manifest": _manifest(),
    }


def events_table() -> str:
    """The kinds of event as a table in Markdown: fields in their order, and what they mean."""
    rows = ["| kind | fields | means |", "|---|---|---|"]
    for kind in _events().records.values():
        names = ", ".join(f"`{name}`" for name in kind.slots)
        about = summary(kind.kind)
        told = [f"`{n}`: {text}" for n, text in field_texts(kind).items() if text not in about]
        means = " ".join([about, "; ".join(told)]).strip()
        rows.append(f"| `{kind.kind.__name__}` | {names} | {means.replace('|', chr(92) + '|')} |")
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> int:
    """Check or rewrite the published form of the evidence; 0 when it is as the code says."""
    about = str(main.__doc__)
    return published.check_or_write("harness.evidence.schemas", about, texts(), arguments)


def _timeline() -> dict[str, Any]:
    definitions: dict[str, dict[str, Any]] = {}
    event = schema_of(_events(), definitions)
    header = _closed(
        "The first line: version of the form, and how many lines follow.",
        timeline={"const": record.VERSION},
        events={"type": "integer", "minimum": 0},
    )
    definitions = {"header": header, "event": event, **definitions}
    line = {"oneOf": [{"$ref": "#/$defs/header"}, {"$ref": "#/$defs/event"}]}
    about = (
        f"One line of {layout.TIMELINE}. The first is a header (#/$defs/header), every other one "
        "an event (#/$defs/event). Times are seconds on the run's one clock, 0 at the scene's "
        "start."
    )
    return {"description": about, **line, "$defs": definitions}


def _case() -> dict[str, Any]:
    definitions: dict[str, dict[str, Any]] = {}
    case = schema_of(shape_of(Case), definitions)
    versions = {"type": "object", "additionalProperties": {"type": "string"}}
    about = f"{layout.CASE}: what was to be played and on what; its events are in the timeline."
    version: dict[str, Any] = {"const": layout.FORMAT_VERSION}
    fields = {"format": version, "versions": versions, "case": case}
    return {**_closed(about, **fields), "required": ["format", "case"], "$defs": definitions}


def _controls() -> dict[str, Any]:
    definitions: dict[str, dict[str, Any]] = {}
    schema_of(Tagged({Control.__name__: record_of(Control)}), definitions)
    items = {"type": "array", "items": {"$ref": f"#/$defs/{Control.__name__}"}}
    about = f"{layout.CONTROLS}: the controls of the timeline once more, by themselves."
    closed = _closed(about, format={"const": layout.FORMAT_VERSION}, controls=items)
    return {**closed, "$defs": definitions}


def _ruling() -> dict[str, Any]:
    definitions: dict[str, dict[str, Any]] = {}
    schema_of(shape_of(Ruling), definitions)
    ruling = definitions.pop(Ruling.__name__)
    # The first release wrote no version, so it is not required.
    version = {record.RULING_VERSION_KEY: {"const": record.VERSION}}
    ruling["properties"] = {**version, **ruling["properties"]}
    about = f"{layout.RULING}: {ruling['description']}"
    return {**ruling, "description": about, "$defs": definitions}


def _manifest() -> dict[str, Any]:
    row = _closed(
        "A sealed file.",
        name={"type": "string", "pattern": f"^{layout.FILE_NAME}$"},
        bytes={"type": "integer", "minimum": 0},
        sha256={"type": "string", "pattern": f"^{layout.SHA256}$"},
    )
    about = f"{layout.MANIFEST}: every other file of the folder; written last."
    fields: dict[str, dict[str, Any]] = {
        "format": {"const": layout.FORMAT_VERSION},
        "run": {"type": "string", "description": "name of the folder when it was sealed"},
        "files": {"type": "array", "items": row},
    }
    return {**_closed(about, **fields), "required": ["format", "files"]}


def _closed(about: str, **properties: Mapping[str, Any]) -> dict[str, Any]:
    """An object with exactly these keys."""
    return {
        "description": about,
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _events() -> Tagged:
    shape = shape_of(Event)
    assert isinstance(shape, Tagged)
    return shape


def _text(name: str, schema: dict[str, Any]) -> str:
    version = layout.FORMAT_VERSION if name in _BY_FORMAT else record.VERSION
    head = {"$schema": DIALECT, "$id": f"urn:sayso:{name}:{version}", "title": f"Sayso {name}"}
    return json.dumps({**head, **schema}, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(main())
