"""V30: one wake gives two streams; once it has answered it listens anew, as though called again.

So does a device whose wake-word engine still has the last wake in its window. It does so from the
second call on, since what it did after the opening controls' would run into the scene.
"""

from rigs.reference_device.actions import Action, CloseUpload, Light, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_PAUSE_S, _LENGTH_S = 0.2, 4.0


class StreamsAgain(Habits, VerifiedFirmware):
    """Verified, but for what it does once an interaction is over. Its light shows it."""

    name = "zoo.streams_again"

    def __init__(self) -> None:
        self._called, self._calls = False, 0
        self._rested = self._left = self._upload = 0

    def before(self, action: Action) -> list[Action]:
        """Note that somebody was heard: what follows is one interaction."""
        if isinstance(action, CloseUpload) and action.upload > 0:
            self._calls += 1
            self._called = self._calls > 1
        return super().before(action)

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Stream anew when the interaction is over, for a while."""
        if self._left > 0:
            return self._stream(pcm, moment)
        self._rested = self._rested + len(pcm) if moment.resting and not moment.muted else 0
        if not self._called or self._rested < samples(_PAUSE_S):
            return []
        self._called, self._left = False, samples(_LENGTH_S)
        self._upload -= 1
        return [Light("listening"), OpenUpload(self._upload)]

    def _stream(self, pcm: Pcm, moment: Moment) -> list[Action]:
        self._left -= len(pcm)
        out: list[Action] = [UploadSound(self._upload, pcm)]
        if self._left <= 0:
            out.append(CloseUpload(self._upload))
            out += [Light("idle")] if moment.resting else []
        return out


def firmware(seed: int) -> StreamsAgain:
    """The device."""
    return StreamsAgain()
