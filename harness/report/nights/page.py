"""The first page as one static HTML file: no script, no outside file, light and dark.

Only its links lead elsewhere: to the ruling page of each play, where its evidence lies.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from harness.report.markup import add, el, html_text
from harness.report.nights.answers import Answers, Rig, Ship, change_words
from harness.report.nights.changes import Change
from harness.report.nights.facts import Night, Play, State, graver
from harness.report.nights.strips import NIGHTS_SHOWN, STYLES, false_wakes, link, strips
from harness.report.nights.style import CSS as MORE_CSS
from harness.report.nights.style import FRAMED
from harness.report.nights.words import SIGNS, failed_of, sorted_scenes
from harness.report.phrases import count
from harness.report.style import CSS

_SHIP = {Ship.YES: ("✓", "pass"), Ship.KNOWN: ("k", "known"),
         Ship.NOT_PROVEN: ("?", "inconclusive"), Ship.NO: ("✗", "fail")}  # fmt: skip
_RIG = {Rig.WELL: ("✓", "pass"), Rig.NOT_EXAMINED: ("?", "inconclusive"),
        Rig.UNWELL: ("✗", "fail")}  # fmt: skip


def build_first_page(nights: Sequence[Night], answers: Answers, out: Path) -> str:
    """The whole document. `nights`: oldest first; `out`: the folder it will lie in."""
    last = nights[-1]
    main = el("main", *_ship(last, answers), *_new(answers, out), *_rig(answers))
    add(main, *_by_night(nights, out), *_wakes(nights), *_rulings(last, out))
    return _document(f"{answers.ship.upper()}: {last.device}, {last.date}", main)


def build_wakes_page(nights: Sequence[Night]) -> str:
    """False wakes night by night alone, as a document without links: for Allure's report.

    Allure shows it, under its name, in a frame of 150 px: so the newest nights stand at its top.
    """
    table, caption = _wakes(nights)[1:]
    return _document(f"False wakes: {nights[-1].device}", el("main", table, caption), FRAMED)


def _document(title: str, main: Element, more: str = "") -> str:
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("title", title),
        el("style", CSS + MORE_CSS + more),
    )
    return "<!doctype html>\n" + html_text(el("html", head, el("body", main), lang="en")) + "\n"


def _ship(night: Night, answers: Answers) -> list[Element]:
    sign, style = _SHIP[answers.ship]
    facts = (
        f"{night.device}, firmware {night.firmware}, on {night.rig}. {night.name}, began "
        f"{night.date}: {count(len(night.plays), 'play')} of "
        f"{count(len(night.by_scene()), 'scene')}."
    )
    return [
        el("p", "Sayso · the last night", class_="kicker"),
        el("h1", "Safe to ship?"),
        el("p", el("span", f"{sign} {answers.ship.upper()}", class_=f"stamp {style}"),
           class_="verdicts"),
        *(el("p", text, class_="deck") for text in answers.ship_why),
        el("p", facts, class_="meta"),
    ]  # fmt: skip


def _new(answers: Answers, out: Path) -> list[Element]:
    changes = answers.changes
    against = f"Held against {changes.against}. " if changes.against else ""
    note = f"{against}A scene is held against the night in which it was played before."
    grave = {*changes.failing, *changes.classes, *changes.inconclusive}
    told = (*changes.failing, *changes.classes, *changes.inconclusive, *changes.well)
    items = [_changed(change, change in grave, out) for change in told]
    items += [el("li", text) for text in answers.new if not _is_listed(text)]
    items += [el("li", f"Not played since it failed: {c.scene} ({c.before_night})")
              for c in changes.gone]  # fmt: skip
    return [el("h2", "What is new since last night?"), el("ul", *items, class_="answer"),
            el("p", note, class_="caption")]  # fmt: skip


_IS = {State.FAIL: "fails", State.INCONCLUSIVE: "is inconclusive",
       State.KNOWN: "fails as listed", State.PASS: "passes"}  # fmt: skip
_WAS = {State.FAIL: "failed before", State.INCONCLUSIVE: "was inconclusive",
        State.KNOWN: "failed as listed", State.PASS: "passed before"}  # fmt: skip
_LISTED = ("Newly", "Fails otherwise", "Got well")


def _is_listed(text: str) -> bool:
    """Whether a sentence of the answer stands in the list already, scene by scene."""
    return text.startswith(_LISTED)


def _changed(change: Change, grave: bool, out: Path) -> Element:
    """`✗ fails, passed before: scene (...)`, with the page of its gravest play."""
    now, before = change.now or State.INCONCLUSIVE, change.before or State.INCONCLUSIVE
    sign = el("b", f"{SIGNS[now]} {_IS[now]}, {_WAS[before]}: ", class_=STYLES[now])
    play = graver(change.plays)[0]
    headline = f" {play.headline}" if grave else ""
    return el("li", sign, link(play, out, change_words(change)), headline)


def _rig(answers: Answers) -> list[Element]:
    sign, style = _RIG[answers.rig]
    stamp = el("p", el("span", f"{sign} {answers.rig.upper()}", class_=f"stamp {style}"))
    return [el("h2", "Is the rig well?"), stamp,
            el("ul", *(el("li", text) for text in answers.rig_why), class_="answer")]  # fmt: skip


def _by_night(nights: Sequence[Night], out: Path) -> list[Element]:
    older = len(nights) - NIGHTS_SHOWN
    more = f" {count(older, 'older night')} not drawn." if older > 0 else ""
    legend = "; ".join(f"{sign} {state}" for state, sign in SIGNS.items())
    caption = f"Oldest to newest. {legend}; · not played. The number: plays that failed.{more}"
    return [el("h2", "Scene by scene, night by night"), el("p", caption, class_="caption"),
            *strips(nights, out)]  # fmt: skip


def _wakes(nights: Sequence[Night]) -> list[Element]:
    caption = ("Accidental activations that sent something, an hour of listening, with the exact "
               "95 % interval for counts (Garwood, 1936); where there was none, what it is "
               "below.")  # fmt: skip
    return [el("h2", "False wakes"), false_wakes(nights), el("p", caption, class_="caption")]


def _rulings(night: Night, out: Path) -> list[Element]:
    """Every ruling of the night: open where something was wrong, folded where all passed."""
    wrong: list[Element] = []
    right: list[Element] = []
    for scene, plays in sorted_scenes(night):
        passed = [play for play in plays if play.state is State.PASS]
        others = [play for play in graver(plays) if play.state is not State.PASS]
        box = _scene(scene, others, passed, failed_of(plays), out)
        (wrong if others else right).append(box)
    if right:
        summary = el("summary", f"{count(len(right), 'scene')} passed in every play")
        right = [el("details", summary, el("div", *right, class_="inner"))]
    return [el("h2", "Every ruling of the last night"), *wrong, *right]


def _scene(
    scene: str, others: Sequence[Play], passed: Sequence[Play], failed: str, out: Path
) -> Element:
    box = el("details", el("summary", f"{scene}: {failed} failed"))
    if others:
        box.set("open", "open")
        add(box, el("ul", *_others(others, out), class_="answer"))
    if passed:
        links = [link(play, out, f"play {play.number}") for play in passed]
        add(box, el("p", el("b", f"{SIGNS[State.PASS]} passed: ", class_="pass"), *links,
                    class_="plays"))  # fmt: skip
    return box


def _others(plays: Iterable[Play], out: Path) -> Iterable[Element]:
    for play in plays:
        state = play.state
        sign = el("b", f"{SIGNS[state]} {state} ", class_=STYLES[state])
        classes = "".join(f" {cls}" for cls in play.classes)
        told = f"{classes} {play.spoilt or play.headline}"
        yield el("li", sign, link(play, out, f"play {play.number}"), told)
