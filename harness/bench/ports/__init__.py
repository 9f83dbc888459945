"""Promises of a rig: small abstract classes that drivers keep and the stage relies on.

Flows in: nothing. Flows out: the vocabulary (`Loudspeaker`, `Microphone`, `Tap`, `Proxy`, `Power`,
`Panel`, `Link`, `Inbox`, `Account`). Each has a real driver in `harness.bench.drivers`, and a
simulated peer there, but for the proxy: a simulated device has no server to be told of it.
"""

from harness.bench.ports.account import Account
from harness.bench.ports.device import Panel, PanelEvent, Power
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.bench.ports.link import Link
from harness.bench.ports.proxy import Passed, PassedEvent, PassReport, Proxy
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
    "PassReport",
    "Passed",
    "PassedEvent",
    "Power",
    "Proxy",
    "SharedEvent",
    "SoundLoss",
    "Tap",
    "TapReport",
]
