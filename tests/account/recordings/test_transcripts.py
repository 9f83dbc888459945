"""What makers write beside recordings is read, and only ever becomes text."""

import contextlib
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.account.recordings.times import when
from harness.account.recordings.transcripts import Row, read_rows
from harness.errors import UserError

_AT = datetime(2026, 11, 20, 18, 32, 11, tzinfo=UTC).timestamp()


def _rows(folder: Path, name: str, content: str | bytes) -> list[Row]:
    path = folder / "000001"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_rows(name, path)


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_csv_of_any_mark(tmp_path: Path, mark: str) -> None:
    head = mark.join(["id", "Timestamp", "Transcript", "audio_file"])
    line = mark.join(["e1", "2026-11-20T18:32:11Z", "send a message", "audio/2026/a1.wav"])
    (row,) = _rows(tmp_path, "all.csv", f"\ufeff{head}\r\n{line}\r\n")
    assert row.file == "a1.wav"
    assert row.said == "send a message"
    assert row.entry_id == "e1"
    assert row.recorded is not None and row.recorded.unix_s == _AT


def test_json_of_any_depth(tmp_path: Path) -> None:
    entry = {"id": 7, "createdDate": int(_AT * 1000), "utterance": "stop", "audio": {"n": 1}}
    content = {"account": {"entries": [entry, {**entry, "id": 8, "file": "x/Küche.opus"}]}}
    rows = _rows(tmp_path, "all.json", json.dumps(content))
    assert {(row.entry_id, row.file, row.said) for row in rows} == {
        ("7", None, "stop"),
        ("8", "Küche.opus", "stop"),
    }
    assert all(row.recorded and row.recorded.unix_s == _AT for row in rows)


def test_html_is_text_and_its_scripts_are_nothing(tmp_path: Path) -> None:
    page = """<html><script>document.write('<audio src="evil.wav">')</script><ul>
      <li>Said <b>send a message</b><br>2026-11-20 18:32:11 UTC
        <audio controls><source src="Audio/a%20b.mp3?x=1"></audio></li>
      <li onclick="alert(1)">Said <i>&lt;script&gt;stop</i> <a href="b.mp3">listen</a></li></ul>"""
    first, second = _rows(tmp_path, "My Activity.html", page)
    assert (first.file, second.file) == ("a b.mp3", "b.mp3")
    assert first.said.startswith("Said send a message 2026-11-20")
    assert first.recorded is not None and first.recorded.unix_s == _AT
    assert "<script>stop" in second.said and "write" not in first.said + second.said


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.json", "{"),
        ("a.json", "[" * 100_000),
        ("a.json", '{"a": ' + "9" * 10_000 + "}"),
        ("a.csv", 'a,b\n"' + "x" * 200_000),
    ],
)
def test_what_cannot_be_read_is_said(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(UserError, match="can be read"):
        _rows(tmp_path, name, content)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.sampled_from(["a.csv", "a.json", "a.html"]), st.binary(max_size=300))
def test_no_bytes_break_the_reader(tmp_path: Path, name: str, content: bytes) -> None:
    with contextlib.suppress(UserError):
        _rows(tmp_path, name, content)


@pytest.mark.parametrize(
    ("text", "unix_s", "unsure_s"),
    [
        ("2026-11-20T18:32:11Z", _AT, 1),
        ("2026-11-20T18:32:11.250+00:00", _AT, 1),
        ("2026-11-20 20:32:11 +0200", _AT, 1),
        ("2026-11-20 18:32Z", _AT - 11, 60),
        ("20261120_183211.opus", _AT, 15 * 3600 + 1),
        ("2026-11-20T18-32-11-kitchen.wav", _AT, 15 * 3600 + 1),
        (f"rec-{int(_AT)}123.wav", _AT, 1),
    ],
)
def test_times_as_makers_write_them(text: str, unix_s: float, unsure_s: float) -> None:
    found = when(text)
    assert found is not None
    assert (found.unix_s, found.unsure_s) == (unix_s, unsure_s)


@pytest.mark.parametrize("text", ["", "20 apples", "2026-13-41T25:61", "12345678901234567890"])
def test_no_time_is_none(text: str) -> None:
    assert when(text) is None
