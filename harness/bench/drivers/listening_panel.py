"""A panel that one peer at a time connects to: what is the same however the peer speaks."""

import selectors
import socket
import threading
from abc import abstractmethod

from harness.bench.ports.device import Panel, PanelEvent
from harness.clock import Clock


class ListeningPanel(Panel):
    """Listens until `close`. One thread; times are those of arrival.

    Whoever builds on it sets up its own state first: its thread starts at the end of `__init__`.
    """

    def __init__(self, listener: socket.socket, clock: Clock, name: str) -> None:
        """`name`: of the thread."""
        self._clock, self._listener = clock, listener
        self._lock = threading.Lock()
        self._events: list[PanelEvent] = []
        self._malformed: list[str] = []
        self._seen = False
        self._device: socket.socket | None = None
        self._wake, self._woken = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        for source in (self._listener, self._woken):
            self._selector.register(source, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()

    def present(self) -> bool:
        """Whether the peer has connected at least once."""
        with self._lock:
            return self._seen

    def events(self) -> tuple[PanelEvent, ...]:
        """All light changes seen so far, oldest first."""
        with self._lock:
            return tuple(self._events)

    def trouble(self) -> str | None:
        """Why the panel does not listen any more; None while all is well or it is closed."""
        if self._thread.is_alive() or self._wake.fileno() < 0:
            return None
        return "panel: its thread has ended; light changes are not seen any more"

    def close(self) -> None:
        """Hang up and stop listening. Safe to call twice."""
        if self._wake.fileno() < 0:
            return
        self._wake.close()
        self._thread.join()
        with self._lock:
            self._hang_up()
        for source in (self._listener, self._woken):
            source.close()
        self._selector.close()

    def _serve(self) -> None:
        while True:
            ready = {key.fileobj for key, _ in self._selector.select()}
            if self._woken in ready:
                return
            with self._lock:
                if self._device in ready:
                    self._receive()
                if self._listener in ready:
                    self._accept()

    @abstractmethod
    def _accept(self) -> None:
        """Somebody connects; the lock is held."""

    @abstractmethod
    def _receive(self) -> None:
        """The peer has sent something, or hung up; the lock is held."""

    @abstractmethod
    def _hang_up(self) -> None:
        """Let go of the peer, where there is one; the lock is held."""
