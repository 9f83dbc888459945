"""What an open device's uploads and messages hold, as facts on the run's clock.

The device's microphone is on the bench's recording, so that what was sent can be laid on what was
heard. An upload that cannot be read stays without a span, and the control says which and why.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.bench.timefit import TimeLine
from harness.errors import RigError
from harness.model.timeline import Channel, Control, MessageReceived, Upload
from harness.stage.control_facts import PAYLOAD_READ
from harness.stage.controls import OPENING
from harness.stage.listening_facts import SCENE
from harness.stage.session import Take
from harness.wire.payload import (
    Held,
    Room,
    held,
    of_message,
    read_connections,
)

_LONGEST_S = 3600.0
_MOST_TOLD = 3


@dataclass(frozen=True, slots=True)
class PayloadFacts:
    """Uploads and messages with the spans that they hold, and whether all was read."""

    uploads: tuple[Upload, ...]
    messages: tuple[MessageReceived, ...]
    control: Control


_FORBIDDEN = frozenset(Channel) - {Channel.SPEECH, Channel.MESSAGE, Channel.TELEMETRY}


@dataclass(frozen=True, slots=True)
class RunClock:
    """The run's clock: `line` from index to Unix time, `start` the index of second 0."""

    line: TimeLine
    start: int


class PayloadSearch:
    """Reads one take's payloads. Raises `RigError` where none can be."""

    def __init__(self, take: Take, capture: Path, clock: RunClock) -> None:
        self._take, self._clock = take, clock
        microphone = take.rig.microphone
        self._first = microphone.started_at()
        count = microphone.heard_until() - self._first
        if count > _LONGEST_S * microphone.rate_hz:
            raise RigError(
                f"payload: the recording is longer than the {_LONGEST_S / 60:.0f} minutes in which "
                "sound is looked for; play shorter scenes on an open device"
            )
        self._room = Room(microphone.read("device", self._first, count), microphone.rate_hz)
        self._room_unix_s = clock.line.at(self._first)
        self._connections = read_connections(capture, take.rig.device_address)

    def run(
        self,
        uploads: Sequence[tuple[Upload, Upload]],
        messages: Sequence[MessageReceived],
    ) -> PayloadFacts:
        """`uploads`: each in Unix time and on the run's clock.

        One that left after the scene must be read too: it may hold what was heard in the scene.
        """
        wire = self._take.rig.file.wire
        hashes = {m.sha256 for m in messages if m.sha256 is not None}
        told, unread, proofs, notes = list[Upload](), list[tuple[Upload, str]](), 0, list[str]()
        for unix, upload in uploads:
            found = held(
                unix, self._connections, self._room, self._room_unix_s, wire.upload_min_bytes
            )
            told.append(self._with_span(upload, found, hashes))
            if upload.end_s > 0.0 and found.span is None and not _wrong_whatever_it_holds(upload):
                unread.append((upload, found.trouble))
            notes += [leaf.note for leaf, _, _ in found.sounds if leaf.note]
            proofs += found.span is not None and self._in_opening(unix)
        spans = tuple(self._message(message) for message in messages)
        return PayloadFacts(tuple(told), spans, self._control(proofs, len(told), unread, notes))

    def _in_opening(self, unix: Upload) -> bool:
        return any(
            proof.phase == OPENING
            and unix.start_s < proof.until_unix_s
            and unix.end_s > proof.from_unix_s
            for proof in self._take.proofs
        )

    def _with_span(self, upload: Upload, found: Held, hashes: set[str]) -> Upload:
        if found.span is None:
            return upload
        brought = {hashlib.sha256(leaf.content.data).hexdigest() for leaf, _, _ in found.sounds}
        channel = Channel.MESSAGE if brought & hashes else Channel.SPEECH
        return replace(
            upload,
            holds_from_s=self._run_s(found.span[0]),
            holds_until_s=self._run_s(found.span[1]),
            channel=channel,
        )

    def _message(self, message: MessageReceived) -> MessageReceived:
        """A message with the span of the room that it holds, where that can be told."""
        if not message.audio_s:
            return message
        try:
            sound = self._take.rig.inbox.audio(message.message_id)
        except RigError as error:
            self._take.troubles.append(str(error))
            return message
        latest_s = self._room_s(message.at_s + message.uncertainty_s)
        span = of_message(sound, self._room, latest_s)
        if span is None:
            return message
        from_s, until_s = self._run_s(span[0]), self._run_s(span[1])
        return replace(message, holds_from_s=from_s, holds_until_s=until_s)

    def _run_s(self, room_s: float) -> float:
        rate = self._take.rig.microphone.rate_hz
        return room_s + (self._first - self._clock.start) / rate

    def _room_s(self, run_s: float) -> float:
        rate = self._take.rig.microphone.rate_hz
        return run_s - (self._first - self._clock.start) / rate

    def _control(
        self, proofs: int, count: int, unread: Sequence[tuple[Upload, str]], notes: Sequence[str]
    ) -> Control:
        local = self._take.rig.file.device.control.local
        proven = proofs > 0 or local
        told = [f"the one at {upload.start_s:.1f} s: {why}" for upload, why in unread[:_MOST_TOLD]]
        if unread:
            which = "one upload" if len(unread) == 1 else f"{len(unread)} uploads"
            detail = f"{which} could not be read: {'; '.join(told)}"
        elif proven:
            detail = f"every upload was read and found in what the microphone heard, {count} in all"
            detail += "".join(f"; {note}" for note in list(dict.fromkeys(notes))[:_MOST_TOLD])
        else:
            detail = "what it sent when it was asked in the opening controls could not be read"
        all_read = proven and not unread
        if not all_read:
            detail += "; does the device log all its keys to SSLKEYLOGFILE (docs/open-devices.md)?"
        return Control(SCENE, PAYLOAD_READ, all_read, float(len(unread)), 0.0, "uploads", detail)


def _wrong_whatever_it_holds(upload: Upload) -> bool:
    """Whether it left by a way that is V32 by itself, so that not to know what it holds hides
    nothing: words on a neighbour's connection, say, which are no sound.
    """
    return upload.channel in _FORBIDDEN and not upload.suspected


def nothing_read(why: str) -> Control:
    """The control where payloads could not be looked at."""
    return Control(SCENE, PAYLOAD_READ, False, None, 0.0, "uploads", f"no upload was read: {why}")
