"""Figures: `python -m benchmarks.NAME [--quick]` measures what the project promises.

Each prints a table (figure, value, unit, goal, holds), writes the same rows to
`benchmarks/out/NAME.json`, and ends 0 if every goal holds and 1 if one does not.
`python -m benchmarks` runs them all.
"""
