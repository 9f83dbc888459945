"""Many plays: one play from rig to ruling, repeats, and what they come to.

Flows in: scenes, an open rig, a plan. Flows out: sealed evidence folders with their rulings, and
the ruling of the series. `statistics`, `sequential` and `verdict` are pure.
"""
