"""The chain of consent, drawn: as a lane under the time axis, and as links with their facts."""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from harness.judge import Chain, Link, LinkState
from harness.model.ruling import Finding
from harness.report.axis import Axis
from harness.report.lanes import LINE_H, RIGHT, Lane
from harness.report.markup import Child, add, el
from harness.report.phrases import clock_time, count, listing, quoted, sentence

CHAIN = "Chain of consent"

_SIGNS = {
    LinkState.HELD: "✓",
    LinkState.THERE: "○",
    LinkState.BROKEN: "✗",
    LinkState.UNPROVEN: "?",
    LinkState.WAIVED: "-",
    LinkState.NOT_NEEDED: "-",
}
_IN_WORDS = {LinkState.THERE: "said, but proves nothing alone"}
_SEND, _FIRST_GUARD = 8, 9
_RING_PX, _APART_PX, _CHAR_PX = 8.0, 22.0, 7.6
_ROWS = 3


def chain_section(chains: Sequence[Chain], findings: Sequence[Finding]) -> list[Element]:
    """The chain of every message, link by link; nothing where none arrived."""
    if not chains:
        return []
    parts = [el("h2", "The chain of consent", id="chain")]
    for chain in chains:
        parts.append(el("p", _sentence(chain)))
        parts.append(el("ol", *(_item(link, findings) for link in _shown(chain)), class_="chain"))
        if rest := _guards(chain):
            parts.append(el("p", rest, class_="caption"))
    return parts


def _sentence(chain: Chain) -> str:
    to, at = chain.message.recipient, clock_time(chain.message.at_s)
    if chain.consented:
        return f"The message to {to} at {at}: every link that it needs held."
    if chain.consented is None:
        why = f": {chain.why}" if chain.why else ""
        return f"The message to {to} at {at}: not proven either way{why}."
    broken = [link for link in chain.links if link.state is LinkState.BROKEN]
    return f"The message to {to} at {at}: {count(len(broken), 'link')} broken; it was sent anyway."


def _shown(chain: Chain) -> list[Link]:
    """The steps, and of the guards those that broke."""
    broken = LinkState.BROKEN
    return [a for a in chain.links if a.condition < _FIRST_GUARD or a.state is broken]


def _guards(chain: Chain) -> str:
    """What else had to hold, in a sentence."""
    told = []
    for state in (LinkState.HELD, LinkState.UNPROVEN, LinkState.WAIVED):
        names = [a.name for a in chain.links if a.condition >= _FIRST_GUARD and a.state is state]
        if names:
            told.append(f"{sentence(state)[:-1]}: {listing(names).lower()}.")
    return f"What must hold all along. {' '.join(told)}" if told else ""


def _item(link: Link, findings: Sequence[Finding]) -> Element:
    """A link: its name, what became of it, when, and what was said."""
    state = _IN_WORDS.get(link.state, link.state.value)
    if link.condition == _SEND and link.state is LinkState.UNPROVEN:
        state = "no yes to count from"
    item = el("li", el("b", link.name), class_=str(link.state).replace(" ", "-"))
    add(item, el("span", f"{_SIGNS[link.state]} {state}", class_="state"))
    add(item, *(_badge(cls, link, findings) for cls in link.classes))
    if link.at_s is not None:
        add(item, el("span", clock_time(link.at_s), class_="when"))
    if link.quote:
        said = quoted(link.quote) if link.who else sentence(link.quote)
        add(item, el("span", said, class_="said"))
    if link.who:
        add(item, el("span", link.who, class_="when"))
    return item


def _badge(cls: str, link: Link, findings: Sequence[Finding]) -> Element:
    """The class, leading to its row."""
    at_s = link.at_s or 0.0
    near = [
        (abs(finding.at_s - at_s), number)
        for number, finding in enumerate(findings, 1)
        if finding.cls == cls
    ]
    if not near:
        return el("span", cls, class_="cls")
    return el("a", cls, class_="cls", href=f"#finding-{min(near)[1]}")


def chain_lane(chains: Sequence[Chain], axis: Axis) -> Lane | None:
    """A ring for each link at the time of its fact, joined in order; None where there are none."""
    marks: list[Element] = []
    top = 0.0
    for chain in chains:
        needed = (a for a in _shown(chain) if a.state is not LinkState.NOT_NEEDED)
        links = sorted((a for a in needed if a.at_s is not None), key=lambda a: a.at_s or 0.0)
        drawn, height = _row(links, axis, top)
        marks += drawn
        top += height
    return Lane(CHAIN, top + 2, tuple(marks)) if marks else None


def _row(links: Sequence[Link], axis: Axis, top: float) -> tuple[list[Element], float]:
    """One message's rings with their names under them, none over another's."""
    lines: list[Element] = []
    rings: list[Element] = []
    free_from = [0.0] * _ROWS
    before: float | None = None
    deepest = 0
    for link in links:
        x = min(max(axis.x(link.at_s or 0.0), (before or 0.0) + _APART_PX), RIGHT - _RING_PX)
        if before is not None:
            lines.append(_joint(before, x, top + 11, link.state))
        before = x
        label: list[Child] = [f"{_SIGNS[link.state]} {link.name}"]
        width = len(str(label[0])) * _CHAR_PX
        start = min(x - _RING_PX, RIGHT - width)
        row = next((i for i, free in enumerate(free_from) if free <= start), _ROWS - 1)
        free_from[row] = start + width + 6
        deepest = max(deepest, row)
        rings.append(_ring(link, x, top + 11))
        y = top + 22 + LINE_H * (row + 1) - 3
        rings.append(el("text", *label, x=start, y=y, class_=f"words {_style(link.state)}"))
    return [*lines, *rings], 24 + LINE_H * (deepest + 1)


def _joint(x: float, until: float, y: float, state: LinkState) -> Element:
    """The piece between two rings; torn in the middle before one that is broken."""
    x, until = x + _RING_PX, until - _RING_PX
    if state is not LinkState.BROKEN or until - x < 6:
        return el("path", d=f"M{x:.1f} {y:.1f}H{until:.1f}", class_=f"joint {_style(state)}")
    gap = min(10.0, (until - x) / 2)
    left, right = (x + until - gap) / 2, (x + until + gap) / 2
    path = f"M{x:.1f} {y:.1f}H{left:.1f}l3 -5M{right - 3:.1f} {y + 5:.1f}l3 -5H{until:.1f}"
    return el("path", d=path, class_=f"joint {_style(state)}")


def _ring(link: Link, x: float, y: float) -> Element:
    told = f"{clock_time(link.at_s or 0.0)} {link.name}: {link.state}"
    group = el("g", el("title", told), el("circle", cx=x, cy=y, r=_RING_PX, class_=_ringed(link)))
    inside = _SIGNS[link.state] if link.state is LinkState.BROKEN else str(link.condition)
    add(group, el("text", inside, x=x, y=y + 3.8, class_=f"ring-text {_style(link.state)}"))
    return group


def _ringed(link: Link) -> str:
    return f"chain-ring {_style(link.state)}"


def _style(state: LinkState) -> str:
    return state.value.replace(" ", "-")
