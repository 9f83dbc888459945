"""Faults as a tool: any rig with one thing in it that breaks, to see whether rulings notice."""

from harness.bench.faults.faulty import with_fault
from harness.bench.faults.kinds import Fault, FaultKind, draw_fault, kinds_for

__all__ = ["Fault", "FaultKind", "draw_fault", "kinds_for", "with_fault"]
