"""Sayso: nothing leaves the room without your say-so.

A hardware-in-the-loop test harness for smart speakers. See `docs/` and the README.
"""

__version__ = "0.1.0"
