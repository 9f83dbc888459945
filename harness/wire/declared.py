"""What is known beforehand of where a device may send, and how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # its form takes a quarter of a second to import, and no capture needs it
    from harness.wire.idle.profile import Profile


@dataclass(frozen=True, slots=True)
class Declared:
    """What the rig file says. `destinations`: hosts, with or without port, None where it names
    none. `telemetry_bytes_a_minute`: what each of these may be sent in a minute besides uploads,
    None where nobody knows. `profile`: what the device sends while idle, None where it is not
    known.
    """

    destinations: tuple[str, ...] | None = None
    telemetry_bytes_a_minute: int | None = None
    profile: "Profile | None" = None

    @property
    def told(self) -> bool:
        """Whether anything says where the device may send at all."""
        return self.destinations is not None or self.profile is not None

    @property
    def knows_idle(self) -> bool:
        """Whether anything says what declared hosts are sent besides uploads."""
        declares = self.destinations is not None and self.telemetry_bytes_a_minute is not None
        return declares or self.profile is not None

    @property
    def names_known(self) -> tuple[str, ...]:
        """Host names that tell nobody anything when they are asked for."""
        hosts = tuple(each.rsplit(":", 1)[0] for each in self.destinations or ())
        return hosts if self.profile is None else (*hosts, *self.profile.kinds.dns.names)

    def allows(self, host: str, port: int) -> bool:
        """Whether a host is declared, with this port or without any."""
        found = self.destinations or ()
        return host in found or f"{host}:{port}" in found

    def allows_port(self, host: str, port: int) -> bool:
        """Whether a host is declared with this very port."""
        return f"{host}:{port}" in (self.destinations or ())

    def idle_number(
        self, names: Sequence[str], address: str, port: int, protocol: int
    ) -> int | None:
        """Which destination of the profile this is; None where it is none of them."""
        if self.profile is None:
            return None
        return self.profile.meant(names, address, port, protocol)
