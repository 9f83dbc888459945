"""The first page over one night or many: safe to ship, what is new, is the rig well.

The idea: nights are read once into facts, and what they answer is worked out by pure functions;
page, Markdown and the line for machines only set the same answers, so that they cannot disagree.
Flows in: folders of nights, evidence and single runs. Flows out: one static HTML page, Markdown, a
line and an exit code. Nothing here rules: a play is what its ruling says.
"""

from harness.report.nights.answers import Answers, answer
from harness.report.nights.facts import Night, Play
from harness.report.nights.reading import read_nights

__all__ = ["Answers", "Night", "Play", "answer", "read_nights"]
