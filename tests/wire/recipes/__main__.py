"""Makes the captures of the recipes anew: see the package's docstring."""

import argparse
import sys
from pathlib import Path

from tests.wire.recipes.making import make
from tests.wire.recipes.stacks import RECIPES

CAPTURES = Path(__file__).parent / "captures"


def main() -> int:
    """Make those that are named, or all."""
    names = [recipe.name for recipe in RECIPES]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names)}")
    parser.add_argument("--into", type=Path, default=CAPTURES, help="another folder")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(names):
        parser.error(f"no such recipe: {', '.join(sorted(unknown))}; there are {', '.join(names)}")
    for recipe in RECIPES:
        if chosen.names and recipe.name not in chosen.names:
            continue
        if not recipe.can_be_made:
            print(f"{recipe.name}: {recipe.program} or dumpcap is not installed", file=sys.stderr)
            return 2
        make(recipe, chosen.into)
        size = (chosen.into / f"{recipe.name}.pcapng").stat().st_size
        print(f"{recipe.name}: {size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
