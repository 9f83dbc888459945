"""Which bytes of a sound file are its sound, and which stand beside it.

Idea: a file of sound may hold anything else besides: pictures, padding, other streams, bytes behind
its end, and may say that it holds less than it does. What is laid on the recording is only what a
decoder plays, so only that may excuse the traffic that brought it. Flows in: the bytes of a file.
Flows out: the same made playable to its very end whatever its head claims, and what nobody plays.
A frame of sound is taken as a whole: what could lie hidden in it, in bits that no sound needs, is
not told.
"""

from harness.wire.payload.files.adts import begins_as_adts, open_adts, start_of_sound
from harness.wire.payload.files.flac import FLAC, open_flac
from harness.wire.payload.files.frames import Framed
from harness.wire.payload.files.matroska import EBML, open_matroska
from harness.wire.payload.files.mp4 import MP4, MP4_AT, open_mp4
from harness.wire.payload.files.mpeg import begins_as_mpeg, end_of_sound, open_mpeg
from harness.wire.payload.files.ogg import OGG, open_ogg

__all__ = ["Framed", "begins_as_file", "end_of_sound", "framed", "start_of_sound"]


def begins_as_file(data: bytes) -> bool:
    """Whether it begins as one of those forms that `framed` opens."""
    magic = data.startswith((FLAC, OGG, EBML)) or data.startswith(MP4, MP4_AT)
    return magic or begins_as_mpeg(data) or begins_as_adts(data)


def framed(data: bytes) -> Framed | None:
    """A sound file by its frames; None where its form has none of its own.

    FLAC, Ogg (Opus, Vorbis, FLAC), MP3 with an ID3 tag or without, AAC in ADTS, and Opus or AAC in
    WebM, Matroska and MP4.
    """
    if data.startswith(FLAC):
        return open_flac(data)
    if data.startswith(OGG):
        return open_ogg(data)
    if data.startswith(EBML):
        return open_matroska(data)
    if data.startswith(MP4, MP4_AT):
        return open_mp4(data)
    if begins_as_adts(data):
        return open_adts(data)
    return open_mpeg(data) if begins_as_mpeg(data) else None
