"""The bench: a rig file becomes an open rig that a stage can perform on.

Flows in: a rig file (`rigfile`, `suitefile`). Flows out: a rig with its ports (`ports`: promises,
`drivers`: deeds) armed, locked, and taken down again without a trace.
"""
