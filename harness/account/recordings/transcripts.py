"""What stands beside the recordings of an export: which file, when, and what was said.

CSV, JSON and HTML as makers write them, each of its own kind; a row is taken for what its
columns are called. Contents only ever become text.
"""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from harness.account.recordings.times import Recorded, when
from harness.errors import UserError

LARGEST_BYTES = 64 << 20
_AUDIO = re.compile(r"\.(wav|mp3|opus|ogg|oga|flac|m4a|mp4|aac|amr|webm|weba|caf|3gp)$", re.I)
_SAID = re.compile(r"transcript|utterance|spoken|said|text|title|query|command|words|summary", re.I)
_TIME = re.compile(r"time|date|when|recorded|created|zeit|datum", re.I)
_ID = re.compile(r"^(id|.*[ _-]?(id|key)|uuid|guid)$", re.I)
_HIDDEN = ("script", "style", "template", "noscript")
_ROW_ENDS = ("tr", "li", "article")


@dataclass(frozen=True, slots=True)
class Row:
    """One recording as the maker tells of it; None or empty where it does not.

    `file`: the last part of the name of its audio file.
    """

    file: str | None
    said: str
    recorded: Recorded | None
    entry_id: str | None


def is_transcript(name: str) -> bool:
    """Whether a file of this name tells of recordings."""
    return name.lower().endswith((".csv", ".tsv", ".json", ".html", ".htm"))


def is_audio_name(name: str) -> bool:
    """Whether a file of this name is a recording."""
    return _AUDIO.search(name) is not None


def read_rows(name: str, path: Path) -> list[Row]:
    """All that a transcript tells. `UserError` where it cannot be read."""
    if path.stat().st_size > LARGEST_BYTES:
        raise UserError(f"it is larger than {LARGEST_BYTES >> 20} MiB")
    text = _decoded(path.read_bytes())
    kind = name.lower().rsplit(".", 1)[-1]
    try:
        if kind in ("csv", "tsv"):
            return [row for row in map(_row, _of_csv(text)) if row]
        if kind == "json":
            return [row for row in map(_row, _of_json(json.loads(text))) if row]
        return _of_html(text)
    except (csv.Error, ValueError, RecursionError) as error:
        raise UserError(f"it is no {kind.upper()} that can be read ({error})") from error


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _of_csv(text: str) -> Iterator[Mapping[str, str]]:
    head = text[:8192]
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(head, ",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if head.count("\t") > head.count(",") else csv.excel
    for row in csv.DictReader(io.StringIO(text, newline=""), dialect=dialect):
        yield {str(key): value for key, value in row.items() if isinstance(value, str)}


def _of_json(content: Any) -> Iterator[Mapping[str, str]]:
    """Every object in it that holds words or numbers itself."""
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            plain = {key: str(value) for key, value in one.items() if _is_plain(value)}
            if plain:
                yield plain
            waiting += [v for v in reversed(one.values()) if isinstance(v, dict | list)]
        elif isinstance(one, list):
            waiting += reversed(one)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _row(cells: Mapping[str, str]) -> Row | None:
    """A row that names a file, or says something at a time."""
    file = next((base for value in cells.values() if (base := _audio_file(value))), None)
    said = " ".join(v.strip() for k, v in cells.items() if _SAID.search(k) and not _audio_file(v))
    times = (when(value) for key, value in cells.items() if _TIME.search(key))
    recorded = next((time for time in times if time), None)
    entry_id = next((value.strip() for key, value in cells.items() if _ID.match(key)), None)
    if file is None and not (said and recorded):
        return None
    return Row(file, said, recorded, entry_id)


def _audio_file(value: str) -> str | None:
    """The last part of a path or address that ends as audio files do."""
    path = unquote(value.strip().split("?")[0].split("#")[0])
    return PurePosixPath(path.replace("\\", "/")).name if is_audio_name(path) else None


def _of_html(text: str) -> list[Row]:
    reader = _Reader()
    reader.feed(text)
    reader.close()
    reader.end_row()
    return reader.rows


class _Reader(HTMLParser):
    """Text and references to audio, row by row; nothing is run, fetched or kept as markup."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.rows: list[Row] = []
        self._words: list[str] = []
        self._file: str | None = None
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element refers to."""
        if tag in _HIDDEN:
            self._hidden += 1
        for name, value in attrs:
            file = _audio_file(value) if name in ("src", "href") and value else None
            if file is not None and file != self._file:
                # A second recording begins, where the first's row has no end of its own.
                if self._file is not None:
                    self.end_row()
                self._file = file

    def handle_endtag(self, tag: str) -> None:
        """End a row where one ends."""
        if tag in _HIDDEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in _ROW_ENDS:
            self.end_row()

    def handle_data(self, data: str) -> None:
        """Take words that a person would see."""
        if not self._hidden and data.strip():
            self._words.append(data.strip())

    def end_row(self) -> None:
        """What was read since the last one is of one recording."""
        said = " ".join(self._words)
        if self._file is not None or when(said):
            self.rows.append(Row(self._file, said, when(said), None))
        self._words, self._file = [], None
