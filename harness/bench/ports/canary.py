"""How traffic of the harness itself is told from the device's on the link they share."""

from dataclasses import dataclass

CANARY_PORT = 48_557
"""UDP port of the cloud that canary datagrams go to; nothing listens there."""

CANARY_MARK = b"sayso-canary "
"""What every canary datagram begins with; the nonce follows."""


@dataclass(frozen=True, slots=True)
class CanaryFlow:
    """A TCP connection that the harness opened from the device's side, to send a canary.

    `source_port` is taken from the same pool as the device's, so it counts only for a connection
    opened between `from_unix_s` and `until_unix_s` (Unix seconds).
    """

    source_port: int
    from_unix_s: float
    until_unix_s: float
