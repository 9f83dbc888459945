"""Rulings for people: the terminal, a page with the timeline and the sound, and Allure.

The idea: one `Story` says in plain English what a ruling says, and every surface (terminal,
`ruling.txt`, page, Allure's description) only sets it in its own type, so that they cannot
disagree. Flows in: rulings, and evidence folders to illustrate them. Flows out: text, one static
HTML page a play, Allure results and the built report. Nothing here rules.
"""

from harness.report.explain import explain, wants_colour
from harness.report.page import build_page, page_of_folder
from harness.report.story import Story, tell

__all__ = ["Story", "build_page", "explain", "page_of_folder", "tell", "wants_colour"]
