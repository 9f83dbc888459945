"""One static page a play: opens from disk, holds its sound, needs no script and no network."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from harness.evidence import layout
from harness.evidence.folder import SoundFile
from harness.evidence.read import read_case, read_sounds, read_traffic
from harness.judge import chains
from harness.model.case import Case
from harness.model.ruling import Ruling
from harness.report.axis import Axis
from harness.report.chain_page import chain_lane, chain_section
from harness.report.lanes import TO_DEVICE
from harness.report.markup import add, el, html_text
from harness.report.page_sounds import sound_section
from harness.report.page_tables import PROOF, limits, proof, table, transcript
from harness.report.page_wire import account_of, destination_lanes, destination_table
from harness.report.picture import Drawn, picture, play_axis
from harness.report.sound import Outline, outline
from harness.report.spectrogram import Spectrogram, spectrogram
from harness.report.story import Row, Story, tell
from harness.report.style import CSS

PAGE_BYTES_MAX = 2_000_000
"""What a page may weigh at most, with its sound: it opens at once, also from an Allure report."""

_SIGNS = {"pass": "✓", "inconclusive": "?", "fail": "✗", "fail (known)": "✗"}
_STYLES = {"fail (known)": "known"}


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
    story, axis, links = tell(ruling), play_axis(case), chains(case, ruling)
    account = account_of(folder, case)
    destinations = [] if account is None else destination_lanes(account, axis)
    heard = _heard(folder, sounds, axis)
    drawn = Drawn(traffic, heard, destinations, chain_lane(links, axis))
    main = el("main", *head(story), _meta(story, case, folder), *_findings(story))
    add(main, *chain_section(links, ruling.findings), *_timeline(picture(case, ruling, drawn)))
    add(main, *sound_section(case, ruling, folder, sounds, axis), *transcript(case, ruling))
    add(main, *destination_table(account), *proof(story, ruling), *limits(ruling), *_again(folder))
    return "<!doctype html>\n" + html_text(_document(story, main)) + "\n"


def _heard(folder: Path, sounds: Sequence[SoundFile], axis: Axis) -> Spectrogram | Outline | None:
    """The listener's recording to be drawn; of a long one its outline."""
    for sound in sounds:
        if sound.name == layout.LISTENER:
            path = folder / sound.name
            return spectrogram(path, sound.starts_at_s, axis) or outline(
                path, sound.starts_at_s, axis
            )
    return None


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
    unmet = [text if n == 1 else f"{text} ({n} times)" for text, n in Counter(story.unmet).items()]
    parts += [el("p", text) for text in (*unmet, story.known) if text]
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
    text = f"Device: {story.device}. Rig: {case.rig.rig}. Played {story.lasted}. {story.controls} "
    # What a violation needs to be seen is told where the controls are, and led to from here.
    seen = el("a", story.observable, href=f"#{PROOF}")
    return el("p", text, seen, f" Evidence: {folder.name}", class_="meta")


def _findings(story: Story) -> list[Element]:
    """The violations, first broken link first."""
    if not story.rows:
        return []
    by = any(row.by for row in story.rows)
    headings = ("Violation", "At", "What it rests on", *(("By",) if by else ()), "Shown by")
    rows = [_finding_cells(row, number, by) for number, row in enumerate(story.rows, 1)]
    return [el("h2", "What broke consent", id="findings"), table(headings, rows, "stack")]


def _finding_cells(row: Row, number: int, by: bool) -> list[Element]:
    """One violation as cells; its class and time lead to its flag on the time axis.

    `by`: whether the table has a column for who said it.
    """
    grade = f" ({row.grade})" if row.grade else ""
    place = f"#flag-{number}"
    badge = el("a", row.cls, class_="cls", href=place, id=f"finding-{number}")
    cause = el("td", badge, f"{row.cause}{grade}")
    said = el("td", row.said)
    if row.is_quote:
        add(said, el("span", row.detail, class_="small"))
    sources = el("td", row.sources, class_="sources")
    at = el("td", el("a", row.at, href=place), class_="n")
    who = [el("td", row.by, class_="by")] if by else []
    return [cause, at, said, *who, sources]


def _timeline(drawn: Element) -> list[Element]:
    """The picture."""
    caption = (
        "One time axis, minutes and seconds from the start of the scene; sound as heard at the "
        "listener's place. Flags name violations and lead to their rows above; each line ends at "
        f"what its violation rests on. {TO_DEVICE.strip()} and a darker bar: said to the device. "
        "The light is filled while it listens. Bytes: up sent, down received, each lane on a scale "
        "of its own. In the chain ✗ is a broken link; numbers are those of the conditions."
    )
    box = el("div", drawn, class_="scroll", tabindex="0", role="region",
             aria_label="Timeline")  # fmt: skip
    swipe = el(
        "p",
        "Move it sideways; the same is told in words below.",
        class_="caption swipe",
    )
    figure = el("figure", swipe, box, el("figcaption", caption, class_="caption"))
    return [el("h2", "Second by second", id="timeline"), figure]


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
