"""The zoo: reference devices that each break one thing, to test what tests them.

The idea: a module is a firmware that differs from an honest one by a few lines, to be read in a
minute. Flows in: `--firmware zoo.NAME`, which makes what `firmware(seed)` of that module gives.
Flows out: real misconduct, on the wire and in the air. `catalogue.yaml` says which scene shows
each of them, and what an honest device does in the same scene.
"""
