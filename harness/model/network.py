"""What a bench makes of the device's network: slow, late, lossy, or without UDP to port 443."""

from dataclasses import dataclass

QUEUE_BYTES = 64_000
"""So much waits at most where the network is slow; a packet that finds no room is lost."""
_LARGEST_FRAME = 65_550


@dataclass(frozen=True, slots=True)
class NetworkCondition:
    """A network that is there, but poor. What is left at its default is as good as ever.

    `kbit_s`: how much passes in a second, each way, what comes quicker waiting its turn; None:
    as much as the link takes. `delay_ms`: how long each packet takes longer, each way.
    `drop_percent`: of the packets each way, drawn one by one. `no_udp_443`: nothing passes to or
    from UDP port 443 (QUIC), nor is anybody told.
    """

    kbit_s: float | None = None
    delay_ms: float = 0.0
    drop_percent: float = 0.0
    no_udp_443: bool = False

    @property
    def longest_s(self) -> float:
        """How long at most a packet that is not lost takes longer (s)."""
        if self.kbit_s is None:
            return self.delay_ms / 1e3
        if self.kbit_s <= 0.0:
            return float("inf")
        return _LARGEST_FRAME * 8 / (self.kbit_s * 1e3) + self.delay_ms / 1e3

    @property
    def in_words(self) -> str:
        """What is poor about it, for a person: `16 kbit/s, 300 ms late each way`."""
        said = []
        if self.kbit_s is not None:
            said.append(f"{self.kbit_s:g} kbit/s")
        if self.delay_ms:
            said.append(f"{self.delay_ms:g} ms late each way")
        if self.drop_percent:
            said.append(f"{self.drop_percent:g} % lost")
        if self.no_udp_443:
            said.append("no UDP 443")
        return ", ".join(said) or "as good as ever"


GOOD = NetworkCondition()
"""Nothing poor about it."""
