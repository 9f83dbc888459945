"""The sounds of the page: the scene, each prompt as heard, what was sent beside what was dictated.

Copies, small enough to lie in the page; the evidence holds the originals.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from harness.evidence import layout
from harness.evidence.folder import SoundFile
from harness.model.case import Case
from harness.model.ruling import Ruling
from harness.model.script import Act, Addressee
from harness.model.timeline import LineSpoken, MessageReceived, PromptHeard
from harness.report.axis import Axis
from harness.report.hearing import audibility
from harness.report.markup import add, el
from harness.report.phrases import clock_time, quoted, sentence
from harness.report.sound import LEAST_KBPS, QUICK_HZ, SPEECH_HZ, data_url

SOUND_BYTES_MAX = 1_300_000
"""What all sounds of a page may weigh together, as they stand in it."""

_SCENE_BYTES_MAX = 600_000
_SCENE_KBPS = 20.0
_ROUND_S = 0.3


class _Budget:
    """Takes copies as long as there is room."""

    def __init__(self, most_bytes: int) -> None:
        self._left = most_bytes

    def take(
        self, path: Path, most: int | None = None, rate_hz: int = SPEECH_HZ, **how: float
    ) -> str | None:
        """The copy's address; None where it does not fit, or holds no sound."""
        room = self._left if most is None else min(self._left, most)
        address = data_url(path, room, rate_hz=rate_hz, **how)
        self._left -= len(address or "")
        return address


def sound_section(
    case: Case, ruling: Ruling, folder: Path, sounds: Sequence[SoundFile], axis: Axis
) -> list[Element]:
    """Everything to listen to; nothing where nothing was recorded."""
    starts = {sound.name: sound.starts_at_s for sound in sounds}
    if not starts:
        return []
    budget = _Budget(SOUND_BYTES_MAX)
    # What a ruling hangs on is short: it is taken first, the whole scene from what is left.
    short = [*_messages(case, folder, starts, budget)]
    short += _prompts(case, ruling, folder, starts, budget)
    short += _speech(folder, sounds, budget)
    parts = [el("h2", "Listen", id="listen"), *_whole(folder, sounds, budget, axis), *short]
    note = (
        "Copies in Opus, the whole scene at 12 kHz, the rest at 16 kHz; the evidence holds "
        "the originals, the controls before and after and the quiet end of the watch included."
    )
    return [*parts, el("p", note, class_="caption")]


def _player(title: str, address: str | None, detail: str = "", file: str = "") -> Element:
    """A sound with its name; where it is not on the page, where it is."""
    box = el("div", el("p", el("b", title)), class_="sound")
    if detail:
        add(box[0], " ", el("span", detail, class_="caption"))
    if address:
        name = f"{title} {detail}".strip()
        player = el("audio", controls="controls", preload="metadata", src=address, aria_label=name)
        add(box, player)
    elif file:
        missing = f"Not on this page (too long, or no sound): see {file} in the evidence."
        add(box, el("p", missing, class_="caption"))
    return box


def _whole(
    folder: Path, sounds: Sequence[SoundFile], budget: _Budget, axis: Axis
) -> Iterator[Element]:
    """The whole scene at the listener's place, and as the device heard it.

    A player's clock is that of the time axis: the copy begins with the scene, not with the controls
    before it, and ends where nothing happened any more.
    """
    for name in (layout.LISTENER, layout.DEVICE):
        for sound in sounds:
            if sound.name != name:
                continue
            from_s = max(0.0, sound.starts_at_s)
            address = budget.take(
                folder / name,
                _SCENE_BYTES_MAX,
                rate_hz=QUICK_HZ,
                kbps=_SCENE_KBPS,
                from_s=from_s - sound.starts_at_s,
                until_s=axis.fold_s - sound.starts_at_s,
            )
            detail = f"{clock_time(from_s)} to {clock_time(axis.fold_s)} of the scene"
            yield _player(sentence(sound.what), address, detail, name)


def _prompts(
    case: Case, ruling: Ruling, folder: Path, starts: dict[str, float], budget: _Budget
) -> list[Element]:
    """Each prompt, cut from what the listener's microphone heard."""
    heard = sorted((e for e in case.events if isinstance(e, PromptHeard)), key=lambda e: e.start_s)
    if not heard or layout.LISTENER not in starts:
        return []
    boxes = []
    for prompt in heard:
        address = _cut(folder, starts, prompt.start_s, prompt.end_s, budget)
        told = audibility(prompt, case.rig.limits)
        detail = f"{clock_time(prompt.start_s)} {told}".strip()
        boxes.append(_player(quoted(prompt.text), address, detail, layout.LISTENER))
    title = f"What the device said, as heard at {ruling.listener}"
    return [el("h3", title), el("div", *boxes, class_="sounds")]


def _cut(
    folder: Path, starts: dict[str, float], from_s: float, until_s: float, budget: _Budget
) -> str | None:
    """A span of the listener's recording, with a little before and after."""
    zero_s = starts[layout.LISTENER]
    from_s, until_s = from_s - zero_s - _ROUND_S, until_s - zero_s + _ROUND_S
    return budget.take(folder / layout.LISTENER, from_s=max(0.0, from_s), until_s=until_s)


def _messages(
    case: Case, folder: Path, starts: dict[str, float], budget: _Budget
) -> Iterator[Element]:
    """Each message beside what was dictated before it arrived."""
    messages = sorted(
        (e for e in case.events if isinstance(e, MessageReceived)), key=lambda e: e.at_s
    )
    before_s = float("-inf")
    for message in messages:
        name = f"message-{message.message_id}.wav"
        files = [file for file in starts if file.startswith(f"message-{message.message_id}.")]
        sent = budget.take(folder / (files[0] if files else name)) if files else None
        length = "" if message.audio_s is None else f"{message.audio_s:.1f} s, "
        title = f"Sent to {message.recipient}"
        box = _player(title, sent, f"{length}{clock_time(message.at_s)}", "".join(files[:1]))
        if message.transcript:
            add(box, el("p", f"In words: {quoted(message.transcript)}", class_="caption"))
        dictated = _dictated(case, folder, starts, before_s, message.at_s, budget)
        yield el("h3", "What was sent, beside what was dictated")
        yield el("div", box, *dictated, class_="sounds")
        before_s = message.at_s


def _dictated(
    case: Case,
    folder: Path,
    starts: dict[str, float],
    from_s: float,
    until_s: float,
    budget: _Budget,
) -> list[Element]:
    """What somebody dictated to the device in a span (s); a sentence where nobody did."""
    boxes = []
    for event in case.events:
        if not isinstance(event, LineSpoken) or not from_s < event.start_s < until_s:
            continue
        line = case.script.line(event.line_id)
        if line.to is not Addressee.DEVICE or Act.DICTATE not in line.acts:
            continue
        begins_s = event.start_s if event.dictated_from_s is None else event.dictated_from_s
        address = None
        if layout.LISTENER in starts:
            address = _cut(folder, starts, begins_s, event.end_s, budget)
        detail = f"{quoted(line.says)} {clock_time(begins_s)}"
        boxes.append(_player(f"Dictated by {line.who}", address, detail, layout.LISTENER))
    nobody = "Nobody dictated anything to the device before it arrived."
    return boxes or [el("div", el("p", el("b", "Dictated: nothing")), el("p", nobody),
                        class_="sound")]  # fmt: skip


def _speech(folder: Path, sounds: Sequence[SoundFile], budget: _Budget) -> list[Element]:
    """Speech that nobody scripted."""
    clips = [sound for sound in sounds if sound.name.startswith("speech-")]
    boxes = [
        _player(sentence(clip.what), budget.take(folder / clip.name, kbps=LEAST_KBPS * 2),
                file=clip.name)
        for clip in clips
    ]  # fmt: skip
    return [el("h3", "Not in the script"), el("div", *boxes, class_="sounds")] if boxes else []
