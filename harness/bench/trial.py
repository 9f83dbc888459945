"""What came of trying a part of a bench out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """`works`: whether it does as it should. `told`: what was measured or went wrong, in words."""

    works: bool
    told: tuple[str, ...]
