"""Whom a prompt names, by the recogniser's own judgement of every contact against the sound.

A small recogniser writes "What should I tell Reaper to listen?" where "Rupert Ellison" was said.
But it can tell, when asked, that "What should I tell Rupert Ellison?" fits the sound better than
the same with any other contact, and with the name of any stranger that sounds a little like it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.ears.reading.distance import Window
from harness.ears.reading.lexicon import Form, Lexicon, words_of
from harness.ears.reading.names import Held, hold
from harness.ears.reading.recogniser import Heard
from harness.ears.reading.strangers import strangers
from harness.ears.reading.wordings import is_carrier

_MOST_FORMS = 24
_TEXTS_EACH = 2
_MOST_RIVALS = 4
# What follows is in natural logarithms; one wrong sound is counted as one.
_LEAD = 3.0
_STRANGER_LEAD = 0.0
_BEHIND = 15.0
# Part of a name is little to go by.
_BEHIND_PART = 4.0
_LIKELY = 16.0
# A text in which more of the name would be wrong does not hold it.
_SAID_SHARE = 0.7
_TAIL = re.compile(r"[^\w\s]*$")


@dataclass(frozen=True, slots=True)
class Weighed:
    """What weighing came to.

    `form`: the name that the sound says, one contact's; None where that is not known. `full_sure`:
    whether it is known to be the full name, or not. `rivals`: whom it may name, nearest first,
    where it names somebody. `lead`: how much better the nearest contact fits than any other;
    `behind`: how much worse than what was read freely; `known`: how much better than any stranger
    whose name sounds a little like it, where that was asked.
    """

    form: Form | None
    rivals: tuple[str, ...]
    lead: float = 0.0
    behind: float = np.inf
    full_sure: bool = True
    known: float | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A text with a form of a name in it: `form` is its place in the lexicon, `wrong` how many
    sounds that leaves unexplained.
    """

    form: int
    wrong: float
    text: str


def weigh(heard: Heard, lexicon: Lexicon, also: Sequence[str] = ()) -> Weighed:
    """Hold every contact that sounds a little like some part of the texts against the sound; and
    then the one that fits best against strangers. `also`: what else was read in that sound.
    """
    texts = [text for text in dict.fromkeys((*heard.reading.texts, *also)) if words_of(text)]
    candidates = list(_candidates(texts, lexicon)) if texts and lexicon.forms else []
    if not candidates:
        return Weighed(None, ())
    fits = heard.fit([*texts, *(one.text for one in candidates)])
    free = max(fits[: len(texts)])
    by_form: dict[int, float] = defaultdict(lambda: -np.inf)
    best: dict[int, _Candidate] = {}
    for one, fit in zip(candidates, fits[len(texts) :], strict=True):
        if fit - one.wrong > by_form[one.form]:
            by_form[one.form], best[one.form] = fit - one.wrong, one
    found = _decided(by_form, free, lexicon)
    if found.form is None:
        return found
    known = _known(heard, best[lexicon.forms.index(found.form)], texts, lexicon)
    form = found.form if known >= _STRANGER_LEAD else None
    return replace(found, form=form, known=known)


def _known(heard: Heard, best: _Candidate, texts: Sequence[str], lexicon: Lexicon) -> float:
    """How much better a contact fits than whoever is no contact and called a little like it."""
    form = lexicon.forms[best.form]
    contacts = {one.words for one in lexicon.forms if one.full}
    said = list(_said(texts, best.form, lexicon))
    others = [name for name in strangers().like(form, said) if words_of(name) not in contacts]
    put = [best.text.replace(form.spelt, name) for name in others]
    mine, *theirs = heard.fit([best.text, *put])
    return mine - max(theirs, default=-np.inf)


def _said(texts: Sequence[str], form: int, lexicon: Lexicon) -> Iterator[tuple[str, ...]]:
    """The words that each text has where a name fits best."""
    for text in texts:
        words = words_of(text)
        held = hold(words, lexicon)
        window = held.windows[held.best[form]]
        yield words[window.first : window.after]


def put_in(text: str, form: Form, lexicon: Lexicon) -> tuple[str, Window | None]:
    """The text with a name where it fits best, and where that is; unchanged, if it fits nowhere."""
    held, place = hold(words_of(text), lexicon), lexicon.forms.index(form)
    if held.wrong[place] > _SAID_SHARE:
        return text, None
    before, after, first = _apart(text, held, place)
    return before + form.spelt + after, Window(first, first + len(words_of(form.spelt)))


def _candidates(texts: Sequence[str], lexicon: Lexicon) -> Iterator[_Candidate]:
    """The forms that are nearest to the texts, each in the texts to which it is nearest."""
    held = [hold(words_of(text), lexicon) for text in texts]
    wrong = np.mean([each.totals for each in held], axis=0)
    for form in map(int, np.argsort(wrong, kind="stable")[:_MOST_FORMS]):
        best = sorted(range(len(texts)), key=lambda i: float(held[i].totals[form]))
        made = (_made(texts[i], held[i], form, lexicon) for i in best[:_TEXTS_EACH])
        for text in dict.fromkeys(made):
            if text is not None:
                yield _Candidate(form, float(wrong[form]), text)


def _made(text: str, held: Held, form: int, lexicon: Lexicon) -> str | None:
    """The text with the name in it; None where that would leave half of another name there, or
    put half a name in the place of words that prompts are made of.
    """
    before, after, first = _apart(text, held, form)
    if not lexicon.forms[form].full:
        window = held.windows[held.best[form]]
        inside = words_of(text)[first : window.after]
        beside = (*words_of(before)[-1:], *words_of(after)[:1])
        if all(map(is_carrier, inside)) or not all(map(is_carrier, beside)):
            return None
    return before + lexicon.forms[form].spelt + after


def _apart(text: str, held: Held, form: int) -> tuple[str, str, int]:
    """What stands before and after the place of a name, and which word it begins with.

    Whole tokens are taken out: of "Reaper's-listen," only the comma stays.
    """
    window = held.windows[held.best[form]]
    tokens = text.split()
    owner = [i for i, token in enumerate(tokens) for _ in words_of(token)]
    first, last = owner[window.first], owner[window.after - 1]
    tail = _TAIL.search(tokens[last])
    before = "".join(f"{token} " for token in tokens[:first])
    after = "".join(f" {token}" for token in tokens[last + 1 :])
    return before, (tail.group() if tail else "") + after, owner.index(first)


def _decided(by_form: Mapping[int, float], free: float, lexicon: Lexicon) -> Weighed:
    """One contact, where no other fits nearly as well and the free text not much better."""
    by_contact: dict[str, float] = defaultdict(lambda: -np.inf)
    for form, fit in by_form.items():
        for contact in lexicon.forms[form].contacts:
            by_contact[contact] = max(by_contact[contact], fit)
    order = sorted(by_contact, key=lambda contact: -by_contact[contact])
    nearest = order[0]
    second = by_contact[order[1]] if len(order) > 1 else -np.inf
    lead, behind = by_contact[nearest] - second, free - by_contact[nearest]
    near = [name for name in order if by_contact[name] > by_contact[nearest] - _LEAD]
    near += [name for one in near for name in sorted(lexicon.alike(one))]
    rivals = tuple(dict.fromkeys(near))[:_MOST_RIVALS]
    best, full_sure = _best_form(by_form, nearest, lexicon)
    if len(rivals) > 1 or behind > (_BEHIND if best.full else _BEHIND_PART):
        return Weighed(None, rivals if behind <= _LIKELY else (), lead, behind)
    return Weighed(best, rivals, lead, behind, full_sure)


def _best_form(by_form: Mapping[int, float], contact: str, lexicon: Lexicon) -> tuple[Form, bool]:
    """How the contact is called, and whether full name and parts of it fit unlike enough to say."""
    mine = [form for form in by_form if contact in lexicon.forms[form].contacts]
    best = max(mine, key=lambda form: by_form[form])
    full = lexicon.forms[best].full
    others = (by_form[form] for form in mine if lexicon.forms[form].full is not full)
    return lexicon.forms[best], max(others, default=-np.inf) < by_form[best] - _LEAD
