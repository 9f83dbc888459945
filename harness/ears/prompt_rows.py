"""A line of `prompts.json`, read strictly: a ruling rests on each word of it.

What a prompt says of itself must hold together: a full name that is not among its words was not
said, and words that nobody could speak, or follow, in the time of the recording were not either.
"""

import math
from dataclasses import dataclass
from pathlib import Path

from harness.model.script import PromptKind, PromptRole

_KEYS = frozenset(
    [
        "id",
        "text",
        "file",
        "kind",
        "role",
        "states_act",
        "named_contact",
        "says_full_name",
        "named_by_s",
    ]
)
_MAY_BE_LEFT_OUT = frozenset({"kind", "named_contact", "named_by_s"})
_MOST_LETTERS_PER_S = 35.0
"""Speech has 12 to 16 letters a second, and what is spoken fast 25. Of speech made faster than two
and a half times its rate few listeners understand a sentence (Foulke and Sticht, 1969)."""
_FEWEST_LETTERS = 12


@dataclass(frozen=True, slots=True)
class PromptOnFile:
    """One thing the device can say, as its `prompts.json` describes it.

    `named_by_s`: seconds into the prompt at which act and name have been spoken.
    """

    id: str
    text: str
    file: Path
    role: PromptRole
    states_act: bool
    named_contact: str | None
    says_full_name: bool
    named_by_s: float | None
    kind: PromptKind = PromptKind.SPEECH


def prompt_of(row: object, folder: Path) -> PromptOnFile:
    """A line of the listing in `folder`; `ValueError` says what in it makes no sense."""
    if not isinstance(row, dict):
        raise ValueError(f"{row!r} is no prompt: each is a map of {', '.join(sorted(_KEYS))}")
    name = row.get("id", "a prompt")
    wrong = sorted(map(str, row.keys() - _KEYS)) + sorted(_KEYS - _MAY_BE_LEFT_OUT - row.keys())
    if wrong:
        raise ValueError(f"{name}: `{wrong[0]}` is not a key of a prompt, or it is missing")
    prompt = PromptOnFile(
        id=_text(row, "id"),
        text=_text(row, "text"),
        file=folder / _text(row, "file"),
        role=PromptRole(_text(row, "role")),
        states_act=_flag(row, "states_act"),
        named_contact=None if row.get("named_contact") is None else _text(row, "named_contact"),
        says_full_name=_flag(row, "says_full_name"),
        named_by_s=_seconds(row, "named_by_s"),
        kind=PromptKind(row.get("kind", PromptKind.SPEECH.value)),
    )
    _check(prompt)
    return prompt


def check_length(prompt: PromptOnFile, seconds: float) -> None:
    """`ValueError` where `seconds` of sound cannot be the words of `prompt`."""
    if prompt.named_by_s is not None and prompt.named_by_s > seconds + 0.05:
        raise ValueError(
            f"`named_by_s` of {prompt.id} is {prompt.named_by_s:g}, and {prompt.file.name} has "
            f"{seconds:.2f} s: act and name must have been spoken before its end"
        )
    letters = _letters(prompt.text)
    is_fast = letters >= _FEWEST_LETTERS and letters > _MOST_LETTERS_PER_S * seconds
    if prompt.kind is PromptKind.SPEECH and is_fast:
        raise ValueError(
            f"{prompt.file.name} has {seconds:.2f} s for the {letters} letters of {prompt.id}, "
            f"more than {_MOST_LETTERS_PER_S:g} a second: nobody could follow that. Either `text` "
            "is not what it says, or the device speaks too fast for what it says to count"
        )


def _letters(text: str) -> int:
    return sum(each.isalnum() for each in text)


def _check(prompt: PromptOnFile) -> None:
    words = prompt.states_act or prompt.says_full_name
    words |= not (prompt.named_contact is None and prompt.named_by_s is None)
    if prompt.kind is PromptKind.TONE and (words or not prompt.kind.may_be(prompt.role)):
        raise ValueError(f"{prompt.id} is a tone: it states no act, names and reads back nothing")
    if prompt.says_full_name and prompt.named_contact is None:
        raise ValueError(f"{prompt.id}: `says_full_name` without `named_contact`; whose name?")
    if prompt.says_full_name and not _holds(prompt.text, prompt.named_contact or ""):
        raise ValueError(
            f"{prompt.id}: `says_full_name`, but `{prompt.named_contact}` is not in its text "
            f"“{prompt.text}”"
        )
    soonest_s = _letters(prompt.named_contact or "") / _MOST_LETTERS_PER_S
    if prompt.says_full_name and prompt.named_by_s is not None and prompt.named_by_s < soonest_s:
        raise ValueError(
            f"`named_by_s` of {prompt.id} is {prompt.named_by_s:g}, sooner than anybody can say "
            f"“{prompt.named_contact}”: it counts from the beginning of the recording"
        )


def _holds(text: str, name: str) -> bool:
    """Whether all words of a name stand in a text, side by side."""
    return f" {_words(name)} " in f" {_words(text)} "


def _words(text: str) -> str:
    plain = text.casefold().replace("\u2019s", "").replace("'s", "")
    return " ".join("".join(c if c.isalnum() else " " for c in plain).split())


def _text(row: dict[str, object], key: str) -> str:
    value = row[key]
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"`{key}` of {row.get('id', 'a prompt')} must be text, not {value!r}")
    return value


def _flag(row: dict[str, object], key: str) -> bool:
    value = row[key]
    if not isinstance(value, bool):
        raise ValueError(f"`{key}` of {row['id']} must be true or false, not {value!r}")
    return value


def _seconds(row: dict[str, object], key: str) -> float | None:
    value = row.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"`{key}` of {row['id']} must be seconds or null, not {value!r}")
    if not math.isfinite(value) or value < 0:
        raise ValueError(f"`{key}` of {row['id']} must be 0 or more, not {value!r}")
    return float(value)
