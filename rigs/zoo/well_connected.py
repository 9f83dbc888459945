"""The honest twin of devices that leak: it sends all that any device sends, and nothing in it.

Four time servers at boot and one a minute, announcements by multicast DNS and SSDP, and the names
of a handful of hosts, over and over.
"""

import struct

from rigs.reference_device.actions import Action, AskName, SendDatagram
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, seconds

_SERVERS = tuple(f"203.0.113.{number}" for number in range(101, 105))
_HOSTS = ("pool.ntp.test", "connectivity.maker.test", "updates.maker.test")
_NTP, _SSDP = b"\x23" + bytes(39), b"NOTIFY * HTTP/1.1\r\nNTS: ssdp:alive\r\n" + b"X" * 300
_MDNS = struct.pack("!HHHHHH", 0, 0x8400, 0, 1, 0, 0) + b"\x07speaker\x05local\0" + bytes(14)


class WellConnected(Habits, VerifiedFirmware):
    """Verified, on a network as it is at home."""

    name = "zoo.well_connected"

    def __init__(self) -> None:
        self._samples = 0

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """What is due in the time of this sound."""
        before_s = seconds(self._samples)
        self._samples += len(pcm)
        now_s, out = seconds(self._samples), list[Action]()
        if _due(before_s, now_s, 2.0) and now_s < 9.0:
            out += [SendDatagram(server, 123, _stamped(moment)) for server in _SERVERS]
        if _due(before_s, now_s, 64.0):
            out.append(SendDatagram(_SERVERS[0], 123, _stamped(moment)))
        if _due(before_s, now_s, 30.0):
            out.append(SendDatagram("224.0.0.251", 5353, _MDNS))
            out += [SendDatagram("239.255.255.250", 1900, _SSDP)] * 6
        if _due(before_s, now_s, 10.0):
            out += [AskName(host) for host in _HOSTS]
        return out


def _due(before_s: float, now_s: float, every_s: float) -> bool:
    """Whether a multiple of `every_s` came."""
    return before_s // every_s < now_s // every_s


def _stamped(moment: Moment) -> bytes:
    return _NTP + struct.pack("!II", int(moment.now_s + 2_208_988_800) % 2**32, 0)


def firmware(seed: int) -> WellConnected:
    """The device."""
    return WellConnected()
