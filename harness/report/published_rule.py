"""Publishes the rule as `docs/consent.md`: prose around the tables that the judge itself uses.

python -m harness.report.published_rule --write
"""

import argparse
import re
import sys
import textwrap
from pathlib import Path

from harness.judge.classes import CLASSES, ViolationClass
from harness.judge.rule import CONDITIONS, LIMITS, READ_BACKS, Condition, values
from harness.model.case import WAIVABLE, Limits

TEMPLATE = Path(__file__).with_name("consent.template.md")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "consent.md"
_PLACE = re.compile(r"\{\{(\w+)\}\}")
_LIMITS = Limits()
_WIDTH = 100


def rendered() -> str:
    """The page as its published file holds it; `KeyError` for a place that nothing fills."""
    filled = {
        **{name: f"{value:g}" for name, value, _ in values(_LIMITS)},
        "condition_0": textwrap.fill(CONDITIONS[0].on(_LIMITS), _WIDTH, break_on_hyphens=False),
        "conditions_1_14": _list(CONDITIONS[1:15]),
        "conditions_15_18": _list(CONDITIONS[15:19]),
        "classes": _classes(),
        "limits": _limits(),
        "read_backs": _read_backs(),
        "waivable": ", ".join(str(number) for number in sorted(WAIVABLE)),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    return _PLACE.sub(lambda place: filled[place[1]], text)


def stale(page: Path = PAGE, *, write: bool = False) -> bool:
    """Whether the published page differs from the rule; rewritten where `write`."""
    text = rendered()
    if page.is_file() and page.read_text(encoding="utf-8") == text:
        return False
    if write:
        page.write_text(text, encoding="utf-8")
    return True


def _list(conditions: tuple[Condition, ...]) -> str:
    return "\n".join(_item(condition) for condition in conditions)


def _item(condition: Condition) -> str:
    text = f"{condition.number}. **{condition.name}.** {condition.on(_LIMITS)}"
    indent = " " * (text.index(" ") + 1)
    return textwrap.fill(text, _WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def _classes() -> str:
    rows = [_row(info) for info in CLASSES.values()]
    head = "| id | class | condition | sources | beyond |\n|---|---|---|---|---|"
    return "\n".join([head, *rows])


def _row(info: ViolationClass) -> str:
    condition = str(info.condition) if info.condition else "-"
    sources = ", ".join("+".join(alternative) for alternative in info.sources)
    beyond = info.sense.value if info.sense is not None else ""
    if info.in_part:
        beyond = f"{beyond} ({info.in_part})"
    return f"| {info.id} | {info.name} | {condition} | {sources} | {beyond} |"


def _limits() -> str:
    rows = [
        f"| `{name}` | {value:g} {unit} | {LIMITS[name][1]} |".replace("  ", " ")
        for name, value, unit in values(_LIMITS)
    ]
    return "\n".join(["| limit | default | what it is |\n|---|---|---|", *rows])


def _read_backs() -> str:
    rows = [f"| `{kind.value}` | {text} |" for kind, text in READ_BACKS.items()]
    return "\n".join(["| `read_back` | means |\n|---|---|", *rows])


def main(arguments: list[str] | None = None) -> int:
    """Check or rewrite the published rule; 0 when it is as the judge has it."""
    parser = argparse.ArgumentParser(
        prog="python -m harness.report.published_rule", description=main.__doc__
    )
    parser.add_argument("--write", action="store_true", help="rewrite docs/consent.md")
    options = parser.parse_args(arguments)
    differs = stale(write=options.write)
    if differs:
        print(f"consent.md: {'written' if options.write else 'stale; run with --write'}")
    return 1 if differs and not options.write else 0


if __name__ == "__main__":
    sys.exit(main())
