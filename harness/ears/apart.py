"""A recording taken apart: what the loudspeakers played, as heard, and all that is left.

The whole recording is gone through twice: first only to learn the paths, so that each loudspeaker
is known from its first sound on. Nothing is held but the stretch that is being looked at.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.bench.ports.sound import Microphone, Samples
from harness.ears.cancel import Cancelled, Canceller, Doubt, Paths, Stretch

LISTENER, DEVICE = "listener", "device"
"""The microphone at the listener's place, and the one beside the device."""

_AT_ONCE_S = 10


@dataclass(frozen=True, slots=True)
class Apart:
    """A piece of a recording at 16 kHz, taken apart; `start`: its first sample in the recording.

    `residual`: the device, and what nobody played. `stimulus`: the loudspeakers as they sound at
    the microphone; both together are the recording. `stretches`: those that lie in the piece, so
    far as they are weighed. `last`: whether the recording ends here.
    """

    start: int
    residual: Samples
    stimulus: Samples
    stretches: tuple[Stretch, ...]
    last: bool

    def doubts(self, first: int, end: int) -> frozenset[Doubt] | None:
        """What is doubted from sample `first` to `end` of the piece; None: not all was weighed."""
        first, end = self.start + first, self.start + end
        touched = [s for s in self.stretches if s.start < end and s.end > first]
        weighed = sum(min(s.end, end) - max(s.start, first) for s in touched)
        if weighed < end - first:
            return None
        return frozenset[Doubt]().union(*(s.doubts for s in touched))


def learnt_paths(
    microphone: Microphone,
    positions: tuple[str, ...],
    span: range,
    channel: str = LISTENER,
    begun: Paths | None = None,
) -> Paths | None:
    """The paths to a microphone as they are known in the end; None where nothing was played.

    `begun`: as they are known before.
    """
    canceller = Canceller(positions, microphone.rate_hz, begun, one_clock=microphone.one_clock)
    for _ in _pieces(canceller, microphone, span, channel):
        pass
    return canceller.paths if any(canceller.paths.known) else None


def taken_apart(
    microphone: Microphone,
    positions: tuple[str, ...],
    span: range,
    paths: Paths | None,
    channel: str = LISTENER,
) -> Iterator[Cancelled]:
    """What a microphone heard in `span`, piece by piece.

    What was played is read from the recording's own channels. Raises `ValueError` where these hold
    what is no number.
    """
    canceller = Canceller(
        positions,
        microphone.rate_hz,
        paths,
        one_clock=microphone.one_clock,
        settled=paths is not None,
    )
    return _pieces(canceller, microphone, span, channel)


def _pieces(
    canceller: Canceller, microphone: Microphone, span: range, channel: str
) -> Iterator[Cancelled]:
    step = _AT_ONCE_S * microphone.rate_hz
    for at in span[::step]:
        count = min(step, span.stop - at)
        played = {p: microphone.read(p, at, count) for p in canceller.loudspeakers}
        yield canceller.push(microphone.read(channel, at, count), played)
    yield canceller.finish()


def in_chunks(pieces: Iterable[Cancelled], length: int, overlap: int) -> Iterator[Apart]:
    """Pieces joined to chunks of `length` samples, of which each begins `overlap` before the end
    of the one before; the last is shorter.
    """
    start, count = 0, 0
    stretches, held = list[Stretch](), list[tuple[Samples, Samples]]()
    for piece in pieces:
        held.append((piece.residual, piece.stimulus))
        count += len(piece.residual)
        stretches += piece.stretches
        while count >= length:
            residual, stimulus = _joined(held)
            yield Apart(start, residual[:length], stimulus[:length], tuple(stretches), last=False)
            hop = length - overlap
            start, count = start + hop, count - hop
            held = [(residual[hop:], stimulus[hop:])]
            stretches = [s for s in stretches if s.end > start]
    yield Apart(start, *_joined(held), tuple(stretches), last=True)


def _joined(held: Sequence[tuple[Samples, Samples]]) -> tuple[Samples, Samples]:
    nothing = np.zeros(0, dtype=np.float32)
    residual, stimulus = zip((nothing, nothing), *held, strict=True)
    return np.concatenate(residual), np.concatenate(stimulus)
