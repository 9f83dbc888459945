"""The reference device and cloud on simulated time: what `rigs/simulated.yaml` stands on the bench.

The idea: the device's own core and engines and the cloud's own calls and store, with a clock, a
room and a cable that are handed in, in place of threads, sound cards and sockets. Flows in: blocks
of the simulated microphone. Flows out: sound into the simulated room, frames on the simulated
link, messages in the cloud's inboxes.
"""

from rigs.simulated.peers import open_peers

__all__ = ["open_peers"]
