"""One tone, looked for in the levels of a recording."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.spotter import Spotted
from harness.ears.tones.background import background
from harness.ears.tones.example import Tone
from harness.ears.tones.frames import STEADY, Levels
from harness.ears.tones.shape import Shape

APART_S = 0.024
"""Places of one tone that are so near, or nearer, are one place."""
_TINY = np.float32(1e-20)
# Stretches that are softer than this share of the loudest say too little.
_SOFT = 0.15
# A line whose middle moves by less than so many bins from frame to frame stays on its pitch.
_STAYS = 0.7
# Where other sound is so much stronger than the tone should be, nobody can tell whether it is
# there; at most such a share of it may be so.
_COVERED, _UNTOLD = 4.0, 0.5
# What comes so soon after a tone, and is so much softer, is what of it rings on in the room.
_RINGS_S, _RINGS = 0.8, 0.7
# Of places that overlap the first is the sound itself, unless a later one is so much better.
_BETTER = 1.1
# So far before and after its beginning it is asked what else begins with it.
_BESIDE_S = 0.064


@dataclass(frozen=True, slots=True)
class ToneLimits:
    """When a tone counts as heard.

    `score`: as in `Spotted`, the least that is ever enough; each tone needs `over_background` more
    than anything reaches in a made-up background of voices and struck things, up to `sure`.
    `weight`: the least of what stays on its pitch, since a sweep says more in as short a time;
    `one_note`: the least score of what stays on one. `weakest`: how much of each stretch of it must
    be there; `begins`: of the beginning of each note, where it has several; `note`: how loud each
    must be, by the loudest. `off_pitch`: how far from where they should its lines may lie, in bins,
    on average. `beside`: how much else may begin with it, by its own power.
    """

    score: float = 0.4
    over_background: float = 0.08
    sure: float = 0.8
    weight: float = 0.16
    one_note: float = 0.66
    weakest: float = 0.2
    begins: float = 0.3
    note: float = 0.15
    off_pitch: float = 0.6
    beside: float = 2.5


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a tone may be. `level`: how loud it is there, 1 being as in the example."""

    hit: Spotted
    level: float


class Look:
    """A tone, and what of it is reckoned once.

    `memory`: so many frames before new ones have a part in what is told.
    """

    def __init__(self, tone: Tone, limits: ToneLimits) -> None:
        self._tone, self._limits, self.shape = tone, limits, tone.shape
        shape = tone.shape
        self.apart = round(APART_S / shape.scale.hop_s)
        rings = round((_RINGS_S + tone.seconds) / shape.scale.hop_s)
        self.memory = shape.reach + 2 * self.apart + rings
        self._member, self._weights = _stacks(shape)
        self._energy = self._member @ shape.energy
        self._width = shape.line.shape[1]
        self._bins = shape.first[:, None] + np.arange(self._width)
        self._rows = shape.frame * shape.scale.every
        self._steady = _steady(shape)
        self._stretches = _stretches(shape, self._weights)
        self._notes = _notes(shape, self._weights)
        self._first = np.flatnonzero(shape.energy > 0)
        self._first = self._first[shape.frame[self._first] - shape.frame[self._first].min() <= 1]
        self.least_score = self._without_background()
        background_score = self._in_background() + limits.over_background
        self.least_score = max(self.least_score, min(limits.sure, background_score))

    def _without_background(self) -> float:
        limits = self._limits
        if not self._steady.size:
            return limits.score
        by_weight = limits.weight / float(np.sqrt(self._tone.seconds))
        return max(limits.score, by_weight, 0.0 if len(self._notes) else limits.one_note)

    def _in_background(self) -> float:
        """The most that a made-up background scores."""
        levels = background(self.shape.scale)
        found = self.spot(levels, np.square(levels), 0, 0.0)
        return max((hit.score for hit in found), default=0.0)

    def spot(self, levels: Levels, power: Levels, known: int, begins_s: float) -> list[Spotted]:
        """Places that could not be told when there were only the first `known` frames."""
        count = len(levels) - self.shape.reach + 1
        if count < 1:
            return []
        parts, loud = self._parts(levels, power, count)
        scores = parts @ self._weights
        first = max(0, known - self.shape.reach + 1 - self.apart)
        peak = scipy.ndimage.maximum_filter1d(scores, 2 * self.apart + 1)
        there = (scores >= self.least_score) & (scores == peak)
        places = []
        for place in np.flatnonzero(there[: count - self.apart]):
            level = float(loud[place])
            found = self._found(levels, power, parts, scores, int(place), level, begins_s)
            if found is not None:
                places.append((int(place), _Place(found, level)))
        sounding = _without_ringing(_settled([place for _, place in places]))
        return [p.hit for at, p in places if at >= first and p in sounding]

    def _parts(self, levels: Levels, power: Levels, count: int) -> tuple[Levels, Levels]:
        """At each place, how much of each stretch of each ridge is there (0 to 1), and how loud."""
        shape = self.shape
        product = np.empty((count, len(shape.frame)), dtype=np.float32)
        energy = np.empty_like(product)
        for i, (frame, first) in enumerate(zip(shape.frame, shape.first, strict=True)):
            at = frame * shape.scale.every
            rows, bins = slice(at, at + count), slice(first, first + self._width)
            product[:, i] = levels[rows, bins] @ shape.line[i]
            energy[:, i] = power[rows, bins] @ shape.near[i]
        most = (energy @ self._member) * self._energy + _TINY
        parts: Levels = np.square(product @ self._member) / most
        return parts, product.sum(axis=1) / (shape.energy.sum() + _TINY)

    def _found(
        self,
        levels: Levels,
        power: Levels,
        parts: Levels,
        scores: Levels,
        place: int,
        level: float,
        begins_s: float,
    ) -> Spotted | None:
        limits, shape, seconds = self._limits, self.shape, self._tone.seconds
        weakest = self._weakest(parts[place], power, place, level)
        if weakest < limits.weakest or self._beside(levels, power, place) > limits.beside:
            return None
        if self._faintest_note(levels, place) < limits.note:
            return None
        if self._off_pitch(levels, place, parts[place]) > limits.off_pitch:
            return None
        at = place + _between(scores, place)
        start_s = max(0.0, begins_s + at * shape.scale.hop_s + shape.begins_s)
        score = float(scores[place])
        weight = score * float(np.sqrt(seconds))
        return Spotted(self._tone.key, start_s, start_s + seconds, score, weight, weakest)

    def _weakest(self, parts: Levels, power: Levels, place: int, level: float) -> float:
        """The least that is there of a stretch; 0 where a note does not begin, or too little is
        told.
        """
        energy = (power[(place + self._rows)[:, None], self._bins] * self.shape.near).sum(axis=1)
        told = (self._member @ energy <= _COVERED * level**2 * self._energy).astype(np.float32)
        if float(told @ self._weights) < 1 - _UNTOLD:
            return 0.0
        if float((self._notes @ parts).min(initial=1.0)) < self._limits.begins:
            return 0.0
        return _least(self._stretches, parts, told)

    def _faintest_note(self, levels: Levels, place: int) -> float:
        """How loud the faintest note begins, by the loudest, each as in the example."""
        if not len(self._notes):
            return 1.0
        heard = levels[(place + self._rows)[:, None], self._bins]
        product = self._notes @ (heard * self.shape.line).sum(axis=1)
        gains = product / (self._notes @ self.shape.energy + _TINY)
        return float(gains.min() / (gains.max() + _TINY))

    def _off_pitch(self, levels: Levels, place: int, parts: Levels) -> float:
        """How far its lines lie from where they should, in bins, on average."""
        rows, line = self._steady, self.shape.line[self._steady]
        heard = np.square(levels[(place + self._rows[rows])[:, None], self._bins[rows]]) * (
            line > 0
        )
        weights = self._weights[rows] * parts[rows]
        off = (_middle(heard) - _middle(np.square(line))) @ weights
        return abs(float(off)) / float(weights.sum() + _TINY)

    def _beside(self, levels: Levels, power: Levels, place: int) -> float:
        """How much more begins together with the tone than the tone itself, by its power."""
        shape, scale = self.shape, self.shape.scale
        rows = self._first
        at = place + self._rows[rows]
        product = (levels[at[:, None], self._bins[rows]] * shape.line[rows]).sum(axis=1)
        own = float((np.square(product) / shape.energy[rows]).sum()) / len(np.unique(at))
        whole = power[np.unique(at)].sum(axis=1).mean()
        hops = round(_BESIDE_S / scale.hop_s)
        begins = place + round(shape.begins_s / scale.hop_s)
        until = max(0, begins - hops)
        before = power[max(0, until - hops) : until + 1].sum(axis=1).mean()
        return max(0.0, float(whole - before) - own) / (own + float(_TINY))


def _steady(shape: Shape) -> NDArray[np.int64]:
    """Rows of which the frames before and after, where the ridge has any, are at the same pitch."""
    middle = shape.first + _middle(np.square(shape.line))
    sounds = shape.energy > 0
    beside = (shape.ridge[:, None] == shape.ridge) & (
        np.abs(shape.frame[:, None] - shape.frame) == 1
    )
    moves = beside & sounds & (np.abs(middle[:, None] - middle) >= _STAYS)
    if shape.scale is not STEADY:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(sounds & ~moves.any(axis=1))


def _middle(power: Levels) -> Levels:
    found: Levels = (
        power @ np.arange(power.shape[1], dtype=np.float32) / (power.sum(axis=1) + _TINY)
    )
    return found


def _between(scores: Levels, place: int) -> float:
    """Where between frames the scores are greatest, by a parabola through three of them."""
    if not 0 < place < len(scores) - 1:
        return 0.0
    before, here, after = (float(scores[place + n]) for n in (-1, 0, 1))
    bend = before - 2 * here + after
    return 0.0 if bend >= 0.0 else 0.5 * (before - after) / bend


def _settled(places: Sequence[_Place]) -> list[_Place]:
    """Places, in order of time, of which none overlap."""
    kept: list[_Place] = []
    for one in places:
        if not kept or not one.hit.overlaps(kept[-1].hit):
            kept.append(one)
        elif one.hit.score > _BETTER * kept[-1].hit.score:
            kept[-1] = one
    return kept


def _without_ringing(places: Sequence[_Place]) -> list[_Place]:
    """Places, in order of time, but for those at which one before only rings on."""
    return [
        one
        for i, one in enumerate(places)
        if not any(
            one.hit.start_s < before.hit.end_s + _RINGS_S and one.level < _RINGS * before.level
            for before in places[:i]
        )
    ]


def _stacks(shape: Shape) -> tuple[Levels, Levels]:
    """Which rows each row is held together with, and how much that counts of the whole."""
    same = shape.ridge[:, None] == shape.ridge
    near = np.abs(shape.frame[:, None] - shape.frame) <= shape.scale.together
    member: Levels = (same & near).astype(np.float32)
    loud = np.sqrt(member @ shape.energy)
    weights: Levels = (loud / loud.sum()).astype(np.float32)
    return member, weights


def _stretches(shape: Shape, weights: Levels) -> Levels:
    """Means over rows: of each frame in which enough sounds."""
    return _means((shape.frame == np.arange(int(shape.frame.max()) + 1)[:, None]) * weights)


def _notes(shape: Shape, weights: Levels) -> Levels:
    """The same of the beginning of each note, where there are several.

    Ridges that begin together are one note.
    """
    begins = np.array([shape.frame[shape.ridge == ridge].min() for ridge in shape.ridge])
    since = shape.frame - begins
    first = (since >= 1) & (since <= 1 + shape.scale.together)
    starts = np.unique(begins)
    starts = starts[np.diff(starts, prepend=-9) > 1]
    means = _means((first & (np.abs(begins - starts[:, None]) <= 1)) * weights)
    return means if len(means) > 1 else means[:0]


def _means(weights: Levels) -> Levels:
    sound = weights.sum(axis=1)
    kept = sound >= _SOFT * sound.max()
    found: Levels = (weights[kept] / sound[kept, None]).astype(np.float32)
    return found


def _least(means: Levels, parts: Levels, told: Levels) -> float:
    """The least of some means over what can be told, of those of which half can."""
    known = means @ told
    there = means @ (parts * told)
    enough = known >= 0.5
    return float((there[enough] / known[enough]).min(initial=1.0))
