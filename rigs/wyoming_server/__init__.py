"""The other side of a Wyoming satellite: a server that holds a whole "send a message" dialogue.

Idea: a maker's cloud for assistants that nobody here wrote. It connects to the satellite, takes the
stream of each wake, and answers through the satellite's loudspeaker. Flows in: Wyoming events with
PCM. Flows out: prompts, and messages into the inboxes of the reference cloud, which it runs. Ears,
mind and voice are those of the reference device; it imports nothing of the harness.
"""
