"""Speech on its way from the stepped device: streamed as it is spoken, in pieces, or dropped."""

from collections.abc import Callable
from functools import partial

from rigs.reference_cloud.calls import Speech
from rigs.reference_device.cloud import TIMEOUT_S
from rigs.reference_device.sound_format import SPEECH_RATE_HZ
from rigs.reference_device.uplink import CHUNK_BYTES, CloudEvent, UploadLost
from rigs.simulated.network import CLOUD_TAKES_S, Network, answer_content, chunked, request_head
from rigs.simulated.wire import TlsConnection

_AGAIN_S = 0.4
_SPEECH = f"audio/L16; rate={SPEECH_RATE_HZ}"


class SteppedUpload:
    """One utterance on its way, on a connection of its own."""

    def __init__(self, number: int, network: Network, tell: Callable[[CloudEvent], None]) -> None:
        self._number, self._network, self._tell = number, network, tell
        self._connection: TlsConnection | None = None
        self._speech: Speech | None = None
        self._gathered = b""
        self._chunks: list[bytes] = []
        self._ended = self._over = self._waiting = False
        network.connect(self._opened)

    def put(self, sound: bytes) -> None:
        """More sound: it leaves in pieces of a tenth of a second."""
        self._gathered += sound
        if len(self._gathered) >= CHUNK_BYTES:
            self._chunks.append(self._gathered)
            self._gathered = b""
            self._send()

    def end(self, complete: bool) -> None:
        """No more sound; what has not left yet is dropped where it is not `complete`."""
        self._ended = True
        if not complete:
            self._over = True
            self._hang_up()
            return
        if self._gathered:
            self._chunks.append(self._gathered)
        self._chunks.append(b"")
        self._send()

    def _opened(self, connection: TlsConnection | None) -> None:
        if connection is None:
            self._lost("the cloud cannot be reached")
            return
        self._connection = connection
        if self._over:
            self._hang_up()
            return
        connection.send(request_head("POST /v1/speech", self._network, _SPEECH))
        if self._network.cloud.calls.unknown(self._network.token) is None:
            self._speech = self._network.cloud.calls.speech(self._network.token)
        self._send()

    def _send(self) -> None:
        """Let all leave that can; what cannot is tried again, as TCP does."""
        while self._connection is not None and self._chunks and not self._over:
            if not self._network.reaches:
                self._try_again()
                return
            chunk = self._chunks.pop(0)
            self._connection.send(chunked(chunk), partial(self._came, chunk))
            if not chunk and self._network.is_poor:
                self._network.later(TIMEOUT_S, lambda: self._lost("it does not answer"))

    def _came(self, chunk: bytes) -> None:
        """A piece has reached the cloud."""
        if chunk and self._speech is not None:
            self._speech.take(chunk)
        elif not chunk:
            self._network.later(CLOUD_TAKES_S, self._finish)

    def _try_again(self) -> None:
        if self._waiting:
            return
        self._waiting = True

        def again() -> None:
            self._waiting = False
            self._send()

        self._network.later(_AGAIN_S, again)
        if self._ended:
            self._network.later(TIMEOUT_S, lambda: self._lost("it does not answer"))

    def _finish(self) -> None:
        if self._speech is None:
            self._lost("it does not know this account")
            return
        answer = answer_content(self._speech.end())
        if self._connection is not None:
            self._connection.receive(answer, self._done)

    def _done(self) -> None:
        self._hang_up(2e-3)
        self._over = True

    def _hang_up(self, after_s: float = 0.0) -> None:
        if self._connection is not None:
            self._connection.close(after_s)
            self._connection = None

    def _lost(self, reason: str) -> None:
        if not self._over:
            self._over = True
            if self._connection is not None:
                self._connection.abort()
            self._tell(UploadLost(self._number, reason))
