"""Bytes of captures -> flows: who talked to whom, when, how much, under which names.

Idea: every packet is seen once, by a compiled pass that sorts it into the table of open flows and
notes the few packets that hold names; those are read in plain Python before their bytes go. What
ends is handed out, so memory follows what is open at once and not the length of the capture.
Flows in: pcapng and pcap in pieces, finished or growing. Flows out: `Flow`s, their bytes in slices
of time, and a `Reading` of what could not be read. An error costs a packet, never the run.
"""

from harness.wire.flows.files import follow, read_files
from harness.wire.flows.reader import FlowReader
from harness.wire.flows.record import Batch, Damage, End, Flow, Reading

__all__ = [
    "Batch",
    "Damage",
    "End",
    "Flow",
    "FlowReader",
    "Reading",
    "follow",
    "read_files",
]
