"""Every prompt that was heard in a play, and how well it could be heard."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from math import dist

import numpy as np
import scipy

from harness.bench.ports.sound import Samples
from harness.ears.apart import Apart, in_chunks, learnt_paths, taken_apart
from harness.ears.band import band
from harness.ears.cancel import RATE_HZ, Cancelled, Doubt, Paths, Stretch
from harness.ears.elsewhere import LEAD, is_elsewhere
from harness.ears.hearing import OF_MICROPHONE, Hearing, asked_of, hear
from harness.ears.speech import Event, Finder, Speech, gathered
from harness.ears.spotter import Spotted
from harness.ears.talkover import talked_over
from harness.ears.unfiled import unexplained
from harness.model.timeline import PromptHeard
from harness.sound.level import level_db
from harness.stage.session import Take

_CHUNK = 60 * RATE_HZ
# A loudspeaker that says less than this may not teach its path by it.
_TEACHES_S = 2.0
# A prompt so close to a chunk's end is left to the next one: echoes, and the last stretch.
_MARGIN = 2 * RATE_HZ
# What was played so long before may still ring; a loudspeaker may be so much nearer than it was.
_RINGS_S, _SLACK_S = 0.6, 0.05
# Noise that was taken for speech is never so much over itself.
_OVER_NOISE_DB = 3.0
# Softer than this, the microphone's own noise keeps subtraction from showing what it can.
_LOUD_DB = -45.0


@dataclass(slots=True)
class Subtraction:
    """How well what was played could be taken out of what the listener's microphone heard.

    `cancelled_db`: of each stretch that was loud and whose paths were known. `doubts`: how many
    stretches of each doubt; `first_s`: when each came first. `unlearnt`: stretches in which
    something was played whose path was not known.
    """

    cancelled_db: list[float] = field(default_factory=list)
    doubts: Counter[Doubt] = field(default_factory=Counter)
    first_s: dict[Doubt, float] = field(default_factory=dict)
    unlearnt: int = 0

    @property
    def median_db(self) -> float | None:
        """What was cancelled of most stretches (dB); None where nothing loud was played."""
        return float(np.median(self.cancelled_db)) if self.cancelled_db else None

    def add(self, stretch: Stretch, at_s: float) -> None:
        """Take a stretch that began at `at_s` into account."""
        for doubt in stretch.doubts:
            self.doubts[doubt] += 1
            self.first_s.setdefault(doubt, at_s)
        if stretch.cancelled_db is None:
            return
        if Doubt.LEARNING in stretch.doubts:
            self.unlearnt += 1
        elif stretch.stimulus_db >= _LOUD_DB:
            self.cancelled_db.append(stretch.cancelled_db)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of the device in a play, and how far that is to be believed.

    `unexplained`: speech that is no prompt on file, also over one that is; its samples count from
    the scene's start.
    `paths`: from the loudspeakers to the listener, None where nothing was played.
    """

    prompts: tuple[PromptHeard, ...]
    subtraction: Subtraction
    unexplained: tuple[Speech, ...]
    paths: Paths | None


@dataclass(frozen=True, slots=True)
class _Found:
    """A prompt, and what somebody else said while it sounded."""

    prompt: PromptHeard
    over: tuple[Speech, ...] = ()


class PromptSearch:
    """Goes through the recording of one take's `scene` (indices), without the controls around it.

    Chirps and clicks hold too little of what speech is made of: they would spoil the paths that
    the scene's own speech teaches. `seconds` turns an index into the run's seconds.
    """

    def __init__(self, take: Take, scene: range, seconds: Callable[[int], float]) -> None:
        self._take, self._scene, self._seconds = take, scene, seconds
        self._microphone = take.rig.microphone
        self._positions = take.rig.loudspeaker.positions
        self._step = take.rig.microphone.rate_hz // RATE_HZ
        self._subtraction = Subtraction()

    def run(self) -> Heard:
        """What was heard. Raises `RigError` or `ValueError` for a recording that is not whole."""
        paths = self._learnt()
        apart = taken_apart(self._microphone, self._positions, self._scene, paths)
        speech = list[Event]()
        pieces = _overheard(apart, speech)
        overlap = int(self._take.book.longest_s * RATE_HZ) + 2 * _MARGIN
        found: list[_Found] = []
        counted = -1
        for piece in in_chunks(pieces, _CHUNK + overlap, overlap):
            counted = self._count(piece, counted)
            found += self._prompts(piece)
        kept = _apart(found)
        prompts = tuple(one.prompt for one in kept)
        others = self._over(kept) + self._unexplained(prompts, speech)
        told = tuple(sorted(others, key=lambda one: one.start))
        return Heard(prompts, self._subtraction, told, paths)

    def _learnt(self) -> Paths | None:
        """The paths as the scene teaches them; where it says little, those that fit it best.

        Two words from a place that is silent otherwise may not teach its path: then the opening
        chirps help. By themselves they teach paths worse than a line does.
        """
        learnt = partial(learnt_paths, self._microphone, self._positions)
        paths = learnt(self._scene)
        chirps = self._take.proofs[0].chirps if self._take.proofs else []
        if not chirps or not self._says_little():
            return paths
        since = learnt(range(min(chirp.at_index for chirp in chirps), self._scene.stop))
        return min(paths, since, learnt(self._scene, begun=since), key=self._misfit)

    def _says_little(self) -> bool:
        """Whether some loudspeaker of those that spoke did so for a moment only."""
        spoken = Counter[str]()
        if self._take.performed is not None:
            for played in self._take.performed.played.values():
                spoken[played.position] += len(played.samples)
        return any(count < _TEACHES_S * self._microphone.rate_hz for count in spoken.values())

    def _misfit(self, paths: Paths | None) -> tuple[int, float]:
        """How badly paths explain the scene: in how many stretches they do not, and how much is
        left of the others.
        """
        subtraction = Subtraction()
        for piece in taken_apart(self._microphone, self._positions, self._scene, paths):
            for stretch in piece.stretches:
                subtraction.add(stretch, self._seconds(self._index(stretch.start)))
        unexplained = subtraction.unlearnt + subtraction.doubts[Doubt.PATH_CHANGED]
        return unexplained, -(subtraction.median_db or 0.0)

    def _span(self, prompt: PromptHeard) -> tuple[int, int]:
        zero_s = self._seconds(self._scene.start)
        times_s = prompt.start_s - zero_s, prompt.end_s - zero_s
        return round(times_s[0] * RATE_HZ), round(times_s[1] * RATE_HZ)

    def _over(self, kept: Sequence[_Found]) -> list[Speech]:
        """What others said over prompts; a tone of the device over its own words is nobody."""
        tones = [self._span(one.prompt) for one in kept if one.prompt.tone]
        over = (speech for one in kept for speech in one.over)
        return [s for s in over if all(s.end <= first or s.start >= end for first, end in tones)]

    def _unexplained(self, prompts: Sequence[PromptHeard], events: Sequence[Event]) -> list[Speech]:
        spans = [self._span(prompt) for prompt in prompts]
        told = map(self._believed, unexplained(gathered(events).speech, spans))
        return [speech for speech in told if speech is not None]

    def _believed(self, speech: Speech) -> Speech | None:
        """Speech with what is to be doubted of it; None where it is what was played, or noise."""
        if speech.over_rest_db < _OVER_NOISE_DB:
            return None
        if self._alone(speech.start, speech.end - speech.start):
            return replace(speech, doubts=tuple(d for d in speech.doubts if d in OF_MICROPHONE))
        # As long as a path is learnt, what is played is left in.
        return None if speech.doubts == (Doubt.LEARNING,) else speech

    def _count(self, piece: Apart, counted: int) -> int:
        """Add the stretches of a piece that were not counted yet."""
        for stretch in piece.stretches:
            if stretch.start > counted:
                counted = stretch.start
                self._subtraction.add(stretch, self._seconds(self._index(stretch.start)))
        return counted

    def _prompts(self, piece: Apart) -> list[_Found]:
        book = self._take.book
        if not book.prompts:
            return []
        banded = band(piece.residual, RATE_HZ)
        whole = book.spot_left(banded)
        found = [(spotted, False) for spotted in whole]
        found += [(spotted, True) for spotted in book.spot_broken_off(banded, whole)]
        found += [(spotted, False) for spotted in book.spot_tones(piece.residual, RATE_HZ)]
        last = len(piece.residual) if piece.last else len(piece.residual) - _MARGIN
        return [
            self._prompt(piece, spotted, broken_off=broken_off)
            for spotted, broken_off in found
            if spotted.end_s * RATE_HZ <= last
        ]

    def _index(self, sample: int) -> int:
        """The index of a sample at 16 kHz, counted from the scene's start."""
        return self._scene.start + sample * self._step

    def _prompt(self, piece: Apart, spotted: Spotted, *, broken_off: bool) -> _Found:
        book = self._take.book
        start = round(spotted.start_s * RATE_HZ)
        said = round(spotted.end_s * RATE_HZ) - start
        if book.is_tone(spotted.key):
            found_db = level_db(piece.residual[start : start + said])
            return _Found(book.heard(spotted, self._seconds(self._index(piece.start)), found_db))
        sound = book.sound(spotted.key, RATE_HZ)
        asked = asked_of(book.prompts[spotted.key], sound, said if broken_off else None)
        alone = self._alone(piece.start + start, len(asked.sound))
        hearing = hear(piece, asked, start, alone=alone)
        spotted = _shortened(spotted, hearing)
        found_db = level_db(piece.residual[start : start + said])
        offset_s = self._seconds(self._index(piece.start))
        fact = book.heard(spotted, offset_s, found_db)
        fact = hearing.of(fact, self._elsewhere(piece, sound[:said], start, alone=alone))
        over = () if hearing.speech is None else talked_over(piece, hearing.speech)
        return _Found(fact, tuple(one for one in over if one.over_rest_db >= _OVER_NOISE_DB))

    def _alone(self, start: int, count: int) -> bool:
        """Whether nothing that was played could be heard during some samples of the scene."""
        rate, begun = self._microphone.rate_hz, self._microphone.started_at()
        for position in self._positions:
            delay = self._take.delay(position)
            first = max(begun, self._index(start) - delay - round(_RINGS_S * rate))
            end = min(self._scene.stop, self._index(start + count) - delay + round(_SLACK_S * rate))
            if end > first and self._microphone.read(position, first, end - first).any():
                return False
        return True

    def _elsewhere(self, piece: Apart, prompt: Samples, start: int, *, alone: bool) -> bool | None:
        """Whether it came from another place than the device's."""
        first, end = start - LEAD, start + len(prompt) + LEAD
        if first < 0 or end > len(piece.residual) or "device" not in self._microphone.channels:
            return None
        index, count = self._index(piece.start + first), (end - first) * self._step
        recorded = self._microphone.read("device", index, count)
        at_device = recorded
        if self._step > 1:
            at_device = scipy.signal.resample_poly(recorded, 1, self._step).astype(np.float32)
        apart_m = dist(self._take.rig.file.sound.listener, self._take.rig.file.device.at)
        return is_elsewhere(prompt, piece.residual[first:end], at_device, apart_m, alone=alone)


def _overheard(pieces: Iterable[Cancelled], events: list[Event]) -> Iterator[Cancelled]:
    """The pieces, while a finder of speech listens; what it has to say comes into `events`."""
    finder = Finder()
    for piece in pieces:
        events += finder.push(piece)
        yield piece
    events += finder.finish()


def _shortened(spotted: Spotted, hearing: Hearing) -> Spotted:
    """It ends where it broke off, if it did."""
    if hearing.said_s is None:
        return spotted
    end_s = spotted.start_s + hearing.said_s
    return replace(spotted, end_s=end_s)


def _apart(found: Sequence[_Found]) -> list[_Found]:
    """Without those found twice, in the overlap of two chunks; whole ones before broken ones.

    A tone may sound over words.
    """
    kept: list[_Found] = []
    for one in sorted(found, key=lambda f: (f.prompt.cut_short is True, -f.prompt.score)):
        prompt = one.prompt
        rivals = (k.prompt for k in kept if k.prompt.tone == prompt.tone)
        if all(prompt.end_s <= k.start_s or prompt.start_s >= k.end_s for k in rivals):
            kept.append(one)
    return sorted(kept, key=lambda f: f.prompt.start_s)
