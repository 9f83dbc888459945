"""An inbox that is looked at again and again, so that arrivals have times on our own clock.

Servers and phones stamp messages too, by clocks that nobody has compared with ours. What is sure
is this: a message that was not there at one look and is there at the next came in between. So the
time of each is bounded by when the one look was asked for and the other was answered, and by how
long a message may be on its way. A look that fails makes the bounds wider, never the list shorter.
"""

import contextlib
import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from harness.bench.drivers.inboxes.source import Found, Source, TimesText, as_wav, seconds_of
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.clock import Clock, Deadline
from harness.errors import RigError

_SPARE_S = 5.0
_AGAIN_S = 0.1


@dataclass(slots=True)
class _Arrival:
    after_s: float
    before_s: float
    found: tuple[Found, ...] | None = None


class WatchedInbox(Inbox):
    """Watches a source from `prepare` until `close`."""

    def __init__(self, source: Source, times: TimesText, clock: Clock) -> None:
        """Nothing is asked of the source yet."""
        self._source, self._times, self._clock = source, times, clock
        self._lock = threading.RLock()
        self._over = threading.Event()
        self._watcher: threading.Thread | None = None
        self._known: set[str] = set()
        self._arrivals: dict[str, _Arrival] = {}
        self._absent_s = 0.0
        self._nonces: set[str] = set()
        self._last_sent_s = float("-inf")
        self._failed: str | None = None

    @property
    def canary_proves(self) -> str | None:
        """What it proves that a canary was seen, in words; None where none can be sent."""
        return self._source.canary_proves

    def prepare(self, contacts: Sequence[str]) -> None:
        """From now on only what is new counts. Nothing is deleted, and no contact is made.

        `RigError` when the source would not see messages to each of the contacts.
        """
        with self._lock:
            self._source.check(contacts)
            self._absent_s = self._clock.now_s()
            self._known = set(self._source.keys())
            self._arrivals.clear()
            self._nonces.clear()
            self._last_sent_s, self._failed = float("-inf"), None
        if self._watcher is None:
            self._watcher = threading.Thread(target=self._watch, name="inbox", daemon=True)
            self._watcher.start()

    def identify(self) -> str:
        """Ask once what lies there, for people; `RigError` when nothing answers."""
        with self._lock:
            count = len(self._source.keys())
        return f"{count} message{'' if count == 1 else 's'} lie{'s' if count == 1 else ''} there"

    def look(self) -> None:
        """Look once, now. Raises `RigError` when that fails."""
        with self._lock:
            asked_s = self._clock.now_s()
            keys = self._source.keys()
            told_s = self._clock.now_s()
            if not self._absent_s <= asked_s <= told_s:
                raise RigError("this machine's clock was set back while an inbox was watched")
            for key in keys:
                if key not in self._known:
                    self._known.add(key)
                    self._arrivals[key] = _Arrival(self._absent_s, told_s)
            self._absent_s = asked_s
            for key, arrival in self._arrivals.items():
                if arrival.found is None:
                    arrival.found = tuple(self._source.fetch(key))

    def messages(self) -> tuple[InboxMessage, ...]:
        """All that came since `prepare`, canaries included, oldest first.

        Waits until whatever was sent before the last canary had the time to arrive.
        """
        left_s = self._last_sent_s + self._times.delivery_s - self._clock.monotonic_s()
        self._clock.wait_s(min(left_s, self._times.delivery_s))
        self._look_until_read()
        with self._lock:
            return tuple(
                self._message(f"{key}#{number}" if number else key, arrival, found)
                for key, arrival in self._arrivals.items()
                for number, found in enumerate(arrival.found or ())
            )

    def audio(self, message_id: str) -> bytes:
        """The sound of a message as a WAV file; empty when it has none."""
        key, _, number = message_id.rpartition("#") if "#" in message_id else (message_id, "", "0")
        with self._lock:
            if message_id in self._arrivals:
                key, number = message_id, "0"
            found = self._arrivals[key].found if key in self._arrivals else None
        if not found:
            raise RigError(f"no message `{message_id}` came to this inbox")
        return as_wav(found[int(number)].sound)

    def send_canary(self, nonce: str) -> None:
        """Send a canary and wait until it was seen; `RigError` when it is not."""
        self._last_sent_s = self._clock.monotonic_s()
        with self._lock:
            self._source.send_canary(nonce)
            self._nonces.add(nonce)
        deadline = Deadline.after(
            self._clock, self._times.delivery_s + 2 * self._times.poll_s + _SPARE_S
        )
        while not self._is_here(nonce):
            if deadline.passed():
                raise RigError(
                    f"inbox canary: it was sent and did not come within `delivery_s` "
                    f"({self._times.delivery_s:g} s): is that too short, or is it the wrong inbox?"
                )
            self._clock.wait_s(_AGAIN_S)

    def trouble(self) -> str | None:
        """Why nothing can be seen now; None while the last look went well."""
        return None if self._failed is None else f"inbox: {self._failed}"

    def close(self) -> None:
        """Watch no longer, and let go of the source. Safe to call twice."""
        self._over.set()
        if self._watcher is not None and self._watcher.is_alive():
            self._watcher.join()
        with self._lock:
            self._source.close()

    def _watch(self) -> None:
        while not self._over.wait(self._times.poll_s):
            try:
                self.look()
                self._failed = None
            except RigError as error:
                self._failed = str(error)

    def _is_here(self, nonce: str) -> bool:
        with contextlib.suppress(RigError):  # the next look may go better; the deadline tells
            self.look()
        with self._lock:
            arrivals = list(self._arrivals.values())
        return any(found.mark == nonce for a in arrivals for found in a.found or ())

    def _look_until_read(self) -> None:
        """A last look; what is still being written is given a moment."""
        deadline = Deadline.after(self._clock, _SPARE_S)
        while True:
            try:
                return self.look()
            except RigError:
                if deadline.passed():
                    raise
            self._clock.wait_s(_AGAIN_S)

    def _message(self, message_id: str, arrival: _Arrival, found: Found) -> InboxMessage:
        low_s = arrival.after_s - self._times.delivery_s
        mark = found.mark
        return InboxMessage(
            message_id=message_id,
            recipient=found.recipient,
            unix_s=(low_s + arrival.before_s) / 2,
            uncertainty_s=(arrival.before_s - low_s) / 2,
            audio_s=seconds_of(found.sound) if found.sound else None,
            transcript=found.transcript,
            sha256=hashlib.sha256(found.sound).hexdigest() if found.sound else None,
            # A stranger's message that calls itself a canary stays a message.
            canary=mark if mark in self._nonces else None,
        )
