"""What tests of scenes and rig files share: a mistake is told with its place; anything may come."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st


def place_of(text: str, fragment: str) -> str:
    """`line:column` of a fragment that stands in a text once."""
    assert text.count(fragment) == 1, fragment
    before = text[: text.index(fragment)]
    return f":{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}: "


def assert_told(
    told: Callable[[str], str], good: str, mistake: tuple[str, str], spot: str, said: str
) -> None:
    """Of a good text in which the first of two texts stands as the second, `said` is told, at
    `spot`.
    """
    old, new = mistake
    assert old in good
    text = good.replace(old, new, 1)
    message = told(text)
    assert said in message
    assert place_of(text, spot) in message


def trees(words: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Whatever YAML may hold, with words that mean something among it."""
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | words
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
        max_leaves=12,
    )
