"""A series for people: a line a play, the sentences at the end, and the same as HTML."""

import textwrap
from pathlib import Path

from harness.model.ruling import Verdict
from harness.model.series import PlayKind, Rate, SeriesPlan, SeriesPlay, SeriesRuling
from harness.report.explain import WIDTH, outcome_painted
from harness.report.markup import el, html_text
from harness.report.phrases import count, listing
from harness.report.series_words import hourly_words, plays_asked, rate_words
from harness.report.story import pre_roll_words

_KIND_WIDTH = max(len(kind) for kind in PlayKind)


def play_line(play: SeriesPlay, plan: SeriesPlan) -> str:
    """One play on one line: which, what came of it, the violations, where its evidence lies."""
    which = f"play {play.number:>{len(str(plan.plays))}} of {plays_asked(plan)}"
    found = f"{' '.join(play.classes)}  " if play.classes else ""
    return f"{which}  {play.kind:<{_KIND_WIDTH}}  {found}{play.evidence}"


def series_text(series: SeriesRuling, record: Path | None, *, colour: bool = False) -> str:
    """What the series came to, ending with a newline; `record` is its JSON, shown as given."""
    word = outcome_painted(series.outcome, colour)
    made = count(len(series.plays), "play")
    lines = [f"{word}  {series.scene_id}   {series.device}, firmware {series.firmware}   {made}"]
    for sentence in sentences(series):
        lines += textwrap.wrap(sentence, WIDTH, break_on_hyphens=False)
    shown = worth_reading(series)
    folder = shown.evidence if record is None else str(record.parent / shown.evidence)
    lines.append(f"Read first: sayso explain {folder}")
    if record is not None:
        lines.append(f"Series: {record}")
    return "\n".join(lines) + "\n"


def sentences(series: SeriesRuling) -> tuple[str, ...]:
    """The headline, how often each class was found, and accidental activations by the hour."""
    by_rate: dict[Rate, list[str]] = {}
    for each in series.classes:
        by_rate.setdefault(each.rate, []).append(each.cls)
    classes = [f"{listing(found)} {rate_words(rate)}." for rate, found in by_rate.items()]
    listed = f"Listed as known: {', '.join(series.listed)}." if series.listed else ""
    heard = series.activations
    woken = f"Accidental activations that sent something: {hourly_words(heard)}."
    told = (series.headline, *classes, listed, woken if heard.hours else "", _pre_roll(series))
    return tuple(text for text in told if text)


def _pre_roll(series: SeriesRuling) -> str:
    """How much sound from before wake words was sent; empty where no payload was read."""
    if series.pre_roll_median_s is None:
        return ""
    sent = [s for play in series.plays for s in play.pre_rolls_s]
    middle, most = pre_roll_words(series.pre_roll_median_s), pre_roll_words(max(sent))
    spread = f"median {middle}, at most {most}" if len(sent) > 1 else middle
    return f"Sound from before the wake word, in {count(len(sent), 'activation')}: {spread}."


def worth_reading(series: SeriesRuling) -> SeriesPlay:
    """The play to look at first: a failure, else one that showed nothing, else the first."""
    order = (PlayKind.FAIL, PlayKind.INCONCLUSIVE, PlayKind.NOT_PROVOKED, PlayKind.MISSING)
    kinds = order if series.verdict is not Verdict.PASS else ()
    for kind in kinds:
        for play in series.plays:
            if play.kind is kind:
                return play
    return series.plays[0]


def series_html(series: SeriesRuling) -> str:
    """The series as an HTML fragment without styles or script; every text in it is escaped."""
    head = el("p", el("strong", series.outcome.upper()), f" {series.scene_id}, {series.device}")
    rows = [
        el("tr", *(el("td", cell) for cell in _cells(play)))
        for play in series.plays
    ]  # fmt: skip
    said = [el("p", el("strong", text) if n == 0 else text)
            for n, text in enumerate(sentences(series))]  # fmt: skip
    return html_text(el("div", head, *said, el("table", el("tbody", *rows))))


def _cells(play: SeriesPlay) -> tuple[str, ...]:
    return str(play.number), play.kind, " ".join(play.classes), play.headline, play.evidence
