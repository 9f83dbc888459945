"""The same facts on a terminal, for a bench that is reached over ssh."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from rich.columns import Columns
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from harness.live.plain import clock_time, size
from harness.live.state import Section
from harness.live.watcher import Watcher

_LOOK_S = 0.5
_LOUDEST_DB, _QUIETEST_DB, _BAR = 0.0, -90.0, 24
_STYLES = {
    "seen": "green",
    "held": "green",
    "broken": "bold red",
    "not seen": "yellow",
    "pass": "bold green",
    "fail": "bold red",
    "inconclusive": "bold yellow",
}
_SIGNS = {"seen": "●", "held": "✓", "broken": "✗", "not yet": "·", "not seen": "○"}
_BLOCKS = " ▁▂▃▄▅▆▇█"


def show(watcher: Watcher, console: Console, wait_s: Callable[[float], None] = time.sleep) -> None:
    """Show what is known, twice a second, until interrupted."""
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while True:
            watcher.look()
            live.update(view(watcher.sections(), console.height), refresh=True)
            wait_s(_LOOK_S)


def view(sections: dict[str, Section], lines: int) -> Group:
    """All sections one below the other; of the conversation as much as `lines` leave room for."""
    link = sections["link"]
    if not link["any"]:
        return Group(Text("No play is going on. It is shown here as soon as one begins."))
    said = max(3, lines - 34)
    parts: list[Text | Table | Columns] = [
        *_head(sections["head"], link),
        *_ruling(sections["ruling"]),
    ]
    parts += [*_levels(sections["levels"]), *_said(sections["said"], said)]
    parts += [*_chain(sections["chain"]), *_wire(sections["wire"])]
    parts += [*_controls(sections["controls"])]
    return Group(*parts)


def _head(head: Section, link: Section) -> Iterator[Text]:
    yield Text(f"{head['scene']}  {head['title']}", style="bold", no_wrap=True)
    place = f", {head['place']}" if head["place"] else ""
    yield Text(f"on {head['rig']}, {head['device']}{place}", no_wrap=True)
    state = "" if link["on"] else "   (it is over, or its process was ended)"
    if link["silent_s"]:
        state = f"   (nothing was told for {link['silent_s']} s)"
    light = f"   light: {head['light']}" if head["light"] else ""
    yield Text(f"{clock_time(head['at_s'])}  {head['phase']}{light}{state}", no_wrap=True)
    if head["left"]:
        what, left_s = head["left"]
        yield Text(f"left: {clock_time(left_s)} ({what})")
    if head["untold"] or head["why_untold"]:
        yield Text(f"not all was told: {head['untold']} dropped; {head['why_untold']}", "yellow")


def _ruling(ruling: Section) -> Iterator[Text]:
    if ruling["outcome"] is None:
        return
    style = _STYLES.get(ruling["outcome"].partition(" ")[0], "")
    yield Text(f"\n{ruling['outcome'].upper()}  {ruling['headline']}", style)
    for one in ruling["violations"]:
        yield Text(f"  {one}")


def _levels(levels: Section) -> Iterator[Text]:
    yield Text("\nLevels (dB re full scale)", "bold")
    for each in levels["channels"]:
        part = (each["now"] - _QUIETEST_DB) / (_LOUDEST_DB - _QUIETEST_DB)
        bar = "█" * round(_BAR * min(1.0, max(0.0, part)))
        yield Text(f"{each['name']:>18} {each['now']:>7.1f} {bar}", no_wrap=True)


def _said(said: Section, most: int) -> Iterator[Text]:
    yield Text(f"\nConversation ({said['done']} of {said['lines']} lines)", "bold")
    for row in said["rows"][-most:]:
        mark = "▶" if row["now"] else " "
        to = " → device" if row["kind"] == "to the device" else ""
        why = f"  ({row['kind']}: {row['why']})" if row["why"] and row["who"] != "device" else ""
        text = f"{mark}{clock_time(row['at_s']):>6} {row['who']}{to}: {row['text']}{why}"
        yield Text(text, "bold" if row["now"] else "", no_wrap=True, overflow="ellipsis")


def _chain(chain: Section) -> Iterator[Text | Columns]:
    for one in chain["chains"]:
        yield Text(f"\nChain of consent. {one['title']}", "bold", no_wrap=True)
        yield Columns([_link(link) for link in one["links"]], padding=(0, 2))


def _link(link: Section) -> Text:
    sign = _SIGNS.get(link["state"], "?")
    at = "" if link["at_s"] is None else f" {clock_time(link['at_s'])}"
    words = f"{sign} {link['name']} ({link['state']}{at})"
    return Text(words, _STYLES.get(link["state"], ""), no_wrap=True)


def _wire(wire: Section) -> Iterator[Text | Table]:
    yield Text("\nBytes by destination", "bold")
    if not wire["has_tap"] or wire["trouble"]:
        yield Text(wire["trouble"] or "this rig has no tap")
        return
    table = Table.grid(padding=(0, 2))
    for row in wire["rows"]:
        name = Text(row["name"], no_wrap=True, overflow="ellipsis")
        sent, received = f"{size(row['sent'])} sent", f"{size(row['received'])} received"
        table.add_row(name, sent, received, spark(row["over"]))
    yield table if wire["rows"] else Text("nothing yet")


def spark(values: list[int], width: int = 30) -> str:
    """Numbers over time as a row of blocks, the newest `width` of them."""
    shown = values[-width:]
    most = max(shown, default=0)
    return "".join(_BLOCKS[-(-8 * value // most)] if most else " " for value in shown)


def _controls(controls: Section) -> Iterator[Text]:
    if not controls["rows"]:
        return
    yield Text("\nControls", "bold")
    told: dict[Any, str] = {True: "held", False: "BROKEN", None: "ruled at the end"}
    for row in controls["rows"]:
        style = "bold red" if row["held"] is False else ""
        text = f"  {row['phase']}: {row['name']}: {told[row['held']]}. {row['detail']}"
        yield Text(text, style, no_wrap=True, overflow="ellipsis")
