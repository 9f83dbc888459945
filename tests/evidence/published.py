"""Whether an evidence folder keeps to the published schemas: for every test that writes one."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from harness.evidence import verify
from harness.evidence.schemas import DOCS

_MOST = 100


@cache
def validator(name: str, part: str | None = None) -> Draft202012Validator:
    """The validator of a published schema, or of one of its definitions."""
    schema = json.loads((DOCS / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))
    if part is not None:
        schema = {"$ref": f"#/$defs/{part}", "$defs": schema["$defs"]}
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def assert_as_published(folder: Path) -> None:
    """Every file of a sealed folder that has a schema keeps to it."""
    timeline = folder / "timeline.jsonl"
    lines = timeline.read_text(encoding="utf-8").split("\n")[:-1] if timeline.exists() else []
    if lines:
        _check("timeline", json.loads(lines[0]), "header")
    for event in _some_of_each_kind(json.loads(line) for line in lines[1:]):
        _check("timeline", event, "event")
    for name in ("case", "controls", "ruling", "manifest"):
        file = folder / f"{name}.json"
        if file.exists():
            _check(name, json.loads(file.read_text(encoding="utf-8")))


def _some_of_each_kind(events: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Events with the same keys are alike: of a day of them `_MOST` are enough."""
    seen = Counter[tuple[str, ...]]()
    for event in events:
        kind = (str(event.get("kind", event.get("event"))), *sorted(event))
        seen[kind] += 1
        if seen[kind] <= _MOST:
            yield event


def sealed_folders(root: Path) -> list[Path]:
    """Evidence folders under `root` that are as they were sealed."""
    return [m.parent for m in root.rglob("manifest.json") if not verify(m.parent)]


def _check(name: str, content: Any, part: str | None = None) -> None:
    found = sorted(validator(name, part).iter_errors(content), key=str)
    assert not found, f"{name}: {found[0].message} at {found[0].json_path}"
