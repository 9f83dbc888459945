"""Publishes the forms of scene and rig files as JSON Schemas, so that editors can help.

python -m harness.scene.schema --write
"""

import argparse
import json
import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from pydantic import BaseModel

SCHEMAS = {
    # By name, so that scenes do not depend on rigs.
    "scene.schema.json": "harness.scene.scene_schema:SceneText",
    "rig.schema.json": "harness.bench.rig_schema:RigText",
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
    differing = []
    for name, model in SCHEMAS.items():
        file, text = folder / name, rendered(resolve_name(model))
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        differing.append(name)
        if write:
            folder.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return differing


def main(arguments: list[str] | None = None) -> int:
    """Check or rewrite the published schemas; 0 when they are as the models say."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.scene.schema", description=main.__doc__
    )
    parser.add_argument("--write", action="store_true", help="rewrite docs/schemas/")
    options = parser.parse_args(arguments)
    differing = stale(write=options.write)
    for name in differing:
        print(f"{name}: {'written' if options.write else 'stale; run with --write'}")
    return 1 if differing and not options.write else 0


if __name__ == "__main__":
    sys.exit(main())
