"""What sees every packet: compiled by numba into one piece of machine code, which is kept.

Nobody imports this but to compile it, or to run it as it stands (`code.py`, `machine.py`).
"""
