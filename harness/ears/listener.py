"""Listening while a scene plays: which prompts have been heard by now.

A sliding search over the growing recording. It looks only at what is new (and as far back as a
prompt can be long), so each call costs the same however long the scene.
"""

from harness.bench.ports.sound import Microphone
from harness.ears.prompts import PromptBook
from harness.ears.spotter import Spotted
from harness.model.script import PromptRole

# A prompt is reported once so much has been heard after its end: what overlaps it and fits better
# (the same beginning, another name) has then had its chance.
_AFTER_S = 0.12
_MARGIN_S = 0.3


class PromptListener:
    """Hears prompts on one channel of a microphone; times are indices of that microphone."""

    def __init__(self, microphone: Microphone, channel: str, book: PromptBook) -> None:
        self._microphone, self._channel, self._book = microphone, channel, book
        self._rate = microphone.rate_hz
        self._searched_until = microphone.heard_until()
        self._found: list[tuple[Spotted, int]] = []

    def heard(
        self, role: PromptRole | None = None, after: int = 0, at_least_s: float = 0.05
    ) -> tuple[int, int] | None:
        """First and last index of the newest prompt of a role that ended after index `after`.

        `role` None means any. None when there is none so far. Searches what is new first, once that
        is `at_least_s` long: who is in no hurry saves work.
        """
        self.search(at_least_s)
        for spotted, origin in reversed(self._found):
            end = origin + int(spotted.end_s * self._rate)
            if end > after and role in (None, self._book.prompts[spotted.key].role):
                return origin + int(spotted.start_s * self._rate), end
        return None

    def last_question_end(self) -> int | None:
        """The index at which the newest question of the device ended."""
        for spotted, origin in reversed(self._found):
            if self._book.prompts[spotted.key].role.is_question:
                return origin + int(spotted.end_s * self._rate)
        return None

    def search(self, at_least_s: float = 0.05) -> None:
        """Search what has come since the last call, once that is `at_least_s` seconds."""
        until = self._microphone.heard_until()
        if until - self._searched_until < at_least_s * self._rate or not self._book.prompts:
            return
        reach = int((self._book.longest_s + _AFTER_S + _MARGIN_S) * self._rate)
        start = max(self._searched_until - reach, self._microphone.started_at())
        recording = self._microphone.read(self._channel, start, until - start)
        for spotted in self._book.spot(recording, self._rate):
            if start + (spotted.end_s + _AFTER_S) * self._rate <= until:
                self._remember(spotted, start)
        self._searched_until = until

    def _remember(self, spotted: Spotted, origin: int) -> None:
        """Keep what was found; of two that overlap, the one that more speaks for stays."""
        rivals = [
            found
            for found in self._found
            if spotted.overlaps(found[0], (found[1] - origin) / self._rate)
        ]
        if any(rival.weight >= spotted.weight for rival, _ in rivals):
            return
        self._found = [found for found in self._found if found not in rivals]
        self._found.append((spotted, origin))
