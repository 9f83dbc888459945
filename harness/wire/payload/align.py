"""Where in a recording of the room a sound was heard, to the sample.

The recording is what the device's own microphone heard. A sound that the device sent is a copy of
part of it: resampled, encoded, louder or softer, a little faster or slower, perhaps cut together.
So both are brought to 16 kHz and to speech's band and their spectra made flat, which turns the
likeness of all speech into the sameness of one; then the sound is looked for by normalised
cross-correlation, in blocks that are each shown to lie where the whole says they do. What no block
of the recording explains is said to be unexplained. Method: whitened (PHAT-like) correlation,
Knapp & Carter 1976; the limits are measured by `python -m benchmarks.wire_payload`.
"""

from harness.wire.payload.alignment import Alignment
from harness.wire.payload.flat import BLOCK_S, loud_ends
from harness.wire.payload.recording import Recording
from harness.wire.payload.search import SHORTEST_SEARCH_S, Search
from harness.wire.payload.sounds import Samples


class Room:
    """The recording of the device's microphone, ready to be searched many times."""

    def __init__(self, samples: Samples, rate_hz: int) -> None:
        """`samples`: mono, at any rate; times are counted from the first of them."""
        self._recording = Recording(samples, rate_hz)

    @property
    def length_s(self) -> float:
        """How long the recording is, in seconds."""
        return self._recording.length_s

    def align(self, samples: Samples, rate_hz: int, until_s: float | None = None) -> Alignment:
        """Find a sound. `until_s`: it had left by then, so nothing later can be in it."""
        start, end = loud_ends(samples)
        if end - start < SHORTEST_SEARCH_S / 2 * rate_hz or self.length_s < BLOCK_S:
            return Alignment((), 0.0, 0.0, False, 0.0)
        return Search(self._recording, samples[start:end], rate_hz, start / rate_hz, until_s).run()
