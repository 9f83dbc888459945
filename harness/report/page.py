"""One static page a play: opens from disk, holds its sound, needs no script and no network."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from harness.evidence import layout
from harness.evidence.folder import SoundFile
from harness.evidence.read import read_case, read_sounds, read_traffic
from harness.model.case import Case
from harness.model.ruling import Ruling
from harness.model.timeline import (
    DeedDone,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    PromptHeard,
    SpeechHeard,
)
from harness.report.hearing import audible, speaker
from harness.report.markup import add, el, html_text
from harness.report.phrases import clock_time, quoted, sentence, span
from harness.report.picture import picture, play_axis
from harness.report.sound import data_url, outline
from harness.report.story import Row, Story, control_measure, control_name, tell
from harness.report.style import CSS

PAGE_BYTES_MAX = 9 * 1024 * 1024
"""What a page may weigh at most, with its sound: Allure 2 previews up to 10 MiB."""

_SIGNS = {"pass": "✓", "inconclusive": "?", "fail": "✗", "fail (known)": "✗"}
_STYLES = {"fail (known)": "known"}


@dataclass(frozen=True, slots=True)
class Track:
    """A recording on the page: in words, `data:` address (None: too long to be put here)."""

    name: str
    what: str
    address: str | None


def page_of_folder(folder: Path, ruling: Ruling) -> str:
    """The page of a run from its evidence folder, sealed or not."""
    case = read_case(folder, torn_end=True)
    sounds = [sound for sound in read_sounds(folder) if (folder / sound.name).exists()]
    return build_page(case, ruling, folder, sounds, read_traffic(folder))


def build_page(
    case: Case,
    ruling: Ruling,
    folder: Path,
    sounds: Sequence[SoundFile] = (),
    traffic: Sequence[tuple[float, int]] = (),
) -> str:
    """The page as a whole HTML document, below `PAGE_BYTES_MAX`.

    `sounds`: recordings that lie in `folder`; `traffic`: (seconds, bytes) of outgoing packets.
    """
    story = tell(ruling)
    axis = play_axis(case)
    starts = {sound.name: sound.starts_at_s for sound in sounds}
    heard = None
    if layout.LISTENER in starts:
        heard = outline(folder / layout.LISTENER, starts[layout.LISTENER], axis)
    main = el("main", *head(story), _meta(story, case, folder))
    add(main, *_findings(story))
    add(main, *_timeline(picture(case, ruling, traffic, heard), _tracks(folder, sounds)))
    add(main, *_transcript(case, ruling), *_proof(story, ruling), *_limits(ruling), *_again(folder))
    return "<!doctype html>\n" + html_text(_document(story, main)) + "\n"


def _document(story: Story, main: Element) -> Element:
    """The page around its content."""
    title = f"{story.word} {story.scene_id}: {story.title}"
    return el(
        "html",
        el(
            "head",
            el("meta", charset="utf-8"),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("title", title),
            el("style", CSS),
        ),
        el("body", main),
        lang="en",
    )


def head(story: Story) -> list[Element]:
    """What a reader must see first: the scene, the verdict, and why."""
    style = _STYLES.get(story.outcome, story.outcome)
    verdicts = el(
        "p",
        el("span", f"{_SIGNS[story.outcome]} {story.word}", class_=f"stamp {style}"),
        el("span", "messages: ", el("b", story.messages, class_=story.messages)),
        el("span", "uploads: ", el("b", story.uploads, class_=story.uploads)),
        class_="verdicts",
    )
    facts = f"{story.done} {story.heard} {story.sent} {story.received}".strip()
    parts = [
        el("p", f"Sayso ruling · {story.scene_id}", class_="kicker"),
        el("h1", story.title),
        verdicts,
    ]
    trouble = _trouble(story)
    deck = el("p", story.headline, class_="deck")
    parts += [*trouble, deck] if story.proof_first else [deck, *trouble]
    parts += [el("p", text) for text in (*story.unmet, story.known) if text]
    notes = [el("p", " ".join(story.notes), class_="meta")] if story.notes else []
    return [*parts, el("p", facts), *notes]


def _trouble(story: Story) -> list[Element]:
    """What broke, and what to do about it."""
    if not story.broken and not story.reasons:
        return []
    box = el("div", class_="alert", role="note")
    if story.broken:
        add(box, el("p", el("b", "Not everything that left would have been seen.")))
    for broken in story.broken:
        measured = f" [{broken.measured}]" if broken.measured else ""
        name = el("b", f"{broken.name} ({broken.phase}){measured}: ")
        add(box, el("p", name, broken.detail))
    add(box, *(el("p", reason) for reason in story.reasons))
    return [box]


def _meta(story: Story, case: Case, folder: Path) -> Element:
    """Device, rig, length, how sure, and where the evidence is."""
    text = (
        f"{sentence(story.device)} Rig: {case.rig.rig}. Played {story.lasted}. "
        f"{story.controls} {story.observable} Evidence: {folder.name}"
    )
    return el("p", text, class_="meta")


def table(headings: Sequence[str], rows: Iterable[Sequence[Element]], style: str) -> Element:
    """A table that can be scrolled sideways where it is too wide."""
    top = el("thead", el("tr", *(el("th", heading) for heading in headings)))
    body = el("tbody", *(el("tr", *cells) for cells in rows))
    return el("div", el("table", top, body, class_=style), class_="scroll")


def _findings(story: Story) -> list[Element]:
    """The violations, first broken link first."""
    if not story.rows:
        return []
    headings = ("Violation", "At", "What was said", "By", "Shown by")
    rows = (_finding_cells(row) for row in story.rows)
    return [el("h2", "What broke consent"), table(headings, rows, "stack")]


def _finding_cells(row: Row) -> list[Element]:
    """One violation as cells."""
    grade = f" ({row.grade})" if row.grade else ""
    cause = el("td", el("span", row.cls, class_="cls"), f"{row.cause}{grade}")
    said = el("td", row.said)
    if row.is_quote:
        add(said, el("span", row.detail, class_="small"))
    sources = el("td", row.sources, class_="sources")
    return [cause, el("td", row.at, class_="n"), said, el("td", row.by, class_="by"), sources]


def _tracks(folder: Path, sounds: Sequence[SoundFile]) -> list[Track]:
    """Copies of the recordings, the listener's first, as many as fit on the page."""
    order = (layout.LISTENER, layout.DEVICE)
    known = {sound.name: sound.what for sound in sounds}
    names = [name for name in order if name in known]
    names += sorted(name for name in known if name.startswith(("message-", "speech-")))
    budget = PAGE_BYTES_MAX - 1024 * 1024
    with ThreadPoolExecutor(2) as pool:
        copies = list(pool.map(lambda name: data_url(folder / name, budget), names))
    tracks = []
    for name, copy in zip(names, copies, strict=True):
        address = copy if copy is not None and len(copy) <= budget else None
        budget -= len(address or "")
        tracks.append(Track(name, known[name], address))
    return tracks


def _timeline(drawn: Element, tracks: Sequence[Track]) -> list[Element]:
    """The picture and the sound."""
    caption = (
        "One time axis, minutes and seconds from the start of the scene; sound as heard at the "
        "listener's place. Flags name violations; each line ends at what its violation rests on."
    )
    figure = el("figure", el("div", drawn, class_="scroll"), el("figcaption", caption))
    figure[-1].set("class", "caption")
    for track in tracks:
        add(figure, el("div", f"{sentence(track.what)} "))
        if track.address:
            add(figure, el("audio", controls="controls", preload="metadata", src=track.address))
        else:
            missing = f"Not on this page (too long, or no sound): see {track.name} in the evidence."
            add(figure, el("p", missing, class_="caption"))
    if any(track.address for track in tracks):
        add(
            figure, el("p", "Copies at 16 kHz; the evidence holds the originals.", class_="caption")
        )
    return [el("h2", "Second by second"), figure]


def _transcript(case: Case, ruling: Ruling) -> list[Element]:
    """Everything said and sent, in order, with the violations that rest on it."""
    marks = [(finding.at_s, finding.who, finding.cls) for finding in ruling.findings]
    rows = []
    for start_s, end_s, who, what in sorted(_happenings(case)):
        name = who.split(",")[0]
        tags = [cls for at_s, by, cls in marks if by == name and start_s - 0.05 <= at_s <= end_s]
        cells = [el("span", cls, class_="cls") for cls in tags]
        rows.append([el("td", clock_time(start_s), class_="n"), el("td", who),
                     el("td", what, " " if cells else "", *cells)])  # fmt: skip
    return [el("h2", "In words"), table(("At", "Who", "What"), rows, "")]


def _happenings(case: Case) -> Iterable[tuple[float, float, str, str]]:
    """Start, end, who, what."""
    for event in case.events:
        if isinstance(event, LineSpoken):
            line = case.script.line(event.line_id)
            who = f"{line.who}, to the {line.to}"
            heard = "" if event.heard else " (not heard at the microphone)"
            yield event.start_s, event.end_s, who, quoted(line.says) + heard
        elif isinstance(event, LineUnsaid):
            line = case.script.line(event.line_id)
            yield event.at_s, event.at_s, line.who, f"left unsaid: {event.reason}"
        elif isinstance(event, PromptHeard):
            yield event.start_s, event.end_s, "the device", quoted(event.text) + audible(event)
        elif isinstance(event, SpeechHeard):
            said = quoted(event.text) if event.text else "speech"
            yield event.start_s, event.end_s, speaker(event), f"{said}: {event.trouble}"
        elif isinstance(event, MessageReceived):
            sound = "a text" if event.audio_s is None else f"{event.audio_s:.1f} s of sound"
            yield event.at_s, event.at_s, "message", f"{sound} arrived with {event.recipient}"
        elif isinstance(event, DeedDone):
            yield event.at_s, event.at_s, "the bench", event.in_words


def _proof(story: Story, ruling: Ruling) -> list[Element]:
    """The controls, held and broken."""
    rows = [
        [
            el("td", "✓ held" if c.held else "✗ broken", class_="pass" if c.held else "fail"),
            el("td", control_name(c)),
            el("td", c.phase),
            el("td", control_measure(c), class_="n"),
            el("td", sentence(c.detail)),
        ]
        for c in ruling.controls
    ]
    headings = ("", "Control", "When", "Measured", "In words")
    return [el("h2", "Would we have seen it?"), el("p", f"{story.controls} {story.observable}"),
            *([table(headings, rows, "stack")] if rows else [])]  # fmt: skip


def _limits(ruling: Ruling) -> list[Element]:
    """The numbers of the rule that this ruling used."""
    if not ruling.limits:
        return []
    rows = [
        [el("td", name.removesuffix("_s").replace("_", " ")),
         el("td", span(value) if unit == "s" else f"{value:g} {unit}".strip(), class_="n")]
        for name, value, unit in ruling.limits
    ]  # fmt: skip
    return [el("h2", "Limits used"), table(("Limit", "Value"), rows, "")]


def _again(folder: Path) -> list[Element]:
    """How to check all this."""
    return [
        el("h2", "Check it yourself"),
        el("p", "Judge the recorded run again, on any machine: ",
           el("code", f"sayso rejudge {folder.name}"), ". The ruling comes out the same, byte for "
           "byte, or the command names the file that was changed."),
        el("p", "This page holds recordings of people: keep it as private as the evidence.",
           class_="caption"),
    ]  # fmt: skip
