"""The lanes of the timeline picture: each a name, a height, and marks in its own coordinates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from harness.model.case import Case
from harness.model.script import Addressee
from harness.model.timeline import (
    DeedDone,
    LightChanged,
    LightState,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    PromptHeard,
    SpeechHeard,
    Upload,
)
from harness.report.axis import Axis
from harness.report.deeds import spans
from harness.report.hearing import audibility_in_short, audible, speaker
from harness.report.markup import el
from harness.report.phrases import clock_time, quoted, shortened, size

WIDTH = 1200.0
LEFT = 118.0
RIGHT = 1196.0
HEIGHT_GAP = 12.0
LINE_H = 13.0

DONE = "Done to the device"
DEVICE = "The device says"
UNSCRIPTED = "Not in the script"
LIGHT = "Its light"
NETWORK = "Sent over the network"
ARRIVED = "Message arrived"
TO_DEVICE = "▸ "

_BAR_H = 14.0
_CHAR_PX = 6.3
_MAX_LINES = 4
_MIN_TEXT_PX = 96.0
_NETWORK_H = 58.0
_AWAY_ROW = 20.0
_COLUMN_PX = 8


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: marks are drawn from y = 0 at its top."""

    name: str
    height: float
    marks: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """Something said, to be drawn as a bar with its words under it."""

    start_s: float
    end_s: float
    text: str
    style: str
    told: str
    note: str = ""


def all_lanes(case: Case, axis: Axis, traffic: Sequence[tuple[float, int]]) -> list[Lane]:
    """Every lane of a play's events, top to bottom; those of the cast first."""
    rows = [_spoken(f"{member.name}", _lines_of(case, member.name), axis)
            for member in case.script.cast]  # fmt: skip
    rows.append(_spoken(DEVICE, _prompts(case), axis))
    if unscripted := _unscripted(case):
        rows.append(_spoken(UNSCRIPTED, unscripted, axis))
    if any(isinstance(event, DeedDone) for event in case.events):
        rows.append(_done(case, axis))
    if any(isinstance(event, LightChanged) for event in case.events):
        rows.append(_light(case, axis))
    rows.append(_network(case, axis, traffic))
    rows.append(_arrived(case, axis))
    return rows


def wrap(text: str, width_px: float, max_lines: int = _MAX_LINES) -> list[str]:
    """The text in lines of about `width_px`; the last ends with `...` where it is cut."""
    room = max(4, int(width_px / _CHAR_PX))
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}".strip()
        if len(joined) <= room or not lines[-1]:
            lines[-1] = joined
        else:
            lines.append(word)
    if len(lines) <= max_lines:
        return lines
    rest = " ".join(lines[max_lines - 1 :])
    return [*lines[: max_lines - 1], shortened(rest, room)]


def _lines_of(case: Case, who: str) -> list[_Said]:
    """What a member of the cast said, and what was left unsaid."""
    said = []
    for event in case.events:
        if isinstance(event, LineSpoken | LineUnsaid):
            line = case.script.line(event.line_id)
            if line.who != who:
                continue
            if isinstance(event, LineSpoken):
                told = f"{clock_time(event.start_s)} {who}, to the {line.to}: {line.says}"
                style = f"line to-{line.to}" + ("" if event.heard else " unheard")
                # Colour is never the only sign: who spoke to the device is marked in words' place.
                mark = TO_DEVICE if line.to is Addressee.DEVICE else ""
                text = mark + (line.says if event.heard else f"{line.says} (not heard)")
                said.append(_Said(event.start_s, event.end_s, text, style, told))
            else:
                told = f"{clock_time(event.at_s)} left unsaid: {event.reason}"
                text = f"(unsaid: {line.says})"
                said.append(_Said(event.at_s, event.at_s, text, "line unheard", told))
    return said


def _prompts(case: Case) -> list[_Said]:
    """What the device said."""
    return [
        _Said(
            event.start_s,
            event.end_s,
            quoted(event.text),
            "prompt",
            f"{clock_time(event.start_s)} the device: {event.text}{audible(event)}",
            audibility_in_short(event, case.rig.limits),
        )
        for event in case.events
        if isinstance(event, PromptHeard)
    ]


def _unscripted(case: Case) -> list[_Said]:
    """Speech that nobody foresaw: somebody's, or what the device said that nobody could read."""
    return [
        _Said(
            event.start_s,
            event.end_s,
            quoted(event.text) if event.text else "(speech)",
            "line unheard",
            f"{clock_time(event.start_s)} {speaker(event)}: {event.trouble}",
        )
        for event in case.events
        if isinstance(event, SpeechHeard)
    ]


def _spoken(name: str, said: Iterable[_Said], axis: Axis) -> Lane:
    """A lane of bars with their words beneath, none over another's."""
    ordered = sorted(said, key=lambda one: one.start_s)
    marks: list[Element] = []
    free: list[float] = []
    for index, one in enumerate(ordered):
        x, end = axis.x(one.start_s), max(axis.x(one.end_s), axis.x(one.start_s) + 3)
        follows = ordered[index + 1].start_s if index + 1 < len(ordered) else axis.until_s
        bar = el("rect", el("title", one.told), x=x, y=2, width=end - x, height=_BAR_H - 2,
                 rx=2, class_=one.style)  # fmt: skip
        marks += [bar, *_words(one, x, _text_px(one, end - x, axis.x(follows) - x - 6), free)]
    marks.sort(key=lambda mark: mark.tag == "text")  # words over lines, not under them
    return Lane(name, _BAR_H + LINE_H * max(1, len(free)) + 4, tuple(marks))


def _text_px(one: _Said, bar: float, room: float) -> float:
    """How wide the words may run: up to the next bar, or beyond where no word fits before it."""
    widest = max((len(word) for word in f"{one.text} {one.note}".split()), default=0) * _CHAR_PX
    wanted = max(bar, _MIN_TEXT_PX)
    return wanted if room < min(wanted, widest + 2 * _CHAR_PX) else min(room, wanted)


def _words(one: _Said, x: float, width: float, free: list[float]) -> list[Element]:
    """Words and note below a bar that begins at `x`, as high as there is room for them.

    `free`: of each row the pixel from which it is empty; it is kept up.
    """
    told = [(line, "words") for line in wrap(one.text, width)]
    told += [(line, "small") for line in wrap(one.note, width)] if one.note else []
    reach = max(len(line) for line, _ in told) * _CHAR_PX
    left = max(LEFT, min(x, RIGHT - reach))
    row = max((i + 1 for i, from_px in enumerate(free) if from_px > left), default=0)
    free[row : row + len(told)] = [left + reach + 6] * len(told)
    # Where they are not right below their bar, a line leads to them.
    lead = el("path", d=f"M{x + 1:.1f} {_BAR_H:.1f}v{LINE_H * row + 4:.1f}", class_="leader")
    return [lead] * (row > 0) + [
        el("text", line, x=left + (4 if row else 0), y=_BAR_H + LINE_H * (row + i + 1) - 1,
           class_=style)
        for i, (line, style) in enumerate(told)
    ]  # fmt: skip


def _done(case: Case, axis: Axis) -> Lane:
    """A bar for each span in which the device was muted or lacked power or network."""
    away = spans(event for event in case.events if isinstance(event, DeedDone))
    states = list(dict.fromkeys(one.state for one in away))
    marks: list[Element] = []
    for one in away:
        y = 3 + _AWAY_ROW * states.index(one.state)
        until_s = axis.until_s if one.until_s is None else one.until_s
        x, width = axis.x(one.from_s), max(axis.x(until_s) - axis.x(one.from_s), 1.5)
        bar = el("rect", el("title", one.told), x=x, y=y, width=width, height=16, rx=2,
                 class_="away")  # fmt: skip
        # Where the bar is too short for its word, there is room beside it.
        inside = width >= len(one.word) * _CHAR_PX + 8
        word = el("text", one.word, x=x + 4 if inside else x + width + 4, y=y + 12, class_="words")
        marks += [bar, word]
    return Lane(DONE, _AWAY_ROW * len(states) + 4, tuple(marks))


def _light(case: Case, axis: Axis) -> Lane:
    """The light: filled while it listens, outlined while it does anything else."""
    changes = [event for event in case.events if isinstance(event, LightChanged)]
    changes.sort(key=lambda event: event.at_s)
    marks: list[Element] = []
    for index, change in enumerate(changes):
        if change.state is LightState.IDLE:
            continue
        until_s = changes[index + 1].at_s if index + 1 < len(changes) else axis.until_s
        x, width = axis.x(change.at_s), axis.x(until_s) - axis.x(change.at_s)
        told = f"{clock_time(change.at_s)} to {clock_time(until_s)} {change.state}"
        bar = el("rect", el("title", told), x=x, y=3, width=max(width, 1.5), height=16, rx=2,
                 class_=f"light {change.state}")  # fmt: skip
        marks.append(bar)
        if width >= len(change.state) * _CHAR_PX + 8:
            style = f"light-text {change.state}"
            marks.append(el("text", change.state, x=x + 4, y=15, class_=style))
    return Lane(LIGHT, 24, tuple(marks))


def _network(case: Case, axis: Axis, traffic: Sequence[tuple[float, int]]) -> Lane:
    """Bytes a second as bars, and a bracket with its size over each upload."""
    uploads = [event for event in case.events if isinstance(event, Upload)]
    rates = _rates(axis, traffic or [_spread for up in uploads for _spread in _evenly(up)])
    peak = max(rates.values(), default=0.0)
    base = _NETWORK_H - 2
    marks = [el("line", x1=LEFT, x2=RIGHT, y1=base, y2=base, class_="rule")]
    for x, rate in sorted(rates.items()):
        height = max(0.8, rate / peak * (base - 20)) if peak else 0.0
        marks.append(
            el("rect", x=x, y=base - height, width=_COLUMN_PX - 1, height=height, class_="bytes")
        )
    busy_until = 0.0
    for upload in sorted(uploads, key=lambda event: event.start_s):
        x, end = axis.x(upload.start_s), axis.x(upload.end_s)
        told = f"{clock_time(upload.start_s)} {size(upload.bytes_out)} to {upload.destination}"
        marks.append(el("path", el("title", told), d=f"M{x:.1f} 18v-4H{end:.1f}v4",
                        class_="bracket"))  # fmt: skip
        if x >= busy_until:
            label = size(upload.bytes_out)
            marks.append(el("text", label, x=x, y=10, class_="words"))
            busy_until = x + len(label) * _CHAR_PX + 6
    note = f"peak {size(peak)}/s" if peak else "no upload seen"
    marks.append(el("text", note, x=0, y=base, class_="small"))
    return Lane(NETWORK, _NETWORK_H, tuple(marks))


def _evenly(upload: Upload) -> list[tuple[float, int]]:
    """An upload as packets, where the packets themselves were not handed in."""
    steps = max(1, round((upload.end_s - upload.start_s) / 0.05))
    share = upload.bytes_out // steps
    return [(upload.start_s + 0.05 * step, share) for step in range(steps)]


def _rates(axis: Axis, traffic: Sequence[tuple[float, int]]) -> dict[float, float]:
    """Bytes a second by the left edge of columns `_COLUMN_PX` wide."""
    sums: dict[float, float] = {}
    for at_s, count in traffic:
        if axis.start_s <= at_s <= axis.until_s:
            x = min(LEFT + (axis.x(at_s) - LEFT) // _COLUMN_PX * _COLUMN_PX, RIGHT - _COLUMN_PX)
            sums[x] = sums.get(x, 0.0) + count
    return {x: total / max(axis.s(x + _COLUMN_PX) - axis.s(x), 1e-6) for x, total in sums.items()}


def _arrived(case: Case, axis: Axis) -> Lane:
    """A diamond for each message, as wide as its time is uncertain."""
    messages = [event for event in case.events if isinstance(event, MessageReceived)]
    messages.sort(key=lambda event: event.at_s)
    marks: list[Element] = []
    for row, message in enumerate(messages):
        x, y = axis.x(message.at_s), 11.0 + 20.0 * row
        early, late = (message.at_s + sign * message.uncertainty_s for sign in (-1, 1))
        what = f"{message.audio_s:.1f} s of sound" if message.audio_s is not None else "text"
        label = f"{clock_time(message.at_s)} {what} to {message.recipient}"
        fits = x + 14 + len(label) * _CHAR_PX <= RIGHT
        marks.append(el("line", x1=axis.x(early), x2=axis.x(late), y1=y, y2=y, class_="whisker"))
        marks.append(el("path", d=f"M{x:.1f} {y - 8}l8 8l-8 8l-8 -8z", class_="message"))
        anchor, beside = ("start", x + 13) if fits else ("end", x - 13)
        words = el("text", label, x=beside, y=y + 4, class_="words strong", text_anchor=anchor)
        marks.append(words)
    if not messages:
        looked = "none" if "I" in case.rig.sources else "not looked at: there is no inbox"
        marks.append(el("text", looked, x=LEFT, y=14, class_="small"))
    return Lane(ARRIVED, max(1, len(messages)) * 20.0 + 4, tuple(marks))
