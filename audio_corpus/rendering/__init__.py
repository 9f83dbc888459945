"""The synthesisers of the corpus, run in an environment of their own.

Flows in: jobs (a voice and a text, or the recipe of a sound). Flows out: raw mono samples, which
`level` trims, levels and writes. Nothing here imports `harness`, so that the harness needs no
synthesiser; `render.py` beside this folder is the door.
"""
