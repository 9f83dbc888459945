"""HTML and SVG as trees, so that every text is escaped by the standard library."""

from xml.etree import ElementTree
from xml.etree.ElementTree import Element

Child = Element | str
Value = str | float | int


def el(tag: str, *children: Child, **attributes: Value) -> Element:
    """An element with children (elements or texts) and attributes.

    `class_` stands for `class`, `_` in a name for `-`; numbers are written with one decimal.
    """
    element = Element(tag)
    for name, value in attributes.items():
        element.set(name.rstrip("_").replace("_", "-"), _value(value))
    add(element, *children)
    return element


def add(element: Element, *children: Child) -> None:
    """Append children to an element, texts included."""
    for child in children:
        if isinstance(child, Element):
            element.append(child)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + child
        else:
            element.text = (element.text or "") + child


def html_text(element: Element) -> str:
    """The element as HTML (SVG inside it included)."""
    return ElementTree.tostring(element, encoding="unicode", method="html")


def _value(value: Value) -> str:
    """An attribute's value as text."""
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
