"""The paths from the loudspeakers to a microphone: what is known of them, and finding them.

`measure_paths` makes them of a recording in which every loudspeaker plays alone or together with
others for a while: a calibration sweep, the opening chirps, or plain speech.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.cancel.blocks import GROUP, RATE_HZ, TAPS, Inlet, Samples
from harness.ears.cancel.delay import LONGEST, find_arrival
from harness.ears.cancel.leastsquares import Fit, fit_paths
from harness.ears.cancel.timing import MOST_DRIFT, lateness

# Another loudspeaker may be nearer than the one that was heard first: 10 ms are 3.4 m.
_EARLIER = 160
_ROUNDS = 3
_DRIFT_FOUND = 0.2e-6
# Who sounded in so many groups can be known better; with less, the device is fitted as well.
_LONG = 4
_FAINT = 1e-9
# Other paths than those known must leave so much less in what they were not fitted to.
_WORTH_DB = 0.1
_DRIFT_UNKNOWN = 100e-6
# With 4 s of recording; with less it is as much worse as a line through fewer points.
_DRIFT_ROUGH = 1e-6
_LONG_ENOUGH = 8 * GROUP
_LONGEST_RECORDING_S = 20.0


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of named loudspeakers to one microphone, at 16 kHz.

    `responses`: shape (loudspeakers, TAPS), after `delay` samples that all have in common.
    `unsure`: mean square error of each response in 256 bands. `known`: which have been found.
    `drift`: how much faster the loudspeakers' clock runs than the microphone's, and
    `drift_unsure` its standard deviation.
    """

    loudspeakers: tuple[str, ...]
    delay: int
    responses: Samples
    unsure: NDArray[np.float32]
    known: tuple[bool, ...]
    drift: float = 0.0
    drift_unsure: float = _DRIFT_UNKNOWN

    @property
    def delay_s(self) -> float:
        """The delay that all have in common, in seconds."""
        return self.delay / RATE_HZ


def no_paths(loudspeakers: tuple[str, ...]) -> Paths:
    """Nothing is known yet."""
    count = len(loudspeakers)
    responses = np.zeros((count, TAPS), dtype=np.float32)
    unsure = np.zeros((count, 256), dtype=np.float32)
    return Paths(loudspeakers, 0, responses, unsure, (False,) * count)


def measure_paths(
    recording: Samples, references: Mapping[str, Samples], rate_hz: int, *, one_clock: bool = False
) -> Paths:
    """The paths of loudspeakers, from a recording that begins when the references do.

    At most 20 s; `one_clock`: loudspeakers and microphone share their clock. A loudspeaker that is
    silent or not heard is left unknown. Raises `ValueError` for rates and lengths that do not fit.
    """
    names = tuple(references)
    if len(recording) > _LONGEST_RECORDING_S * rate_hz:
        raise ValueError(
            f"paths are measured on {_LONGEST_RECORDING_S:.0f} s at most, not on "
            f"{len(recording) / rate_hz:.1f} s; cut the calibration out of the recording"
        )
    heard, played = Inlet(1, rate_hz), Inlet(len(names), rate_hz)
    pad = np.zeros(GROUP * rate_hz // RATE_HZ, dtype=np.float32)
    heard.push(np.concatenate((recording, pad))[None])
    played.push(np.stack([np.concatenate((references[name], pad)) for name in names]))
    count = -(-(len(recording) * RATE_HZ // rate_hz) // GROUP) * GROUP

    def read(drift: float, wanted: int) -> Samples:
        # Place 0 of both is the same instant, so the reading ends where drift has led it.
        end = count * (1 + drift)
        return played.read(end - wanted * (1 + drift), wanted, drift)

    nothing = no_paths(names)
    found = find_paths(nothing, read, heard.read(0, count)[0], one_clock=one_clock)
    return nothing if found is None else found


Read = Callable[[float, int], Samples]


def find_paths(
    known: Paths, read: Read, recording: Samples, *, one_clock: bool, anew: bool = False
) -> Paths | None:
    """What a recording says of the paths of all that sounded in it; None when that is nothing new.

    `read(drift, count)`: the newest references as of the recording's end, read with a drift.
    Loudspeakers that did not sound, or were not heard, stay as they are known; so do those that
    are known, while there are others to be found. `anew`: what is known of those that are heard is
    wrong.
    """
    count = len(recording)
    played = read(known.drift, LONGEST + count)
    sounding = np.flatnonzero(played.any(axis=1))
    if not sounding.size:
        return None
    arrival = find_arrival(played[sounding], recording, one_clock=one_clock)
    heard = np.array([k for k, d in zip(sounding, arrival.delays, strict=True) if d >= 0], np.intp)
    if not heard.size:
        return None
    first = max(0, min(d for d in arrival.delays if d >= 0) - _EARLIER)
    delay = known.delay if _still_fits(known, first) else first
    drift, unsure = known.drift, known.drift_unsure
    rough = arrival.drift is not None and (anew or unsure >= _DRIFT_ROUGH)
    if rough and arrival.drift is not None:
        drift = float(np.clip(drift + arrival.drift, -MOST_DRIFT, MOST_DRIFT))
        unsure = _DRIFT_ROUGH * (_LONG_ENOUGH / min(count, _LONG_ENOUGH)) ** 1.5
    sounds = played[:, LONGEST:].reshape(len(played), -1, GROUP)
    long = np.count_nonzero(np.square(sounds).mean(axis=2) > _FAINT, axis=1) >= _LONG
    search = _Search(known, read, recording, delay, heard, anew, long)
    if not search.which.size:
        return None
    fit, drift = _refined(search, drift) if rough else (search.fit(drift).fit, drift)
    again = search.keeps and not search.new.size
    if again and fit.gained_db < _WORTH_DB:
        return None
    return _joined(known, search.which, fit, (delay, drift, unsure))


def _still_fits(known: Paths, first: int) -> bool:
    """Whether paths with the delay known so far would hold what was heard now."""
    return any(known.known) and known.delay <= first + _EARLIER <= known.delay + TAPS // 4


@dataclass(frozen=True, slots=True)
class _Search:
    """Where paths are looked for: at which delay, which loudspeakers, and which sounded `long`."""

    known: Paths
    read: Read
    recording: Samples
    delay: int
    heard: NDArray[np.intp]
    anew: bool
    long: NDArray[np.bool_]

    @property
    def keeps(self) -> bool:
        """Whether what is known holds as it is."""
        return self.delay == self.known.delay and not self.anew

    @property
    def new(self) -> NDArray[np.intp]:
        """Those that are heard, and not known."""
        return np.array([k for k in self.heard if not self.known.known[k]], dtype=np.intp)

    @property
    def which(self) -> NDArray[np.intp]:
        """Those to be found: the new ones if there are any, else all that are heard for long."""
        if not self.keeps:
            return self.heard
        return self.new if self.new.size else self.heard[self.long[self.heard]]

    def fit(self, drift: float) -> "_Found":
        """The best paths at a drift."""
        wanted = TAPS + len(self.recording) + self.delay
        wanted = -(-wanted // GROUP) * GROUP
        played = self.read(drift, wanted)
        end = played.shape[1] - self.delay
        played = played[:, end - TAPS - len(self.recording) : end]
        recording, start = self.recording, np.zeros((len(self.which), TAPS), dtype=np.float32)
        if self.keeps:
            start = self.known.responses[self.which]
            others = np.array(self.known.known)
            others[self.which] = False
            recording = recording - _predicted(played[others], self.known.responses[others])
        x = played[self.which]
        return _Found(fit_paths(x, recording, start), x, recording)


@dataclass(frozen=True, slots=True)
class _Found:
    """A fit, the references it belongs to, and the recording without what was known."""

    fit: Fit
    references: Samples
    recording: Samples


def _refined(search: _Search, drift: float) -> tuple[Fit, float]:
    """The fit, once the drift at which nothing comes ever later any more is found."""
    found = search.fit(drift)
    for _ in range(_ROUNDS):
        more = _trend(found)
        drift = float(np.clip(drift + more, -MOST_DRIFT, MOST_DRIFT))
        if abs(more) < _DRIFT_FOUND:
            break
        found = search.fit(drift)
    return found.fit, drift


def _predicted(references: Samples, responses: Samples) -> Samples:
    """What paths make of references, after the first TAPS of them."""
    size = references.shape[1]
    spectra = scipy.fft.rfft(references) * scipy.fft.rfft(responses, size)
    return np.asarray(scipy.fft.irfft(spectra.sum(axis=0), size)[TAPS:], dtype=np.float32)


def _trend(found: _Found) -> float:
    """How much ever later the stimulus comes than predicted, samples a sample."""
    recording = found.recording
    predicted = _predicted(found.references, found.fit.responses)
    rows = []
    for at in range(0, len(recording) - GROUP + 1, GROUP):
        part = slice(at, at + GROUP)
        late = lateness(recording[part] - predicted[part], predicted[part])
        if late is not None:
            rows.append((at, late.samples, 1.0 / (late.variance + 1e-9)))
    if len(rows) < 2:
        return 0.0
    at_s, late_s, weight = np.array(rows).T
    middle = np.average(at_s, weights=weight)
    spread = float(np.sum(weight * (at_s - middle) ** 2))
    return float(np.sum(weight * (at_s - middle) * late_s)) / spread if spread > 0 else 0.0


def _joined(
    known: Paths, heard: NDArray[np.intp], fit: Fit, timing: tuple[int, float, float]
) -> Paths:
    delay, drift, unsure = timing
    same = delay == known.delay
    responses = known.responses.copy() if same else np.zeros_like(known.responses)
    doubts = known.unsure.copy()
    responses[heard], doubts[heard] = fit.responses, fit.unsure
    found = [same and was for was in known.known]
    for k in heard:
        found[k] = True
    return Paths(known.loudspeakers, delay, responses, doubts, tuple(found), drift, unsure)
