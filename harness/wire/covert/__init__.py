"""Covert ways: data that leaves hidden in what every device sends anyway.

The idea: for each way out (DNS, NTP, ICMP, the local network, hosts that nobody declared,
telemetry) there is a budget, which says how much may leave in a span of time; whatever is more is
an upload, with the way it took and a sentence that says why it counts. Flows in: the packets, flows
and names of a capture, and what the rig declares. Flows out: `Upload`s (Unix times). Without a
declaration or an idle profile only those ways are judged of which the ordinary use is known.
"""

from harness.wire.covert.names_asked import NamesAsked
from harness.wire.covert.told import Seen, with_ways

__all__ = ["NamesAsked", "Seen", "with_ways"]
