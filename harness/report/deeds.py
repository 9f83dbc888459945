"""What was done to the device, as spans: muted, no power, no network or a poor one."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.model.script import Deed
from harness.model.timeline import DeedDone
from harness.report.phrases import clock_time

_STATES = (
    # what takes away, what ends that, the state between
    (Deed.MUTE, (Deed.UNMUTE,), "muted"),
    (Deed.UNPLUG, (Deed.PLUG_IN,), "no power"),
    (Deed.NETWORK_OFF, (Deed.NETWORK_ON, Deed.NETWORK_POOR), "no network"),
    (Deed.NETWORK_POOR, (Deed.NETWORK_ON, Deed.NETWORK_OFF, Deed.NETWORK_POOR), "poor network"),
)


@dataclass(frozen=True, slots=True)
class Away:
    """A span without something: `told` says which deeds made it, `until_s` None: to the end.

    `word`: what stands on its bar: the state, or what is poor about the network.
    """

    state: str
    from_s: float
    until_s: float | None
    told: str
    word: str


def spans(deeds: Iterable[DeedDone]) -> list[Away]:
    """The spans of every state, by state, then by time. What gives back nothing makes none."""
    found = []
    ordered = sorted(deeds, key=lambda deed: deed.at_s)
    for taken, ends, state in _STATES:
        since: DeedDone | None = None
        for deed in (d for d in ordered if d.deed is taken or d.deed in ends):
            if since is not None and deed.deed in ends:
                found.append(_away(state, since, deed))
                since = None
            if deed.deed is taken:
                since = since or deed
        if since is not None:
            found.append(_away(state, since, None))
    return found


def _away(state: str, since: DeedDone, until: DeedDone | None) -> Away:
    word = state if since.network is None else since.network.in_words
    if until is None:
        return Away(state, since.at_s, None, told(since), word)
    return Away(state, since.at_s, until.at_s, f"{told(since)}, {told(until)}", word)


def told(deed: DeedDone) -> str:
    """`mute pressed 0:12.3`."""
    return f"{deed.in_words} {clock_time(deed.at_s)}"
