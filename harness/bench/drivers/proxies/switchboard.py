"""Everything that a proxy has open at once, in one loop that never waits long.

It comes round every 10 ms also when nothing happens. So the last time at which nothing was there to
be read is known, and with it the earliest at which what is read next can have come.
"""

import contextlib
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from harness.bench.drivers.proxies.conversation import Conversation, Heard, Lead
from harness.bench.drivers.proxies.pipes import break_off, stamp_of, tell_times
from harness.bench.drivers.proxies.record import Record
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT

ROUND_S = 0.01
_BACKLOG = 64
_LONGEST_CANARY = 256
_MOST_TOLD, _MOST_OPEN = 20, 400
_ANYWHERE = "0.0.0.0"


@dataclass(slots=True)
class Words:
    """A connection by which the satellite tells what it does; `take` and `end` are whose it is."""

    connection: socket.socket
    take: Callable[[bytes, float], None]
    end: Callable[[float], None]


@dataclass(slots=True)
class Tally:
    """What is told beside the conversations that are still open."""

    ended: list[dict[str, Any]] = field(default_factory=list)
    refused: int = 0
    strangers: list[str] = field(default_factory=list)


class Switchboard:
    """Listens on every lead, and puts through who calls. `record`: the capture, while there is one.

    `events`: the port by which the satellite at `device` tells what it does, and who hears it.
    """

    def __init__(
        self,
        leads: tuple[Lead, ...],
        device: str,
        now_ns: Callable[[], int],
        heard: Heard,
        events: tuple[int, Callable[[socket.socket], Words]] | None = None,
    ) -> None:
        """Listen. Raises `OSError` for a port that is taken."""
        self._device, self._now_ns, self._heard = device, now_ns, heard
        self._selector = selectors.DefaultSelector()
        self._open: set[Conversation] = set()
        self._words: Words | None = None
        self._hear_words: Callable[[socket.socket], Words] | None = None
        self._seen_empty_ns = now_ns()
        self.record: Record | None = None
        self.tally = Tally()
        self.canaries = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.canaries.bind(("127.0.0.1", 0))
        self.canaries.setblocking(False)
        tell_times(self.canaries)
        self._watch(self.canaries, self._canary)
        for lead in leads:
            self._listen(lead.port, partial(self._called, lead))
        if events is not None:
            port, self._hear_words = events
            self._listen(port, self._tells)

    def watch(self, source: int | socket.socket, ready: Callable[[], None]) -> None:
        """Call `ready` whenever something is there to be read."""
        self._selector.register(source, selectors.EVENT_READ, lambda _events: ready())

    def go_round(self, wait_s: float = ROUND_S) -> bool:
        """Do what can be done, waiting so long for it at most; whether there was anything."""
        began_ns = self._now_ns()
        happened = self._selector.select(wait_s)
        for key, events in happened:
            if self._selector.get_map().get(key.fd) is key:  # not closed by one before it
                key.data(events)
        self._seen_empty_ns = began_ns
        return bool(happened)

    def begin_capture(self, record: Record) -> None:
        """From now on all that passes is in `record`, and counted."""
        self.record, self.tally = record, Tally()
        for each in self._open:
            each.begin_capture()

    def settle(self) -> None:
        """Take in all that is there now, and hand on what is taken."""
        for _ in range(100):
            if not self.go_round(0.0):
                return

    def accounts(self) -> list[dict[str, Any]]:
        """Of every conversation since the capture began."""
        return self.tally.ended + [each.account() for each in self._open if each.connected]

    def close(self) -> None:
        """Hang up on everybody."""
        for each in tuple(self._open):
            each.hang_up(self.record)
        for key in tuple(self._selector.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._selector.close()

    # Who calls -------------------------------------------------------------------------------

    def _listen(self, port: int, called: Callable[[socket.socket], None]) -> None:
        listener = socket.create_server((_ANYWHERE, port), backlog=_BACKLOG)
        listener.setblocking(False)

        def accept() -> None:
            with contextlib.suppress(OSError):  # it has gone already
                called(listener.accept()[0])

        self._watch(listener, accept)

    def _watch(self, source: socket.socket, ready: Callable[[], None]) -> None:
        self.watch(source, ready)

    def _called(self, lead: Lead, caller: socket.socket) -> None:
        address = caller.getpeername()[0]
        if lead.caller not in (None, address) or len(self._open) >= _MOST_OPEN:
            crowd = "" if lead.caller not in (None, address) else f", one of over {_MOST_OPEN}"
            self._turn_away(caller, f"{address} on port {lead.port}{crowd}")
            return
        try:
            conversation = Conversation(lead, caller, self._now_ns, self._heard)
        except OSError:
            self.tally.refused += 1
            break_off(caller)
            return
        self._open.add(conversation)
        self._wait_for(conversation)

    def _turn_away(self, caller: socket.socket, who: str) -> None:
        caller.close()
        if len(self.tally.strangers) < _MOST_TOLD:
            self.tally.strangers.append(who)

    # What passes -----------------------------------------------------------------------------

    def _wait_for(self, conversation: Conversation) -> None:
        for end, mask in conversation.masks().items():
            known = self._selector.get_map().get(end.fileno()) if end.fileno() >= 0 else None
            if known is None and mask:
                ready = self._ready_at(conversation, end)
                self._selector.register(end, mask, ready)
            elif known is not None and not mask:
                self._selector.unregister(end)
            elif known is not None and known.events != mask:
                self._selector.modify(end, mask, known.data)

    def _ready_at(self, conversation: Conversation, end: socket.socket) -> Callable[[int], None]:
        def ready(events: int) -> None:
            was_connected = conversation.connected
            ends = [(each, each.fileno()) for each in (conversation.caller, conversation.called)]
            conversation.ready(end, events, self._seen_empty_ns, self.record)
            if not conversation.over:
                self._wait_for(conversation)
                return
            for each, number in ends:
                if self._selector.get_map().get(number) is not None:
                    self._forget(number, each)
            self._open.discard(conversation)
            if was_connected:
                self.tally.ended.append(conversation.account())
            else:
                self.tally.refused += 1

        return ready

    def _forget(self, number: int, end: socket.socket) -> None:
        with contextlib.suppress(KeyError, ValueError, OSError):
            self._selector.unregister(number)

    def _canary(self) -> None:
        try:
            data, ancillary, _, source = self.canaries.recvmsg(_LONGEST_CANARY, 64)
        except OSError:
            return
        stamp_ns = stamp_of(ancillary) or self._now_ns()
        if self.record is not None and data.startswith(CANARY_MARK):
            self.record.datagram((source[0], source[1]), (source[0], CANARY_PORT), data, stamp_ns)

    # What the satellite tells ----------------------------------------------------------------

    def _tells(self, caller: socket.socket) -> None:
        address = caller.getpeername()[0]
        if address != self._device:
            self._turn_away(caller, f"{address} on the port of events")
            return
        self._end_words()  # after a power cycle the newest is the one
        caller.setblocking(False)
        tell_times(caller)
        assert self._hear_words is not None
        self._words = self._hear_words(caller)
        self._watch(caller, self._word)

    def _word(self) -> None:
        assert self._words is not None
        try:
            data, ancillary, _, _ = self._words.connection.recvmsg(65_536, 64)
        except BlockingIOError:
            return
        except OSError:
            data, ancillary = b"", []
        if data:
            self._words.take(data, (stamp_of(ancillary) or self._now_ns()) / 1e9)
        else:
            self._end_words()

    def _end_words(self) -> None:
        if self._words is not None:
            self._selector.unregister(self._words.connection)
            self._words.connection.close()
            self._words.end(self._now_ns() / 1e9)
            self._words = None
