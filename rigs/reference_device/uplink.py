"""The network side of the device: a thread for calls, and one for each speech upload.

Flows in: the actions that concern the cloud. Flows out: `CloudEvent`s, by the callback it is
given, from its own threads.
"""

import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from rigs.reference_device.actions import (
    AskName,
    CloseUpload,
    FetchMessage,
    OpenUpload,
    SendDatagram,
    SendMessage,
    SendReport,
    UploadSound,
)
from rigs.reference_device.cloud import Cloud, RefusedError
from rigs.reference_device.contacts import Contact
from rigs.reference_device.errors import NetworkError
from rigs.reference_device.sound_format import Pcm

HEARTBEAT_S = 30.0
TELEMETRY_S = 60.0
CHUNK_BYTES = 3200
"""0.1 s of sound: streamed as it is spoken."""


@dataclass(frozen=True, slots=True)
class ContactsCame:
    """The contacts, fetched anew."""

    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True)
class MessageDone:
    """A message was delivered, or `failure` is the prompt that says why not."""

    number: int
    failure: str | None


@dataclass(frozen=True, slots=True)
class MessageCame:
    """The message that was sent last (int16, 16 kHz), None where there is none; `failure` is the
    prompt that says why nobody knows.
    """

    pcm: Pcm | None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class UploadLost:
    """A speech upload broke off."""

    upload: int
    reason: str


@dataclass(frozen=True, slots=True)
class CallFailed:
    """A background call failed; the next one will be tried at its time."""

    what: str
    reason: str


CloudEvent = ContactsCame | MessageDone | MessageCame | UploadLost | CallFailed
Aside = SendDatagram | AskName | SendReport
Job = SendMessage | FetchMessage | Aside


class Uplink:
    """Talks to the cloud. `facts` gives what heartbeats and telemetry report."""

    def __init__(
        self,
        make_cloud: Callable[[], Cloud],
        tell: Callable[[CloudEvent], None],
        facts: Callable[[], dict[str, object]],
    ) -> None:
        self._make_cloud = make_cloud
        self._tell = tell
        self._facts = facts
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._uploads: dict[int, _Upload] = {}
        self._thread = threading.Thread(target=self._work, name="uplink", daemon=True)

    def start(self) -> None:
        """Fetch the contacts, then serve calls, heartbeats and telemetry."""
        self._jobs.put(None)
        self._thread.start()

    def refresh_contacts(self) -> None:
        """Fetch the contacts anew, soon."""
        self._jobs.put(None)

    def send(self, message: SendMessage) -> None:
        """Deliver a message, soon."""
        self._jobs.put(message)

    def fetch(self, action: FetchMessage) -> None:
        """Fetch the message that was sent last, soon."""
        self._jobs.put(action)

    def send_aside(self, action: Aside) -> None:
        """Send what belongs to no dialogue, soon; nobody is told what became of it."""
        self._jobs.put(action)

    def open(self, action: OpenUpload) -> None:
        """Begin an upload."""
        upload = _Upload(action.upload, self._make_cloud(), self._tell)
        self._uploads[action.upload] = upload
        upload.start()

    def sound(self, action: UploadSound) -> None:
        """More sound for an upload."""
        self._uploads[action.upload].put(action.pcm.tobytes())

    def close(self, action: CloseUpload) -> None:
        """End an upload, well or (not `complete`) by dropping it."""
        self._uploads.pop(action.upload).end(action.complete)

    def _work(self) -> None:
        started_s = time.monotonic()
        due = {"/v1/heartbeat": started_s + HEARTBEAT_S, "/v1/telemetry": started_s + TELEMETRY_S}
        every = {"/v1/heartbeat": HEARTBEAT_S, "/v1/telemetry": TELEMETRY_S}
        with self._make_cloud() as cloud:
            while True:
                path = min(due, key=lambda name: due[name])
                try:
                    job = self._jobs.get(timeout=max(0.01, due[path] - time.monotonic()))
                except queue.Empty:
                    due[path] += every[path]
                    self._report(cloud, path, self._facts())
                else:
                    self._do(cloud, job)

    def _do(self, cloud: Cloud, job: Job | None) -> None:
        if isinstance(job, SendMessage):
            self._tell(MessageDone(job.number, _deliver(cloud, job)))
            return
        if isinstance(job, FetchMessage):
            self._tell(_fetched(cloud))
            return
        if isinstance(job, SendReport):
            self._report(cloud, "/v1/telemetry", job.facts)
            return
        if job is not None:
            _send_aside(cloud, job)
            return
        try:
            self._tell(ContactsCame(cloud.contacts()))
        except NetworkError as error:
            self._tell(CallFailed("contacts", str(error)))

    def _report(self, cloud: Cloud, path: str, facts: dict[str, object]) -> None:
        try:
            cloud.report(path, facts)
        except NetworkError as error:
            self._tell(CallFailed(path, str(error)))


def _deliver(cloud: Cloud, job: SendMessage) -> str | None:
    try:
        cloud.send_message(job.contact, job.transcript, job.pcm)
    except RefusedError:
        return "not_sent"
    except NetworkError:
        return "no_network"
    return None


def _fetched(cloud: Cloud) -> MessageCame:
    try:
        return MessageCame(cloud.last_message())
    except NetworkError:
        return MessageCame(None, "no_network")


def _send_aside(cloud: Cloud, job: SendDatagram | AskName) -> None:
    with suppress(OSError, UnicodeError):  # no network, no such name, or none at all
        if isinstance(job, AskName):
            socket.getaddrinfo(job.name, None, type=socket.SOCK_STREAM)
            return
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.sendto(job.payload, (job.to or cloud.host, job.port))


class _Upload:
    """One utterance on its way, in a thread and a connection of its own."""

    def __init__(self, number: int, cloud: Cloud, tell: Callable[[CloudEvent], None]) -> None:
        self._number = number
        self._cloud = cloud
        self._tell = tell
        self._sound: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._dropped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"upload-{number}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def put(self, sound: bytes) -> None:
        self._sound.put(sound)

    def end(self, complete: bool) -> None:
        if not complete:
            self._dropped.set()
        self._sound.put(None)

    def _run(self) -> None:
        with self._cloud as cloud:
            try:
                cloud.stream_speech(self._chunks())
            except NetworkError as error:
                if not self._dropped.is_set():
                    self._tell(UploadLost(self._number, str(error)))

    def _chunks(self) -> Iterator[bytes]:
        gathered = b""
        while (sound := self._sound.get()) is not None and not self._dropped.is_set():
            gathered += sound
            if len(gathered) >= CHUNK_BYTES:
                yield gathered
                gathered = b""
        if self._dropped.is_set():
            # What had not left is not sent any more; the connection is cut, not ended well.
            raise ConnectionAbortedError("dropped by the device")
        if gathered:
            yield gathered
