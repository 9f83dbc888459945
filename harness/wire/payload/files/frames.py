"""What the forms of sound files have in common: frames that are played, and what is spare."""

import zlib
from dataclasses import dataclass

_MORE_S = 0.25
"""A decoder may leave out so much (s) of what the frames hold, at its beginning and its end."""


@dataclass(frozen=True, slots=True)
class Framed:
    """A sound file taken apart.

    `playable`: a file of its frames, as far as they are whole. `spare`: all that is no sound.
    `held_s`: how long its frames last, None where they do not say. `lead`: so many samples at the
    beginning of what a decoder gives are the codec's own. `frame`: samples of a frame where the
    last one is filled up and nothing says how far, else 0. `rate_hz`: the rate at which these two
    are counted, 0 where it is the decoder's. `form`: what it is where libsndfile does not read it,
    as `program` names forms.
    """

    playable: bytes
    spare: bytes
    held_s: float | None = None
    lead: int = 0
    frame: int = 0
    rate_hz: int = 0
    form: str = ""

    def taken(self, size: int, played_s: float) -> int:
        """How many of the file's `size` bytes are its sound, of which `played_s` were played.

        What is spare counts by what it packs to: zeros and repeated filling say nothing.
        """
        sound = size - min(len(self.spare), len(zlib.compress(self.spare, 9)))
        if self.held_s is None or self.held_s <= played_s + _MORE_S:
            return sound
        return round(sound * played_s / self.held_s)
