"""The answers as Markdown for a merge request, and as one line for machines."""

from collections.abc import Sequence

from harness.report.nights.answers import Answers
from harness.report.nights.facts import FAILED, Night, Play, State, graver, state_of
from harness.report.series_words import hourly_words

SIGNS = {State.FAIL: "✗", State.INCONCLUSIVE: "?", State.KNOWN: "k", State.PASS: "✓"}
_MOST_ROWS = 50


def markdown(nights: Sequence[Night], answers: Answers) -> str:
    """For a merge request or a mail."""
    last = nights[-1]
    lines = [f"## Safe to ship? {answers.ship.upper()}", "", *answers.ship_why, ""]
    lines += [f"**New since {answers.changes.against or 'the night before'}**", ""]
    lines += [f"- {text}" for text in answers.new]
    lines += ["", f"**Is the rig well? {answers.rig.capitalize()}**", ""]
    lines += [f"- {text}" for text in answers.rig_why]
    lines += ["", f"Accidental activations that sent something: {hourly_words(last.activations)}."]
    lines += ["", *_scenes(last), f"{last.device}, firmware {last.firmware}, on {last.rig}, "
              f"{last.date}."]  # fmt: skip
    return "\n".join(_plain(line) for line in lines) + "\n"


def _plain(line: str) -> str:
    """Text of others may hold what Markdown would read as HTML."""
    return line.replace("<", "&lt;").replace("\n", " ")


def _scenes(night: Night) -> list[str]:
    """A row for each scene that did not pass, gravest first."""
    rows = [(scene, plays) for scene, plays in sorted_scenes(night)
            if state_of(plays) is not State.PASS]  # fmt: skip
    if not rows:
        return []
    told = ["| scene | came to | failed | first of them |", "|---|---|---|---|"]
    for scene, plays in rows[:_MOST_ROWS]:
        state, first = state_of(plays), graver(plays)[0]
        headline = first.headline.replace("|", "\\|")
        told.append(f"| {scene} | {SIGNS[state]} {state} | {failed_of(plays)} | {headline} |")
    if len(rows) > _MOST_ROWS:
        told.append(f"| and {len(rows) - _MOST_ROWS} more | | | |")
    return [*told, ""]


def sorted_scenes(night: Night) -> list[tuple[str, tuple[Play, ...]]]:
    """Scenes with their plays, gravest first, then by name."""
    order = tuple(State)
    return sorted(night.by_scene().items(), key=lambda each: (order.index(state_of(each[1])), each))


def failed_of(plays: Sequence[Play]) -> str:
    """`2 of 14`."""
    return f"{sum(play.kind in FAILED for play in plays)} of {len(plays)}"


def machine_line(nights: Sequence[Night], answers: Answers) -> str:
    """One line of `name=value`, blanks in values as `-`; names are never renamed, only added."""
    last, changes = nights[-1], answers.changes
    states = [play.state for play in last.plays]
    rate, interval = last.activations, last.activations.interval
    told = {
        "ship": answers.ship,
        "rig": answers.rig,
        "nights": len(nights),
        "plays": len(states),
        "failed": states.count(State.FAIL),
        "inconclusive": states.count(State.INCONCLUSIVE),
        "known": states.count(State.KNOWN),
        "passed": states.count(State.PASS),
        "newly_failing": len(changes.failing),
        "newly_inconclusive": len(changes.inconclusive),
        "got_well": len(changes.well),
        "activations": rate.events,
        "hours": f"{rate.hours:.2f}",
        "per_hour_high": "none" if interval is None else f"{interval.high:.3g}",
    }
    return "sayso: " + " ".join(f"{k}={str(v).replace(' ', '-')}" for k, v in told.items())
