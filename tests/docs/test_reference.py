"""The reference pages say what the code says."""

from typing import Annotated

from pydantic import BaseModel, Field

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
