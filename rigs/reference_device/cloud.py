"""The cloud's HTTPS interface, as the device uses it. Blocking; threads are `uplink`'s business.

Trust comes from the system's store or `SSL_CERT_FILE`; where `SSLKEYLOGFILE` is set, the session
keys are logged there (both are what `ssl.create_default_context` does).
"""

import http.client
import io
import json
import socket
import ssl
import struct
import uuid
import wave
from collections.abc import Iterable
from types import TracebackType
from urllib.parse import urlsplit

import numpy as np

from rigs.reference_device.contacts import Contact
from rigs.reference_device.errors import NetworkError, SetupError
from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm
from rigs.reference_device.voice import wav_bytes

TIMEOUT_S = 5.0
LAST_MESSAGE = "/v1/messages/last/audio"
_AT_ONCE = struct.pack("ii", 1, 0)
_NETWORK_TROUBLE = (OSError, http.client.HTTPException)


class RefusedError(NetworkError):
    """The cloud was reached and said no; `status` is its HTTP status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Cloud:
    """One connection to the cloud, kept open between calls; use it from one thread."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise SetupError(f"--cloud {url!r} is no URL such as https://cloud.reference.test")
        self._url, self._token = url, token
        self.host, self._port = parts.hostname, parts.port
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> "Cloud":
        """The cloud itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection, if one is open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _give_up(self) -> None:
        """Close the connection without a last word.

        Closed kindly, the kernel would still send what was left unsent, once the network is back:
        somebody's speech, half a minute after they were told that it did not go out.
        """
        if self._connection is not None and self._connection.sock is not None:
            self._connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
        self.close()

    def contacts(self) -> tuple[Contact, ...]:
        """The account's contacts."""
        answer = self._call("GET", "/v1/contacts", b"", {})
        try:
            return tuple(Contact(str(c["id"]), str(c["name"])) for c in answer["contacts"])
        except (KeyError, TypeError) as error:
            raise NetworkError(f"{self._url} sent no list of contacts: {answer!r:.100}") from error

    def report(self, path: str, facts: dict[str, object]) -> None:
        """POST some facts as JSON, such as a heartbeat."""
        self._call("POST", path, json.dumps(facts).encode(), {"Content-Type": "application/json"})

    def send_message(self, contact: Contact, transcript: str, pcm: Pcm) -> None:
        """Deliver a message once. Never repeated here: half a failure may be a delivery."""
        self.close()
        boundary = uuid.uuid4().hex
        body = message_form(boundary, contact, transcript, wav_bytes(pcm, SPEECH_RATE_HZ))
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        self._once("POST", "/v1/messages", body, headers)

    def send_text(self, contact: Contact, transcript: str) -> None:
        """Deliver a message of words alone, once."""
        self.close()
        boundary = uuid.uuid4().hex
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": uuid.uuid4().hex,
        }
        self._once("POST", "/v1/messages", message_form(boundary, contact, transcript), headers)

    def last_message(self) -> Pcm | None:
        """The sound (int16, 16 kHz) of the message that was sent last; None where there is none."""
        try:
            return pcm_of(self._once("GET", LAST_MESSAGE, b"", {}))
        except RefusedError as error:
            if error.status == 404:
                return None
            raise

    def stream_speech(self, sound: Iterable[bytes]) -> None:
        """Stream s16le 16 kHz chunks as they come; ends when the iterable does."""
        headers = {"Content-Type": f"audio/L16; rate={SPEECH_RATE_HZ}"}
        self._once("POST", "/v1/speech", sound, headers)

    def _call(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> dict[str, list[dict[str, object]]]:
        kept_open = self._connection is not None
        try:
            answer = self._once(method, path, body, headers)
        except RefusedError:
            raise
        except NetworkError:
            if not kept_open:
                raise
            answer = self._once(method, path, body, headers)  # the server had closed it: anew
        try:
            found: dict[str, list[dict[str, object]]] = json.loads(answer) if answer else {}
        except ValueError as error:
            raise NetworkError(f"{self._url}{path} sent no JSON: {answer[:80]!r}") from error
        return found

    def _once(
        self, method: str, path: str, body: bytes | Iterable[bytes], headers: dict[str, str]
    ) -> bytes:
        headers = {"Authorization": f"Bearer {self._token}", **headers}
        connection = self._connected()
        try:
            chunked = not isinstance(body, bytes)
            connection.request(method, path, body, headers, encode_chunked=chunked)
            response = connection.getresponse()
            answer = response.read()
        except _NETWORK_TROUBLE as error:
            self._give_up()
            raise NetworkError(
                f"{method} {self._url}{path}: {error!r}; "
                "is the cloud up, and its certificate trusted?"
            ) from error
        if response.status >= 300:
            raise RefusedError(
                f"{method} {self._url}{path}: HTTP {response.status} {answer[:120]!r}",
                response.status,
            )
        return answer

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            if self._tls is None:
                self._connection = http.client.HTTPConnection(
                    self.host, self._port, timeout=TIMEOUT_S
                )
            else:
                self._connection = http.client.HTTPSConnection(
                    self.host, self._port, timeout=TIMEOUT_S, context=self._tls
                )
        return self._connection


def pcm_of(wav: bytes) -> Pcm:
    """The samples of a recording that the cloud sent; `NetworkError` where it is none."""
    try:
        with wave.open(io.BytesIO(wav)) as file:
            form = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if form != (1, 2, SPEECH_RATE_HZ):
                raise NetworkError(f"the cloud sent sound of the form {form}")
            return np.frombuffer(file.readframes(file.getnframes()), np.int16)
    except (wave.Error, EOFError) as error:
        raise NetworkError(f"the cloud sent no WAV file: {error}") from error


def message_form(
    boundary: str, contact: Contact, transcript: str, wav: bytes | None = None
) -> bytes:
    """The body of a request that delivers a message, with its sound or without."""
    fields = {"contact_id": contact.id, "transcript": transcript}
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if wav is not None:
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="audio"; '
            'filename="message.wav"\r\nContent-Type: audio/wav\r\n\r\n'
        )
        parts.append(head.encode() + wav + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()
