"""A map of the house from the code: each room, its idea, and the rooms that it imports from."""

import ast
from collections.abc import Iterator
from pathlib import Path

_ROOT = "harness"


def house(home: Path) -> str:
    """A table of the packages below `home`/harness, in Markdown."""
    rows = ["| room | modules import from | idea |", "|---|---|---|"]
    for package in _packages(home / _ROOT):
        name = package.relative_to(home).as_posix()
        below = list(package.glob("*.py"))
        known = sorted({room for file in below for room in _rooms(file)} - {package.name})
        idea = _first_sentence(package / "__init__.py")
        rows.append(f"| `{name}/` | {', '.join(known) or '-'} | {idea} |")
    return "\n".join(rows) + "\n"


def _packages(root: Path) -> Iterator[Path]:
    yield from sorted(path.parent for path in root.rglob("__init__.py"))


def _rooms(file: Path) -> Iterator[str]:
    """The rooms on the first floor that a file imports from."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        names += [each.name for each in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            root, _, rest = name.partition(".")
            if root == _ROOT and rest:
                yield rest.partition(".")[0]


def _first_sentence(file: Path) -> str:
    """Of the module's docstring, on one line."""
    told = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    paragraph = " ".join(told.partition("\n\n")[0].split())
    return paragraph.replace("|", "\\|")
