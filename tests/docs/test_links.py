"""Links of README and docs lead somewhere: to files that are there, and headings that they have."""

import re
from functools import cache
from pathlib import Path

import pytest

import harness

ROOT = Path(harness.__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)


@cache
def text_of(page: Path) -> str:
    """A page without its blocks of code."""
    return _FENCE.sub("", page.read_text(encoding="utf-8"))


@cache
def anchors(page: Path) -> frozenset[str]:
    """What GitHub calls the headings of a page."""
    found = (re.sub(r"[^\w\- ]", "", h.strip().lower()) for h in _HEADING.findall(text_of(page)))
    return frozenset(heading.replace(" ", "-") for heading in found)


def broken(page: Path) -> list[str]:
    """The links of a page that lead nowhere; those to other sites are not followed."""
    wrong = []
    for link in _LINK.findall(text_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_link_leads_nowhere(page: Path) -> None:
    assert broken(page) == []


def test_every_page_can_be_found_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    linked = {(index.parent / link.partition("#")[0]).resolve()
              for link in _LINK.findall(text_of(index))}  # fmt: skip
    alone = [p.name for p in (ROOT / "docs").glob("*.md") if p.resolve() not in linked]
    assert alone == ["README.md"]


def test_a_link_to_nowhere_is_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# One thing\n[a](#one-thing) [b](#other) [c](none.md) [d](https://x.test)\n")
    assert broken(page) == ["#other", "none.md"]
