"""Files in docs/ that are made from the code: told when they differ, rewritten when asked."""

import argparse
from collections.abc import Mapping
from pathlib import Path


def stale(texts: Mapping[Path, str], *, write: bool) -> list[str]:
    """Names of the files that do not hold their text; rewritten where `write`."""
    differing = []
    for file, text in texts.items():
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        differing.append(file.name)
        if write:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    return differing


def check_or_write(
    module: str, about: str, texts: Mapping[Path, str], arguments: list[str] | None = None
) -> int:
    """The command `python -m MODULE [--write]`; 0 when the files are as the code says."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}", description=about)
    parser.add_argument("--write", action="store_true", help="rewrite them")
    options = parser.parse_args(arguments)
    differing = stale(texts, write=options.write)
    for name in differing:
        print(f"{name}: {'written' if options.write else 'stale; run with --write'}")
    return 1 if differing and not options.write else 0


def with_section(text: str, name: str, section: str) -> str:
    """`text` with what stands between `<!-- NAME -->` and `<!-- end NAME -->` replaced.

    Raises `ValueError` where the text lacks either mark.
    """
    begin, end = f"<!-- {name} -->", f"<!-- end {name} -->"
    head, found, rest = text.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"there is no {begin} ... {end} to write into")
    return f"{head}{begin}\n{section}\n{end}{tail}"
