"""What the device sent, by destination, for the page: lanes of the time axis, and a table."""

from pathlib import Path
from xml.etree.ElementTree import Element

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.wire_facts import read_wire_facts
from harness.model.case import Case
from harness.model.timeline import Upload
from harness.report.axis import Axis
from harness.report.lanes import Lane
from harness.report.markup import el
from harness.report.page_tables import table
from harness.report.phrases import clock_time, size
from harness.report.wire_picture import destination_lane
from harness.report.wire_words import Account
from harness.wire.peers import CANARIES

_MOST_LANES = 6
_MOST_ROWS = 40


def account_of(folder: Path, case: Case) -> Account | None:
    """Whom the device talked to, from a run's capture; None where the run holds none to be read.

    What cannot be read is missing from the picture only: the rig's controls speak of the capture.
    """
    try:
        facts = read_wire_facts(folder)
        if facts is None or not (folder / layout.NETWORK).exists():
            return None
        # The compiler takes two seconds to import: only a page with a capture waits for it.
        from harness.wire.talk import read_talk

        talk = read_talk(folder / layout.NETWORK, facts.device, facts.own_flows)
    except RigError:
        return None
    uploads = [event for event in case.events if isinstance(event, Upload)]
    return Account(talk, sorted(uploads, key=lambda one: one.start_s), facts.at_s, "")


def destination_lanes(account: Account, axis: Axis) -> list[Lane]:
    """A lane for each destination to which anything went on the axis, most bytes first."""
    shown = []
    for peer in account.talk.peers:
        first_s, last_s = account.at_s(peer.first_s), account.at_s(peer.last_s)
        of_device = not peer.own and CANARIES not in peer.marks
        if of_device and last_s >= axis.start_s and first_s <= axis.until_s:
            shown.append(peer)
    return [destination_lane(peer, account, axis) for peer in shown[:_MOST_LANES]]


def destination_table(account: Account | None) -> list[Element]:
    """Every destination with its bytes; nothing where there was no capture to read."""
    if account is None:
        return []
    peers = [peer for peer in account.talk.peers if not peer.own]
    rows = [
        [
            el("td", peer.destination, class_="where"),
            el("td", ", ".join([peer.protocol, *peer.marks])),
            el("td", size(peer.sent.payload_bytes), class_="n"),
            el("td", size(peer.received.payload_bytes), class_="n"),
            el("td", clock_time(account.at_s(peer.first_s)), class_="n"),
            el("td", clock_time(account.at_s(peer.last_s)), class_="n"),
        ]
        for peer in peers[:_MOST_ROWS]
    ]
    left = len(peers) - len(rows)
    note = "The whole run, the controls before and after the scene included; payload bytes."
    more = f" {left} more in sayso wire." if left else ""
    headings = ("To", "By", "Sent", "Received", "From", "Until")
    return [el("h2", "Where it went", id="wire"), table(headings, rows, "stack"),
            el("p", note + more, class_="caption")]  # fmt: skip
