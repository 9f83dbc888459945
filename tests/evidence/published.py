"""Whether an evidence folder keeps to the published schemas: for every test that writes one."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from harness.evidence import verify
from harness.evidence.schemas import DOCS


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
    for number, line in enumerate(lines):
        _check("timeline", json.loads(line), "event" if number else "header")
    for name in ("case", "controls", "ruling", "manifest"):
        file = folder / f"{name}.json"
        if file.exists():
            _check(name, json.loads(file.read_text(encoding="utf-8")))


def sealed_folders(root: Path) -> list[Path]:
    """Evidence folders under `root` that are as they were sealed."""
    return [m.parent for m in root.rglob("manifest.json") if not verify(m.parent)]


def _check(name: str, content: Any, part: str | None = None) -> None:
    found = sorted(validator(name, part).iter_errors(content), key=str)
    assert not found, f"{name}: {found[0].message} at {found[0].json_path}"
