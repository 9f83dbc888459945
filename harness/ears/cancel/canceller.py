"""Takes what the loudspeakers played out of what a microphone recorded, block by block.

references ─▶ at the microphone's clock ─▶ through the paths ─▶ ─┐
                                                                 ▼ minus
recording ─▶ at 16 kHz ─────────────────────────────────────────▶ residual ─▶ paths, clock
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.ears.cancel.blocks import GROUP, HOP, RATE_HZ, TAPS, Inlet, Past, Samples
from harness.ears.cancel.faults import NotNumbers, is_clipped
from harness.ears.cancel.model import KEPT, Lesson, Model
from harness.ears.cancel.paths import Paths, find_paths, no_paths
from harness.ears.cancel.search import Search
from harness.ears.cancel.stretches import STRETCH, Doubt, Seen, Stretch, Weigher
from harness.ears.cancel.timing import MOST_DRIFT

# Paths are looked for in so much of what was heard last.
_WINDOW = 8 * GROUP
_LOST_WINDOW = 4 * GROUP
# One side may be so far ahead of the other before something must be wrong.
_MOST_AHEAD_S = 60.0
_AT_ONCE_S = 10
# By 1 dB; less is chance, where the device is far louder than the stimulus.
_LOUDER = 1.25
_UNFIT = frozenset({Doubt.CLIPPED, Doubt.NOT_NUMBERS})


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A piece of the result, at 16 kHz; its first sample is sample `start` of the recording.

    `residual`: the device, the room's noise, and what could not be cancelled. `stimulus`: what was
    taken away, the loudspeakers as they sound at the microphone. `stretches`: those that end here.
    """

    start: int
    residual: Samples
    stimulus: Samples
    stretches: tuple[Stretch, ...]


class Canceller:
    """A stream of recording and references in, a stream of residual out.

    `loudspeakers`: names of the references. `paths`: what a calibration found, by `measure_paths`;
    without it they are looked for once 1.5 s of stimulus were heard. `one_clock`: loudspeakers and
    microphone share their clock. `learns`: False keeps the paths as they are given. `settled`: they
    were learnt from this very recording, so they are looked for again only where they do not fit.

    Raises `ValueError` for a rate that is not a whole multiple of 16 kHz, and for references that
    are no numbers, of the wrong name, or a minute ahead of the recording or behind it.
    """

    def __init__(
        self,
        loudspeakers: tuple[str, ...],
        rate_hz: int,
        paths: Paths | None = None,
        *,
        one_clock: bool = False,
        learns: bool = True,
        settled: bool = False,
    ) -> None:
        if paths is not None and paths.loudspeakers != loudspeakers:
            raise ValueError(f"paths of {paths.loudspeakers} do not belong to {loudspeakers}")
        self.loudspeakers, self.rate_hz = loudspeakers, rate_hz
        self._one_clock, self._learns = one_clock, learns
        self._heard, self._played = Inlet(1, rate_hz), Inlet(len(loudspeakers), rate_hz)
        self._model = Model(paths or no_paths(loudspeakers), one_clock=one_clock, learns=learns)
        if paths is not None:
            silence = np.zeros((len(loudspeakers), KEPT), dtype=np.float32)
            self._model.replace(paths, silence)
        self._not_numbers = NotNumbers(HOP * self._heard.step)
        self._recent = Past(1, _WINDOW)
        self._at, self._place = 0, 0.0
        self._pushed = 0
        self._length: int | None = None
        self._group: list[Seen] = []
        self._stretch: list[Seen] = []
        self._weigher = Weigher()
        self._search = Search(len(loudspeakers), found=paths is not None, settled=settled)

    @property
    def paths(self) -> Paths:
        """The paths as they are known now."""
        return self._model.paths()

    def push(self, recording: Samples, references: Mapping[str, Samples]) -> Cancelled:
        """The next samples of the recording and of the references, at the rig's rate.

        Recording and references may come in pieces of different lengths, each all together. A
        loudspeaker that is not named was silent while the others played, or, where none is named,
        for as long as the recording. Returns what can be given now.
        """
        if recording.ndim != 1:
            raise ValueError(
                f"a recording of shape {recording.shape} is not one channel; hand over each "
                "microphone's samples to a canceller of its own"
            )
        self._play(references, len(recording))
        heard = self._not_numbers.silenced(recording.astype(np.float32, copy=False))
        self._heard.put({0: heard}, len(heard))
        self._pushed += len(recording)
        ahead_s = abs(self._played.reach - self._place - self._heard.reach + self._at) / RATE_HZ
        if ahead_s > _MOST_AHEAD_S:
            raise ValueError(
                f"recording and references are {ahead_s:.0f} s apart; hand both over from the same "
                "instant on, and silence where nothing was played"
            )
        return self._cancel()

    def finish(self) -> Cancelled:
        """The rest, to the recording's last sample; references go on in silence."""
        self._length = length = self._pushed // self._heard.step
        rest = length - self._at
        more = (rest // HOP + 2) * HOP * self._heard.step
        self._heard.put({}, more)
        self._played.put({}, 2 * more)
        found = self._cancel()
        parts = [*self._stretch, *self._group]
        stretches = list(found.stretches)
        if parts:
            stretches.append(self._weigher.weigh(self._at - _length(parts), parts))
        return Cancelled(
            found.start, found.residual[:rest], found.stimulus[:rest], tuple(stretches)
        )

    def _play(self, references: Mapping[str, Samples], silent: int) -> None:
        """Take references in; `silent`: how long nothing was played, if none is named."""
        strange = set(references) - set(self.loudspeakers)
        if strange:
            raise ValueError(f"no loudspeaker is called {', '.join(sorted(strange))}")
        lengths = {len(samples) for samples in references.values()} or {silent}
        if len(lengths) > 1:
            raise ValueError("references handed over together must be of one length")
        played = {}
        for name, samples in references.items():
            if not np.isfinite(np.dot(samples, samples)):
                raise ValueError(f"{name} was to play samples that are no numbers; nothing can")
            played[self.loudspeakers.index(name)] = samples
        self._played.put(played, lengths.pop())

    # Hops and groups -------------------------------------------------------------------------

    def _ready(self) -> int:
        """How many hops can be worked through at once: to the end of the group at most."""
        last = self._heard.until if self._length is None else -(-self._length // HOP) * HOP
        heard = last - self._at
        known = self._played.until if self._one_clock else self._played.reach
        played = (known - self._place) / (1 + MOST_DRIFT)
        hops = int(min(heard, played)) // HOP
        return min(hops, (GROUP - _length(self._group)) // HOP)

    def _cancel(self) -> Cancelled:
        start, parts, stretches = self._at, list[Seen](), list[Stretch]()
        while (hops := self._ready()) > 0:
            parts += self._hops(hops)
            if _length(self._group) == GROUP:
                stretches += self._end_group()
        return self._joined(start, parts, stretches)

    def _hops(self, hops: int) -> list[Seen]:
        """Work through some hops of one group."""
        count, speed = hops * HOP, self._model.speed
        recording = self._heard.read(self._at, count)
        predicted = self._model.predict(self._played.read(self._place, count, speed))
        if self._length is not None:
            predicted[max(0, self._length - self._at) :] = 0.0
        self._recent.append(recording)
        parts = [
            self._seen(recording[0, at : at + HOP], predicted[at : at + HOP], self._at + at)
            for at in range(0, count, HOP)
        ]
        self._group += parts
        self._at += count
        self._place += count * (1 + speed)
        return parts

    def _seen(self, recording: Samples, predicted: Samples, at: int) -> Seen:
        left = recording - predicted
        doubts = set[Doubt]()
        step = self._heard.step
        if self._not_numbers.take(at // HOP):
            doubts.add(Doubt.NOT_NUMBERS)
            return Seen(recording, predicted, left, np.zeros_like(left), True, frozenset(doubts))
        if is_clipped(self._heard.raw(at * step, HOP * step)[0]):
            doubts.add(Doubt.CLIPPED)
        # What subtraction makes louder is not subtracted: it would put the stimulus in.
        louder = np.dot(left, left) > _LOUDER * np.dot(recording, recording)
        residual = recording if louder else left
        return Seen(recording, predicted, left, residual, bool(predicted.any()), frozenset(doubts))

    def _end_group(self) -> list[Stretch]:
        group, self._group = self._group, []
        recording = np.concatenate([p.recording for p in group])
        predicted = np.concatenate([p.predicted for p in group])
        known_bad = frozenset[Doubt]().union(*(p.doubts for p in group))
        lesson = self._model.end_group(recording, predicted, bool(known_bad & _UNFIT))
        doubts = known_bad | lesson.doubts | self._search.doubts(lesson)
        if lesson.unknown or lesson.on_trial:
            doubts |= {Doubt.LEARNING}
        if self._learns and not known_bad & _UNFIT:
            self._look_for_paths(lesson)
        self._model.speed = self._model.clocks.speed
        left = recording - predicted
        residual = np.concatenate([p.residual for p in group])
        self._stretch.append(Seen(recording, predicted, left, residual, lesson.sounding, doubts))
        self._heard.forget(self._at)
        self._played.forget(self._place - (_WINDOW + KEPT + TAPS) * (1 + MOST_DRIFT))
        if _length(self._stretch) < STRETCH:
            return []
        parts, self._stretch = self._stretch, []
        return [self._weigher.weigh(self._at - STRETCH, parts)]

    def _look_for_paths(self, lesson: Lesson) -> None:
        """Find paths that are not known yet, or have been lost."""
        self._search.note(lesson)
        if not self._search.due():
            return
        window = _LOST_WINDOW if self._search.lost else _WINDOW
        window = min(window, self._search.begun * GROUP)
        recent = self._recent.last(window)[0]
        known = self._model.paths()
        anew, one_clock = self._search.anew, self._one_clock
        found = find_paths(known, self._read, recent, one_clock=one_clock, anew=anew)
        self._search.ended(found is not None)
        if found is not None:
            self._model.replace(found, self._read(found.drift, KEPT), anew=anew)

    def _read(self, drift: float, count: int) -> Samples:
        """The newest references as of now, read with a drift."""
        return self._played.read(self._place - count * (1 + drift), count, drift)

    def _joined(self, start: int, parts: list[Seen], stretches: list[Stretch]) -> Cancelled:
        nothing = np.zeros(0, dtype=np.float32)
        residual = np.concatenate([nothing, *(p.residual for p in parts)])
        stimulus = np.concatenate([nothing, *(p.recording - p.residual for p in parts)])
        return Cancelled(start, residual, stimulus, tuple(stretches))


def _length(parts: Sequence[Seen]) -> int:
    return sum(len(p.recording) for p in parts)


def cancel(
    recording: Samples,
    references: Mapping[str, Samples],
    rate_hz: int,
    paths: Paths | None = None,
    *,
    one_clock: bool = False,
) -> Cancelled:
    """The same for a recording that is there as a whole, in memory."""
    canceller = Canceller(tuple(references), rate_hz, paths, one_clock=one_clock)
    step = _AT_ONCE_S * rate_hz
    found = [
        canceller.push(
            recording[at : at + step], {k: r[at : at + step] for k, r in references.items()}
        )
        for at in range(0, len(recording), step)
    ]
    found.append(canceller.finish())
    return Cancelled(
        0,
        np.concatenate([piece.residual for piece in found]),
        np.concatenate([piece.stimulus for piece in found]),
        tuple(stretch for piece in found for stretch in piece.stretches),
    )
