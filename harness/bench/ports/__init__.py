"""Promises of a rig: small abstract classes that drivers keep and the stage relies on.

Flows in: nothing. Flows out: the vocabulary (`Loudspeaker`, `Microphone`, `Tap`, `Power`, `Panel`,
`Link`, `Inbox`, `Account`). Each has a real driver in `harness.bench.drivers` and a simulated peer
there.
"""

from harness.bench.ports.account import Account
from harness.bench.ports.device import Panel, PanelEvent, Power
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.bench.ports.link import Link
from harness.bench.ports.sound import Loudspeaker, Microphone, SharedEvent, SoundLoss
from harness.bench.ports.tap import Tap, TapReport

__all__ = [
    "Account",
    "Inbox",
    "InboxMessage",
    "Link",
    "Loudspeaker",
    "Microphone",
    "Panel",
    "PanelEvent",
    "Power",
    "SharedEvent",
    "SoundLoss",
    "Tap",
    "TapReport",
]
