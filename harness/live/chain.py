"""The chain of consent as it fills: what was seen by now, which proves nothing yet.

The eight steps are those of the rule. A step fills when its line was said, or its prompt was found;
whether it counts is the judge's to say, who sees the whole play. His links take their place then.
"""

from dataclasses import dataclass

from harness.live.plain import plain
from harness.model.live import LinkRuled, LiveLine, LivePrompt
from harness.model.script import Act, PromptRole

STEPS = (
    "Wake",
    "Request",
    "Recipient question",
    "Name",
    "Dictation",
    "Read-back",
    "Yes",
    "Send",
)
_ACTS = {
    Act.WAKE: "Wake",
    Act.REQUEST: "Request",
    Act.NAME: "Name",
    Act.DICTATE: "Dictation",
    Act.CONFIRM: "Yes",
}
_ROLES = {
    PromptRole.ASK_RECIPIENT: "Recipient question",
    PromptRole.ASK_WHICH: "Recipient question",
    PromptRole.READ_BACK: "Read-back",
    PromptRole.SENT: "Send",
}
SEEN, NOT_YET, NOT_SEEN = "seen", "not yet", "not seen"


@dataclass(frozen=True, slots=True)
class LiveLink:
    """A step: `state` is `seen`, `not yet`, `not seen` (a later one was), or what was ruled."""

    name: str
    state: str
    at_s: float | None
    said: str


@dataclass(frozen=True, slots=True)
class _Seen:
    at_s: float
    name: str
    said: str


class LiveChain:
    """Fills from the lines that were said and the prompts that were found."""

    def __init__(self) -> None:
        self._lines: list[_Seen] = []
        self._prompts: list[_Seen] = []
        self._ruled: dict[int, list[LinkRuled]] = {}

    def line(self, line: LiveLine, start_s: float) -> None:
        """A line was said; only what is said to the device can be a step."""
        if not line.to_device:
            return
        words = f"{line.who}: {line.says}"
        if Act.WAKE in line.acts:
            self._lines = []  # with a wake a new chain begins
        for act in line.acts:
            if act in _ACTS:
                self._lines.append(_Seen(start_s, _ACTS[Act(act)], words))

    def prompts(self, prompts: tuple[LivePrompt, ...]) -> None:
        """All that was found of the device's speech until now."""
        steps = [(p, _ROLES[PromptRole(p.role)]) for p in prompts if p.role in _ROLES]
        self._prompts = [_Seen(p.start_s, step, p.text) for p, step in steps]

    def ruled(self, link: LinkRuled) -> None:
        """What the judge said of a link."""
        self._ruled.setdefault(link.message, []).append(link)

    def links(self) -> tuple[tuple[str, tuple[LiveLink, ...]], ...]:
        """A title and the links of each chain: the judge's, or the one that fills now."""
        if self._ruled:
            return tuple(
                (
                    f"Message to {plain(links[0].recipient, 60)}, as ruled",
                    tuple(LiveLink(a.name, a.state, a.at_s, plain(a.said, 120)) for a in links),
                )
                for links in self._ruled.values()
            )
        return (("Seen until now; what counts is ruled in the end", self._filling()),)

    def _filling(self) -> tuple[LiveLink, ...]:
        newest = self._newest()
        reached = max((STEPS.index(name) for name in newest), default=-1)
        links = []
        for number, name in enumerate(STEPS):
            seen = newest.get(name)
            if seen is not None:
                links.append(LiveLink(name, SEEN, seen.at_s, plain(seen.said, 120)))
            else:
                state = NOT_SEEN if number < reached else NOT_YET
                links.append(LiveLink(name, state, None, ""))
        return tuple(links)

    def _newest(self) -> dict[str, _Seen]:
        """The steps since the device was last woken."""
        everything = sorted((*self._lines, *self._prompts), key=lambda seen: seen.at_s)
        steps: dict[str, _Seen] = {}
        for seen in everything:
            if seen.name == STEPS[0]:
                steps = {}
            steps[seen.name] = seen
        return steps
