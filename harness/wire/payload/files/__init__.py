"""Which bytes of a sound file are its sound, and which stand beside it.

Idea: a file of sound may hold anything else besides: pictures, padding, other streams, bytes behind
its end, and may say that it holds less than it does. What is laid on the recording is only what a
decoder plays, so only that may excuse the traffic that brought it. Flows in: the bytes of a file.
Flows out: the same made playable to its very end whatever its head claims, and what nobody plays.
A frame of sound is taken as a whole: what could lie hidden in it, in bits that no sound needs, is
not told.
"""

from harness.wire.payload.files.flac import FLAC, open_flac
from harness.wire.payload.files.frames import Framed
from harness.wire.payload.files.mpeg import begins_as_mpeg, end_of_sound, open_mpeg
from harness.wire.payload.files.ogg import OGG, open_ogg

__all__ = ["Framed", "begins_as_mpeg", "end_of_sound", "framed"]


def framed(data: bytes) -> Framed | None:
    """A sound file by its frames; None where its form has none of its own.

    FLAC, Ogg (Opus, Vorbis, FLAC), and MP3 with an ID3 tag or without.
    """
    if data.startswith(FLAC):
        return open_flac(data)
    if data.startswith(OGG):
        return open_ogg(data)
    return open_mpeg(data) if begins_as_mpeg(data) else None
