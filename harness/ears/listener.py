"""Listening while a scene plays: which prompts have been heard by now.

A sliding search over the growing recording. It looks only at what is new (and as far back as a
prompt can be long), so each call costs the same however long the scene.
"""

from operator import attrgetter

import numpy as np

from harness.bench.ports.sound import Microphone
from harness.ears.band import RATE_HZ, REACH, Samples, band
from harness.ears.overhearing import Overheard, Overhearer
from harness.ears.prompts import PromptBook
from harness.ears.spotter import Spotted
from harness.model.script import PromptRole

# A prompt is reported once so much has been heard after its end: what overlaps it and fits better
# (the same beginning, another name) has then had its chance.
_AFTER_S = 0.12
_MARGIN_S = 0.05
_KEPT_MORE = 4 * RATE_HZ
_end = attrgetter("end")


class PromptListener:
    """Hears prompts on one channel of a microphone; times are indices of that microphone.

    `overhearer`: hears what is on no file as well, where given.
    """

    def __init__(
        self,
        microphone: Microphone,
        channel: str,
        book: PromptBook,
        overhearer: Overhearer | None = None,
    ) -> None:
        self._microphone, self._channel, self._book = microphone, channel, book
        self._overhearer = overhearer
        self._overheard: list[Overheard] = []
        self._rate = microphone.rate_hz
        self._searched_until = self._held_from = microphone.heard_until()
        self._held: Samples = np.zeros(0, dtype=np.float32)
        self._found: list[tuple[Spotted, int]] = []
        self._tones, self._tones_from = book.tones_live(self._rate), self._searched_until

    def heard(
        self, role: PromptRole | None = None, after: int = 0, at_least_s: float = 0.05
    ) -> tuple[int, int] | None:
        """First and last index of the newest prompt of a role that ended after index `after`.

        `role` None means any. None when there is none so far. Searches what is new first, once that
        is `at_least_s` long: who is in no hurry saves work.
        """
        self.search(at_least_s)
        asked = (said for said in self._said() if said.end > after)
        newest = max((s for s in asked if role in (None, s.role)), key=_end, default=None)
        return None if newest is None else (newest.start, newest.end)

    def answered(
        self, role: PromptRole, after: int, at_least_s: float = 0.05
    ) -> tuple[int, int] | None:
        """The same for an answer to a request, which may be any words that are on no file."""
        answer = self.heard(role, after, at_least_s)
        others = [one for one in self._unfiled() if one.end > after]
        if answer is None and others:
            return others[-1].start, others[-1].end
        return answer

    def found(self) -> list[tuple[Overheard, str]]:
        """All that was heard by now, in order, with the words of what is on file.

        Looks for nothing new.
        """
        filed = [(self._filed(one), self._book.prompts[one[0].key].text) for one in self._found]
        said = [*filed, *((one, "") for one in self._unfiled())]
        return sorted(said, key=lambda each: each[0].start)

    def last_question_end(self) -> int | None:
        """The index at which the newest question of the device ended, or what may be one."""
        asked = (said for said in self._said() if said.role is None or said.role.is_question)
        return max((said.end for said in asked), default=None)

    def _said(self) -> list[Overheard]:
        """All that was heard: prompts on file, and what is none of them."""
        return [*map(self._filed, self._found), *self._unfiled()]

    def _filed(self, found: tuple[Spotted, int]) -> Overheard:
        spotted, origin = found
        start, end = (origin + int(s * self._rate) for s in (spotted.start_s, spotted.end_s))
        return Overheard(start, end, self._book.prompts[spotted.key].role)

    def _unfiled(self) -> list[Overheard]:
        """What was overheard and is, for the most part, no prompt on file."""
        filed = [self._filed(found) for found in self._found]
        return [
            one
            for one in self._overheard
            if sum(_shared(one, prompt) for prompt in filed) < (one.end - one.start) / 2
        ]

    def search(self, at_least_s: float = 0.05) -> None:
        """Search what has come since the last call, once that is `at_least_s` seconds."""
        if self._overhearer is not None:
            self._overheard += self._overhearer.search()
        until = self._microphone.heard_until()
        if until - self._searched_until < at_least_s * self._rate or not self._book.prompts:
            return
        # Whatever ended earlier was found at the last call, or was not there.
        fresh_s = (until - self._searched_until) / self._rate + _AFTER_S + _MARGIN_S
        banded, start = self._banded(until, fresh_s + self._book.longest_s)
        for spotted in self._book.spot_banded(banded, round(fresh_s * RATE_HZ)):
            if start + (spotted.end_s + _AFTER_S) * self._rate <= until:
                self._remember(spotted, start)
        fresh = until - self._searched_until
        heard = self._microphone.read(self._channel, self._searched_until, fresh)
        for spotted in self._tones.push(heard):
            self._remember(spotted, self._tones_from)
        self._searched_until = until

    def _banded(self, until: int, reach_s: float) -> tuple[Samples, int]:
        """The last `reach_s` before `until` as the spotter wants it, and the index it begins at.

        Only what is new is filtered, and what at the end of the last piece lacked what came after.
        """
        step = self._rate // RATE_HZ
        held_until = self._held_from + len(self._held) * step
        settle = min(held_until - self._held_from, 2 * REACH * step)
        start = held_until - settle
        count = (until - start) // step * step
        fresh = band(self._microphone.read(self._channel, start, count), self._rate)
        again = min(settle // step, REACH)
        kept_until = len(self._held) - again
        self._held = np.concatenate((self._held[:kept_until], fresh[settle // step - again :]))
        surplus = max(0, len(self._held) - round(reach_s * RATE_HZ))
        kept = max(surplus - _KEPT_MORE, 0)
        self._held, self._held_from = self._held[kept:], self._held_from + kept * step
        return self._held[surplus - kept :], self._held_from + (surplus - kept) * step

    def _remember(self, spotted: Spotted, origin: int) -> None:
        """Keep what was found; of two that overlap, the one that more speaks for stays.

        A tone may sound over words.
        """
        is_tone = self._book.is_tone
        rivals = [
            found
            for found in self._found
            if is_tone(spotted.key) == is_tone(found[0].key)
            and spotted.overlaps(found[0], (found[1] - origin) / self._rate)
        ]
        if any(rival.weight >= spotted.weight for rival, _ in rivals):
            return
        self._found = [found for found in self._found if found not in rivals]
        self._found.append((spotted, origin))


def _shared(one: Overheard, other: Overheard) -> int:
    """How many samples two have in common."""
    return max(0, min(one.end, other.end) - max(one.start, other.start))
