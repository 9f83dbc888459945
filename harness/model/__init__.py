"""Facts: frozen, typed, without I/O. Everybody reads them; nobody here does anything.

Flows in: nothing. Flows out: `script` (what was meant to be said), `timeline` (what happened),
`case` (both, with the rig), `ruling` (what is ruled), `record` (all of them as JSON and back).
"""
