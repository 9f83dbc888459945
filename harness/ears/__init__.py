"""Ears: from what a microphone heard to what was said, when, and how surely.

Flows in: recordings (a `Microphone`), prompts on file, the clips that were played. Flows out:
prompts heard, how well each could be heard and whether it was whole, and for every line whether it
was heard. Observes; rules nothing.
"""
