"""Packets out of a container, put into a form that can be decoded whatever the container claims."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.wire.payload.files.adts import Coded, framed_aac, with_head
from harness.wire.payload.files.frames import Framed
from harness.wire.payload.files.opus import is_packet, ogg_of, packet_s, padding

OPUS, AAC = "opus", "aac"
_MOST_PACKETS = 200_000
"""An hour of Opus, three of AAC; what is beyond them is not read."""
_RATES = 13
_KINDS, _CHANNELS = range(1, 5), range(1, 8)


@dataclass(frozen=True, slots=True)
class Track:
    """What a container says of its sound: codec, and the codec's own words."""

    codec: str
    private: bytes = b""


def framed_packets(track: Track, packets: Sequence[bytes], spare: bytes) -> Framed | None:
    """The sound of a track; None where its codec's own words are not understood.

    `spare`: what else is in the container.
    """
    spare += b"".join(packets[_MOST_PACKETS:])
    packets = packets[:_MOST_PACKETS]
    if track.codec == OPUS:
        others = [packet for packet in packets if not is_packet(packet)]
        others += [packet[len(packet) - padding(packet) :] for packet in packets]
        held_s = sum(packet_s(packet) for packet in packets if is_packet(packet))
        return Framed(b"".join(ogg_of(packets)), spare + b"".join(others), held_s)
    coded = _coded(track.private)
    if coded is None:
        return None
    frames = [with_head(packet, coded) for packet in packets]
    spare += b"".join(p for p, frame in zip(packets, frames, strict=True) if not frame)
    playable = b"".join(frames)
    return framed_aac(playable, sum(map(bool, frames)), coded, spare) if playable else None


def _coded(config: bytes) -> Coded | None:
    """AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), as far as ADTS can say the same."""
    if len(config) < 2:
        return None
    bits = int.from_bytes(config[:2])
    kind, rate, channels = bits >> 11, bits >> 7 & 0x0F, bits >> 3 & 0x0F
    if kind not in _KINDS or rate >= _RATES or channels not in _CHANNELS:
        return None
    return Coded(kind, rate, channels)
