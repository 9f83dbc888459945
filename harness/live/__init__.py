"""Watching a play while it goes on: a page on this machine, or a terminal.

Idea: a process of its own reads what the play tells (`model.live`) and the capture as it grows, and
shows both. It only reads, so that nothing it does, hanging and dying included, reaches the play.
Flows in: the feed of a rig, the capture. Flows out: sections, small pieces of JSON that page and
terminal show alike. It stays small for hours, and so imports nothing that computes.
"""
