"""Writes a scene file by asking: what it answers is checked as every scene file is."""

from collections.abc import Callable, Sequence
from typing import Any

import yaml

from harness.model.script import Act, Addressee, PromptRole, Role
from harness.scene.voices import all_voices

Ask = Callable[[str, str], str]
"""Asks a person: the question, and what an empty answer means. Returns what was answered."""

HEAD = """\
# Written by `sayso scene new`. docs/scenes.md explains every key.
# Next: `sayso scene check` and `sayso scene preview` with this file.
"""
_VOICES = ("kokoro:af_heart", "kokoro:am_michael", "kokoro:af_bella", "kokoro:am_adam")
_MEDIA_VOICE = "piper:joe"
_PLACES = ("table", "window", "counter")
# What a line that does this answers, as a rule.
_ANSWERS = {
    Act.NAME: PromptRole.ASK_RECIPIENT,
    Act.DICTATE: PromptRole.ASK_MESSAGE,
    Act.CONFIRM: PromptRole.READ_BACK,
    Act.DENY: PromptRole.READ_BACK,
}
_NAMING = {Act.REQUEST, Act.NAME}


class _Flow(dict[str, Any]):
    """A map that is written on one line."""


class _Dumper(yaml.SafeDumper):
    """Writes lines of a scene as people do, one entry a line."""


_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, True)
)


def scene_text(ask: Ask, tell: Callable[[str], None]) -> str:
    """The text of a scene file. `tell`: shows a person a line."""
    title = ask("What is the scene about, in a few words", "A conversation in the kitchen")
    contacts = _several(ask("Contacts of the account, full names, with commas", "Thomas Reed"))
    data: dict[str, Any] = {"title": title, "household": {"contacts": contacts}}
    data["cast"] = _cast(ask, tell)
    data["lines"] = _lines(ask, tell, list(data["cast"]), contacts)
    wanted = _some_of(
        ask, "To whom must a message be delivered (empty: nothing may leave)", "", contacts
    )
    data["expect"] = {"messages": [_Flow(to=contact) for contact in wanted]}
    return HEAD + yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=160)


def _several(typed: str) -> list[str]:
    return [word.strip() for word in typed.split(",") if word.strip()]


def _one_of(ask: Ask, question: str, usual: str, known: Sequence[str]) -> str:
    """One of the words that are known, asked for until it is one."""
    while (typed := ask(question, usual)) not in known:
        question = f"  `{typed}` is none of {', '.join(filter(None, known))}; which"
    return typed


def _some_of(ask: Ask, question: str, usual: str, known: Sequence[str]) -> list[str]:
    """Some of the words that are known, or none; a contact's first name is enough."""
    while True:
        meant = [_whole(word, known) for word in _several(ask(question, usual))]
        strange = [word for word in meant if word not in known]
        if not strange:
            return meant
        question = f"  `{strange[0]}` is none of {', '.join(known)}; which, with commas"


def _cast(ask: Ask, tell: Callable[[str], None]) -> dict[str, Any]:
    """Everybody who speaks; voices and places are proposed, no two the same."""
    cast: dict[str, Any] = {}
    names = _several(ask("Who speaks, with commas", "Dana, Mark"))
    tell(
        "\nVoices: see docs/corpus.md. Positions: those of the rig file; in the shipped ones table,"
    )
    tell("window, counter and television.")
    for number, name in enumerate(names):
        roles = [role.value for role in Role]
        role = _one_of(ask, f"  {name} is ({', '.join(roles)})", Role.RESIDENT.value, roles)
        usual = _MEDIA_VOICE if role == Role.MEDIA else _VOICES[number % len(_VOICES)]
        voice = _one_of(ask, f"  {name}'s voice", usual, all_voices())
        place = "television" if role == Role.MEDIA else _PLACES[number % len(_PLACES)]
        at = ask(f"  {name} is at (a position of the rig)", place)
        cast[name] = _Flow(voice=voice, role=role, at=at)
    return cast


def _lines(
    ask: Ask, tell: Callable[[str], None], cast: list[str], contacts: list[str]
) -> list[_Flow]:
    """What is said, line by line, until nobody speaks any more."""
    tell("\nThe lines, in order. What is said to the room is never consent, whatever the words.")
    lines: list[_Flow] = []
    while True:
        usual = "" if lines else cast[0]
        who = _one_of(ask, "Who speaks next (empty: that was all)", usual, ["", *cast])
        if not who:
            return lines
        lines.append(_line(ask, who, first=not lines, contacts=contacts))


def _line(ask: Ask, who: str, first: bool, contacts: list[str]) -> _Flow:
    question, words = "  says", ""
    while not words:
        words = ask(question, "")
        question = "  what words, as they are spoken"
    to = _one_of(ask, "  to (room, device)", "room", [each.value for each in Addressee])
    line = _Flow(who=who, says=words, to=to)
    acts: list[str] = []
    if to == Addressee.DEVICE:
        known = [act.value for act in Act]
        question = f"  and thereby does ({', '.join(known)}; with commas)"
        acts = _some_of(ask, question, Act.WAKE.value, known)
    if acts:
        line["act"] = acts[0] if len(acts) == 1 else acts
    if _NAMING & set(acts):
        named = _some_of(ask, "  naming the contact (empty: nobody)", "", contacts)
        line.update({"names": named[0]} if named else {})
    line["when"] = _when(ask, acts, first)
    return line


def _whole(named: str, contacts: Sequence[str]) -> str:
    """The contact that was meant, where a first name was typed; else what was typed."""
    meant = [contact for contact in contacts if named.casefold() in contact.casefold().split()]
    return meant[0] if len(meant) == 1 else named


def _when(ask: Ask, acts: list[str], first: bool) -> _Flow:
    if first:
        return _Flow(at_s=_number(ask, "  how many seconds after the start", "0.5"))
    awaited = next((_ANSWERS[Act(act)] for act in acts if act in _ANSWERS), None)
    prompt = ask(
        "  after which prompt of the device (empty: after the line before)",
        awaited.value if awaited is not None else "",
    )
    if not prompt:
        return _Flow(pause_s=_number(ask, "  how many seconds after the line before", "0.8"))
    within_s = _number(ask, "  how many seconds may the device take", "12")
    return _Flow(after_prompt=prompt, pause_s=0.7, within_s=within_s)


def _number(ask: Ask, question: str, usual: str) -> float:
    """A number, asked for until it is one."""
    while True:
        try:
            return float(ask(question, usual).replace(",", "."))
        except ValueError:
            question = "  that is no number; again, in digits"
