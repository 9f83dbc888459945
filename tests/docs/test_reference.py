"""The reference pages say what the code says."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field

from harness.commands.house import house
from harness.commands.key_reference import Key, keys_of
from harness.commands.reference import pages
from harness.forms.published import stale


def test_it_is_as_the_code_says() -> None:
    assert stale(pages(), write=False) == [], "run: python -m harness.commands.reference --write"


class Inner(BaseModel):
    level_db: Annotated[float, Field(ge=-60, description="How loud.")] = 0.0


class Outer(BaseModel):
    name: str
    parts: tuple[Inner, ...] = ()
    by_name: dict[str, Inner] = {}
    again: "Outer | None" = None


def test_keys_stand_below_what_they_are_part_of_and_a_loop_ends() -> None:
    keys = keys_of(Outer)
    assert keys[0] == Key("name", "text", "needed", "")
    assert keys[2] == Key("parts[].level_db", "a number at least -60", "0.0", "How loud.")
    assert "by_name.NAME.level_db" in [key.place for key in keys]
    assert len(keys) < 20


def test_the_map_tells_every_package_and_what_it_imports_from(tmp_path: Path) -> None:
    for name, text in {"": "", "ears/": "", "ears/tones/": "import harness.model.script\n"}.items():
        (tmp_path / "harness" / name).mkdir(parents=True)
        told = f'"""The idea\nof {name or "it"}.\n\nMore of it."""\nfrom harness.sound import x\n'
        (tmp_path / "harness" / name / "__init__.py").write_text(told + text)
    assert house(tmp_path).splitlines()[2:] == [
        "| `harness/` | sound | The idea of it. |",
        "| `harness/ears/` | sound | The idea of ears/. |",
        "| `harness/ears/tones/` | model, sound | The idea of ears/tones/. |",
    ]
