"""Publishes the forms of scene and rig files as JSON Schemas, so that editors can help.

python -m harness.scene.schema --write
"""

import json
import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pydantic import BaseModel

from harness.forms import published

SCHEMAS = {
    # By name, so that scenes do not depend on rigs.
    "scene.schema.json": "harness.scene.scene_schema:SceneText",
    "rig.schema.json": "harness.bench.rig_schema:RigText",
    "lesson.schema.json": "harness.scene.lesson:LessonText",
}
SCHEMA_FOLDER = Path(__file__).resolve().parents[2] / "docs" / "schemas"


def rendered(model: type[BaseModel]) -> str:
    """The JSON Schema (draft 2020-12) of a model, as the text of its published file."""
    schema: dict[str, Any] = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= model.model_json_schema()
    if "extends" in model.model_fields:
        # What a file leaves out may stand in the one it extends; the loader knows, no editor can.
        for part in (schema, *schema["$defs"].values()):
            part.pop("required", None)
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def stale(folder: Path = SCHEMA_FOLDER, write: bool = False) -> list[str]:
    """Names of the published schemas that differ from the models; rewritten where `write`."""
    return published.stale(_texts(folder), write=write)


def main(arguments: list[str] | None = None) -> int:
    """Check or rewrite the published schemas; 0 when they are as the models say."""
    about, texts = str(main.__doc__), _texts(SCHEMA_FOLDER)
    return published.check_or_write("harness.scene.schema", about, texts, arguments)


def _texts(folder: Path) -> dict[Path, str]:
    return {folder / name: rendered(resolve_name(model)) for name, model in SCHEMAS.items()}


if __name__ == "__main__":
    sys.exit(main())
