"""What is said in a sound file, word by word with times, from what lies beside it.

Read are Praat's TextGrid, SubRip (.srt), WebVTT (.vtt), the words of the AMI corpus
(NAME.A.words.xml), LibriSpeech's FOLDER.trans.txt, and plain text (NAME.txt). Words whose own times
are not given are spread evenly over the span that is; for the last two that is the whole file.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from harness.errors import UserError

_CLOCK = re.compile(r"(?:(\d+):)?(\d+):(\d+)[.,](\d+)")
_TAG = re.compile(r"<[^>]*>|\{[^}]*\}")
_MARK = re.compile(r"<[^>]*>|\[[^\]]*\]")
_FIELD = re.compile(r"(xmin|xmax|text)\s*=\s*(?:\"((?:[^\"]|\"\")*)\"|([\d.]+))")
_WORD_TIERS = ("word", "words")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and when it is said, in seconds from the beginning of the file."""

    text: str
    start_s: float
    end_s: float


def transcript_of(sound: Path) -> tuple[Path, ...]:
    """The files that hold what is said in a sound file; none where there is none."""
    for suffix in (".TextGrid", ".textgrid", ".srt", ".vtt"):
        if (beside := sound.with_suffix(suffix)).is_file():
            return (beside,)
    meeting = sound.name.split(".", 1)[0]
    if ami := tuple(sorted(sound.parent.glob(f"{_literal(meeting)}.*.words.xml"))):
        return ami
    if any(_libri_line(listing, sound.stem) for listing in sound.parent.glob("*.trans.txt")):
        return tuple(sorted(sound.parent.glob("*.trans.txt")))
    plain = sound.with_suffix(".txt")
    return (plain,) if plain.is_file() else ()


def words_of(transcript: Iterable[Path], sound: Path, length_s: float) -> tuple[Word, ...]:
    """The words of a sound file of that length, in order of their beginnings.

    Raises `UserError` for a transcript that cannot be read.
    """
    found: list[Word] = []
    for path in transcript:
        try:
            found += _reader(path)(path, sound, length_s)
        except (OSError, ValueError, ElementTree.ParseError) as error:
            raise UserError(
                f"{path}: not the transcript its name promises ({error}); mend it, or take it away"
            ) from error
    return tuple(sorted(found, key=lambda word: (word.start_s, word.end_s)))


def _reader(path: Path) -> Callable[[Path, Path, float], Iterator[Word]]:
    if path.suffix == ".xml":
        return _ami
    if path.suffix.lower() == ".textgrid":
        return _textgrid
    if path.suffix in (".srt", ".vtt"):
        return _subtitles
    return _libri if path.name.endswith(".trans.txt") else _plain


def _text(path: Path) -> str:
    data = path.read_bytes()
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")
    return data.decode("utf-16" if wide else "utf-8-sig")


def _spread(text: str, start_s: float, end_s: float) -> Iterator[Word]:
    """Words one after the other over a span."""
    words = [word for word in _MARK.sub(" ", text).split() if any(map(str.isalnum, word))]
    each_s = (end_s - start_s) / len(words) if words else 0.0
    for index, word in enumerate(words):
        yield Word(word, start_s + index * each_s, start_s + (index + 1) * each_s)


def _plain(path: Path, _sound: Path, length_s: float) -> Iterator[Word]:
    return _spread(_text(path), 0.0, length_s)


def _libri(path: Path, sound: Path, length_s: float) -> Iterator[Word]:
    return _spread(_libri_line(path, sound.stem) or "", 0.0, length_s)


def _libri_line(path: Path, utterance: str) -> str | None:
    for line in _text(path).splitlines():
        name, _, text = line.strip().partition(" ")
        if name == utterance:
            return text
    return None


def _subtitles(path: Path, _sound: Path, _length_s: float) -> Iterator[Word]:
    for cue in re.split(r"\n[ \t]*\n", _text(path).replace("\r\n", "\n")):
        lines = cue.strip().split("\n")
        for index, line in enumerate(lines):
            begins, arrow, ends = line.partition("-->")
            if arrow:
                text = _TAG.sub(" ", " ".join(lines[index + 1 :]))
                yield from _spread(text, _clock_s(begins), _clock_s(ends))
                break


def _clock_s(text: str) -> float:
    found = _CLOCK.search(text)
    if found is None:
        raise ValueError(f"{text.strip()!r} is no time")
    hours, minutes, seconds, fraction = found.groups()
    return int(hours or 0) * 3600 + int(minutes) * 60 + float(f"{seconds}.{fraction}")


def _textgrid(path: Path, _sound: Path, _length_s: float) -> Iterator[Word]:
    """The tier of words, where one is called so; else all tiers of intervals."""
    tiers = re.split(r"item\s*\[\d+\]\s*:", _text(path))[1:]
    if not tiers:
        raise ValueError("it holds no tiers; save it as a long (not short) text file")
    named = [(_tier_name(tier), tier) for tier in tiers if '"IntervalTier"' in tier]
    of_words = [tier for name, tier in named if name in _WORD_TIERS]
    for tier in of_words or [tier for _, tier in named]:
        for interval in re.split(r"intervals\s*\[\d+\]\s*:", tier)[1:]:
            fields = {key: text or number for key, text, number in _FIELD.findall(interval)}
            yield from _spread(fields["text"], float(fields["xmin"]), float(fields["xmax"]))


def _tier_name(tier: str) -> str:
    found = re.search(r'name\s*=\s*"([^"]*)"', tier)
    return found[1].strip().lower() if found else ""


def _ami(path: Path, _sound: Path, _length_s: float) -> Iterator[Word]:
    for element in ElementTree.parse(path).iter("w"):
        start, end, text = element.get("starttime"), element.get("endtime"), element.text
        if start and end and text and element.get("punc") != "true":
            yield Word(text, float(start), float(end))


def _literal(name: str) -> str:
    """A name with nothing left in it that a glob would read."""
    return re.sub(r"([*?\[])", r"[\1]", name)
