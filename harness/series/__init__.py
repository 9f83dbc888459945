"""Many plays: one play from rig to ruling, repeats, and what they come to.

Flows in: scenes, an open rig. Flows out: sealed evidence folders with their rulings.
"""
