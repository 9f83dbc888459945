"""How times, quotes and amounts are written, the same everywhere in a ruling."""

import re

from harness.model.script import Script
from harness.model.timeline import MessageReceived

_SENTENCE_START = re.compile(r"(?<=[.!?])\s+")
_QUOTE_CHARS = 34


def clock_text(at_s: float) -> str:
    """Minutes and seconds to a tenth, such as 0:19.5; from an hour on 1:00:19.5."""
    tenths = round(abs(at_s) * 10)
    sign = "-" if at_s < 0 and tenths else ""
    minutes = tenths // 600
    before = f"{minutes // 60}:{minutes % 60:02d}" if minutes >= 60 else f"{minutes}"
    return f"{sign}{before}:{tenths % 600 // 10:02d}.{tenths % 10}"


def span_text(from_s: float, until_s: float) -> str:
    """From when until when, such as 0:19.5 to 0:20.1."""
    return f"{clock_text(from_s)} to {clock_text(until_s)}"


def shorten(text: str) -> str:
    """`text` cut at a word with an ellipsis where it is longer than a line of a ruling holds."""
    flat = " ".join(text.split())
    if len(flat) <= _QUOTE_CHARS:
        return flat
    cut = flat[:_QUOTE_CHARS].rsplit(" ", 1)[0].rstrip(",;:")
    return f"{cut} ..."


def split_at(text: str, share: float) -> tuple[str, str]:
    """`text` up to and from the sentence that begins nearest to `share` (0..1) of its length.

    Speech is taken to run evenly, which is enough to choose a sentence. With one sentence, or
    when the nearest beginning is the first, both halves are the whole text.
    """
    sentences = _SENTENCE_START.split(text.strip())
    starts, position = [], 0
    for sentence in sentences:
        starts.append(position)
        position += len(sentence) + 1
    nearest = min(range(len(starts)), key=lambda i: abs(starts[i] - share * len(text)))
    if nearest == 0:
        return text, text
    return " ".join(sentences[:nearest]), " ".join(sentences[nearest:])


def line_text(script: Script, line_id: str) -> str:
    """A line as people know it: `Mark's “Thomas Reed.”`; by its id where no script holds it."""
    for line in script.lines:
        if line.id == line_id:
            return f"{line.who}'s “{shorten(line.says)}”"
    return f"Line {line_id!r}"


def sound_text(message: MessageReceived) -> str:
    """What a message holds: seconds of sound, or a text."""
    return "a text" if message.audio_s is None else f"{message.audio_s:.1f} s of sound"


def bytes_text(count: int) -> str:
    """An amount of data, in kB from a thousand bytes on."""
    return f"{count} B" if count < 1000 else f"{count / 1000:.0f} kB"


def listing(items: tuple[str, ...]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(items[:-1]), items[-1]] if len(items) > 1 else items)


def counted(count: int, noun: str) -> str:
    """`One message`, `2 messages`."""
    return f"One {noun}" if count == 1 else f"{count} {noun}s"
