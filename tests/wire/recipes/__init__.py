"""Recipes: real programs on a link of their own, what they are made to send, and its capture.

Idea: made traffic is as its maker thinks traffic is. So curl, a browser, ffmpeg and others send
here as they do everywhere, in a device's namespace, to a cloud in another; dumpcap is between.
Flows in: a program and a stretch of `captures/sound.py`. Flows out: a small capture with its keys
in it, and what tshark says of its flows, both kept in `captures/`.

    python -m tests.wire.recipes [NAME...] [--into FOLDER]      # as root, on an idle machine: 30 s

QUIC and gRPC, whose stacks are not among the project's packages, are beside the tests of payloads.
"""
