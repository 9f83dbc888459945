"""How the stage waits: by the rig's clock, looking after the rig, and never in a silent room.

Whoever performs waits by one of these, so that the scene's background goes on all the while.
"""

from collections.abc import Callable, Mapping

from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.clock import Deadline
from harness.errors import RigError
from harness.model.script import Script
from harness.stage.schedule import Schedule

_POLL_S = 0.1
_DEAF_S = 4.0
# Background goes out in pieces, so that it ends soon after the scene does.
_PIECE_S = 4.0
_BACKGROUND_AHEAD_S = 3.0


class Waiting:
    """Waits on a rig, from `start` (an index) on, playing a script's background meanwhile.

    `sounds`: of the background, by its place in the script. It is played until `over` is set.
    `meanwhile`: called at every moment that is waited.
    """

    def __init__(
        self,
        rig: Rig,
        script: Script,
        schedule: Schedule,
        sounds: Mapping[int, Samples],
        start: int,
        meanwhile: Callable[[], None],
    ) -> None:
        self._rig, self._script, self._schedule = rig, script, schedule
        self._sounds, self._start, self._meanwhile = sounds, start, meanwhile
        self._rate = rig.microphone.rate_hz
        self._background_until = dict.fromkeys(sounds, start)
        self.over = False

    def tick(self) -> None:
        """Wait for a moment. Raises `RigError` or `DeviceError` when something is wrong."""
        self._rig.raise_trouble()
        if not self.over:
            self._keep_background()
        self._meanwhile()
        before = self._rig.microphone.heard_until()
        self._rig.clock.wait_s(_POLL_S)
        if self._rig.microphone.heard_until() == before:
            self._await_sound(before)

    def until_heard(self, index: int) -> None:
        """Wait until the recording holds all before `index`."""
        while self._rig.microphone.heard_until() < index:
            self.tick()

    def until_moment(self, index: int) -> None:
        """Wait until the sound at `index` is heard: for deeds, which take effect at once."""
        moment_s = self._rig.microphone.unix_s(index)
        while (left_s := moment_s - self._rig.clock.now_s()) > 0:
            if left_s > _POLL_S:
                self.tick()
            else:
                self._rig.clock.wait_s(left_s)

    def _await_sound(self, before: int) -> None:
        deadline = Deadline.after(self._rig.clock, _DEAF_S)
        while self._rig.microphone.heard_until() == before:
            if deadline.passed():
                raise RigError(
                    f"no sound has come from the bench for {_DEAF_S:g} s; see `sayso doctor`"
                )
            self._rig.raise_trouble()
            self._rig.clock.wait_s(_POLL_S)

    def _keep_background(self) -> None:
        ahead = self._rig.loudspeaker.earliest_index() + int(_BACKGROUND_AHEAD_S * self._rate)
        piece = int(_PIECE_S * self._rate)
        for which, samples in self._sounds.items():
            position = self._script.background[which].position
            while self._background_until[which] < ahead:
                at = self._background_until[which]
                first = (at - self._start) % len(samples)
                part = samples[first : first + piece]
                played = self._schedule.play(f"background-{which}", position, part, at)
                self._background_until[which] = played.at_index + len(part)
