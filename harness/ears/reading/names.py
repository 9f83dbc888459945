"""Whom some texts of one prompt name: one contact, nobody, or nobody knows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.ears.reading.distance import Costs, Window
from harness.ears.reading.lexicon import Form, Lexicon
from harness.ears.reading.sounds import word_sounds
from harness.ears.reading.wordings import is_carrier

# Costs are in wrong sounds (see `sounds`), shares are of the sounds that the name has.
_UNEXPLAINED = 0.6
_ONLY_CARRIER = 1.5
_NOT_SAID_SHARE = 0.7
_MARGIN = 0.7
_MEAN_SHARE = 0.22
_BEST_SHARE = 0.10
_LIKELY_SHARE = 0.4
_SECOND_SHARE = 0.12
_SECOND_SOUNDS = 4
_DISTINCT_SOUNDS = 5
_MOST_RIVALS = 4


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a prompt names.

    `contact`: None where that is nobody, or in doubt: then `rivals` says who it may be, nearest
    first. `full`: the full name was said; `full_sure`: that is known. `windows`: where in each text
    the name stands. `second`: another contact is named too. `distinct`: what was found is a full
    name of some length, and no word that could be anything.
    """

    contact: str | None = None
    full: bool = False
    full_sure: bool = True
    windows: tuple[Window | None, ...] = ()
    rivals: tuple[str, ...] = ()
    second: bool = False
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """One text, in words, held against all forms.

    `totals`: what the best window of each form costs, with all that it leaves unexplained; `best`:
    which window that is; `wrong`: how much of the name would be wrong there; `shares`: that, and
    what stands beside it that no prompt is made of.
    """

    windows: list[Window]
    costs: Costs
    totals: Costs
    best: NDArray[np.intp]
    wrong: Costs
    shares: Costs


def find_name(texts: Sequence[Sequence[str]], lexicon: Lexicon) -> Named:
    """Whom the texts, each of one and the same prompt and in words, name."""
    spoken = [words for words in texts if words]
    if not spoken or not lexicon.forms:
        return Named(windows=(None,) * len(texts))
    held = [hold(words, lexicon) for words in spoken]
    totals = np.mean([each.totals for each in held], axis=0)
    best = int(np.argmin(totals))
    shares = np.array([each.shares[best] for each in held])
    wrong = np.array([each.wrong[best] for each in held])
    if float(np.median(wrong)) > _LIKELY_SHARE:
        return Named(windows=(None,) * len(texts))
    found = iter(each.windows[each.best[best]] for each in held)
    windows = tuple(next(found) if words else None for words in texts)
    distinct = lexicon.forms[best].full and int(lexicon.spoken.lengths[best]) >= _DISTINCT_SOUNDS
    rivals = _rivals(totals, best, lexicon)
    sure = shares.mean() <= _MEAN_SHARE and shares.min() <= _BEST_SHARE and len(rivals) == 1
    if not sure:
        return Named(windows=windows, rivals=rivals, distinct=distinct)
    second = _second(held, best, lexicon)
    full, full_sure = _full(totals, rivals[0], lexicon)
    return Named(rivals[0], full, full_sure, windows, (), second, distinct)


def names_another(texts: Sequence[Sequence[str]], form: Form, lexicon: Lexicon) -> bool:
    """Whether most texts, each in words, hold the name of somebody else beside this one."""
    held = [hold(words, lexicon) for words in texts]
    return _second(held, lexicon.forms.index(form), lexicon)


def hold(words: Sequence[str], lexicon: Lexicon) -> Held:
    """Where in the words of a text, at least one, each form of each name would fit best."""
    windows, costs = lexicon.spoken.distances(words)
    sounds = np.array([0 if is_carrier(word) else len(word_sounds(word)) for word in words])
    until = np.concatenate(([0], np.cumsum(sounds)))
    inside = np.array([until[w.after] - until[w.first] for w in windows])
    only_carrier = np.where(inside == 0, _ONLY_CARRIER, 0.0)
    beside = np.array([_beside(sounds, window) for window in windows])
    lengths = np.maximum(lexicon.spoken.lengths, 1)[:, None]
    wrong = costs + only_carrier
    totals = wrong + _UNEXPLAINED * (until[-1] - inside)
    best = np.argmin(totals, axis=1)
    not_said = _NOT_SAID_SHARE * lengths[:, 0] + _UNEXPLAINED * until[-1]
    rows = np.arange(len(best))
    shares = (wrong + _UNEXPLAINED * beside) / lengths
    return Held(
        windows,
        costs,
        np.minimum(totals[rows, best], not_said).astype(np.float32),
        best,
        (wrong / lengths)[rows, best].astype(np.float32),
        shares[rows, best].astype(np.float32),
    )


def _beside(sounds: NDArray[np.intp], window: Window) -> int:
    """How many sounds no prompt is made of stand right before and after a window."""
    count, at = 0, window.first - 1
    while at >= 0 and sounds[at]:
        count, at = count + int(sounds[at]), at - 1
    at = window.after
    while at < len(sounds) and sounds[at]:
        count, at = count + int(sounds[at]), at + 1
    return count


def _rivals(totals: Costs, best: int, lexicon: Lexicon) -> tuple[str, ...]:
    """All contacts that are about as near as the best, with whoever sounds like them."""
    order = np.argsort(totals, kind="stable")
    near = [int(i) for i in order if totals[i] <= totals[best] + _MARGIN]
    contacts = [name for i in near for name in sorted(lexicon.forms[i].contacts)]
    contacts += [other for name in contacts for other in sorted(lexicon.alike(name))]
    return tuple(dict.fromkeys(contacts))[:_MOST_RIVALS]


def _full(totals: Costs, contact: str, lexicon: Lexicon) -> tuple[bool, bool]:
    """Whether the contact's full name was said and not a part of it, and whether that is known."""
    mine = [i for i, form in enumerate(lexicon.forms) if contact in form.contacts]
    whole = min(float(totals[i]) for i in mine if lexicon.forms[i].full)
    part = min((float(totals[i]) for i in mine if not lexicon.forms[i].full), default=np.inf)
    if abs(part - whole) < _MARGIN:
        return False, False
    return whole < part, True


def _second(held: Sequence[Held], best: int, lexicon: Lexicon) -> bool:
    """Whether, beside the name, most texts hold that of another contact."""
    mine = lexicon.forms[best].contacts
    others = np.array([not (form.contacts & mine) for form in lexicon.forms])
    others &= lexicon.spoken.lengths >= _SECOND_SOUNDS
    votes = np.zeros(len(lexicon.forms))
    for each in held:
        taken = each.windows[each.best[best]]
        free = np.array([w.after <= taken.first or w.first >= taken.after for w in each.windows])
        if free.any():
            votes += each.costs[:, free].min(axis=1) <= _SECOND_SHARE * lexicon.spoken.lengths
    return bool((votes[others] > len(held) / 2).any())
