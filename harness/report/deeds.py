"""What was done to the device, as spans: muted, no power, no network."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.model.script import Deed
from harness.model.timeline import DeedDone
from harness.report.phrases import clock_time

_STATES = (
    # what takes away, what gives back, the state between
    (Deed.MUTE, Deed.UNMUTE, "muted"),
    (Deed.UNPLUG, Deed.PLUG_IN, "no power"),
    (Deed.NETWORK_OFF, Deed.NETWORK_ON, "no network"),
)


@dataclass(frozen=True, slots=True)
class Away:
    """A span without something: `told` says which deeds made it, `until_s` None: to the end."""

    state: str
    from_s: float
    until_s: float | None
    told: str


def spans(deeds: Iterable[DeedDone]) -> list[Away]:
    """The spans of every state, by state, then by time. What gives back nothing makes none."""
    found = []
    ordered = sorted(deeds, key=lambda deed: deed.at_s)
    for taken, given, state in _STATES:
        since: DeedDone | None = None
        for deed in (d for d in ordered if d.deed in (taken, given)):
            if deed.deed is taken:
                since = since or deed
            elif since is not None:
                found.append(Away(state, since.at_s, deed.at_s, f"{told(since)}, {told(deed)}"))
                since = None
        if since is not None:
            found.append(Away(state, since.at_s, None, told(since)))
    return found


def told(deed: DeedDone) -> str:
    """`mute pressed 0:12.3`."""
    return f"{deed.deed.in_words} {clock_time(deed.at_s)}"
