"""A link that breaks off: carries TCP to a port, and hangs up after some bytes of the answer."""

import contextlib
import socket
import threading
from collections.abc import Iterator


class CuttingProxy:
    """Listens on `port`. `cuts`: how many connections are still cut, each after `after_bytes`."""

    def __init__(self, to_port: int) -> None:
        self._to = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        self.after_bytes = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        far = socket.create_connection(("127.0.0.1", self._to))
        threading.Thread(target=_copy, args=(near, far), daemon=True).start()
        with contextlib.suppress(OSError):
            self._answers(near, far)
        for end in (near, far):
            # A thread that waits for it keeps a socket open that is only closed.
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _answers(self, near: socket.socket, far: socket.socket) -> None:
        carried = 0
        while block := far.recv(4_096):
            carried += len(block)
            near.sendall(block)
            if self.cuts and carried > self.after_bytes:
                self.cuts -= 1
                return


def _copy(source: socket.socket, to: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while block := source.recv(4_096):
            to.sendall(block)


@contextlib.contextmanager
def cutting(to_port: int) -> Iterator[CuttingProxy]:
    """A proxy to a port of this machine."""
    proxy = CuttingProxy(to_port)
    try:
        yield proxy
    finally:
        proxy.close()
