"""What a rig file says of the wire."""

import ipaddress
import re
from typing import Annotated

from pydantic import AfterValidator, Field

from harness.bench.drivers.tap_options import TapText
from harness.forms.fields import Text
from harness.forms.strict import StrictModel
from harness.model.timeline import Channel

_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


def _destination(text: str) -> str:
    """A host by its name or address, with or without a port: one that nothing can match would
    make a stranger of every host.
    """
    host, colon, port = text.rpartition(":")
    if _is_address(text) or not colon:
        host, port = text, ""
    well = _is_address(host) or (_HOST.fullmatch(host) and not _looks_like_address(host))
    if not well or (colon and port and not _is_port(port)) or text.endswith(":"):
        raise ValueError(
            f"is `{text}`; name one host each, in small letters, as `voice.maker.com`, "
            "`voice.maker.com:443` or `192.168.1.9:8009`: no pattern, network or URL"
        )
    return text


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _looks_like_address(host: str) -> bool:
    return host.replace(".", "").isdigit()


def _is_port(text: str) -> bool:
    return text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535


class WireText(StrictModel):
    """What counts as an upload on the device's link."""

    upload_min_bytes: Annotated[int, Field(ge=200, le=64_000)] = 6000
    """A burst with fewer payload bytes is idle traffic; of no account with `idle_profile`."""
    idle_profile: Text | None = None
    """File with what the device sends while idle (`sayso learn-idle`), counted from the rig file;
    uploads are then what goes beyond it, and only suspected."""
    destinations: tuple[Annotated[Text, AfterValidator(_destination)], ...] | None = None
    """Hosts, with or without port, that the device may send speech to; absent: not declared."""
    upload_gap_s: Annotated[float, Field(gt=0, le=10)] = 1.0
    """A silence this long ends a burst."""
    closed: bool = False
    """Only sizes and times tell its uploads: each is suspected until something else agrees."""
    telemetry_bytes_a_minute: Annotated[int, Field(ge=100, le=10_000_000)] | None = None
    """What each destination may be sent in a minute in bursts too small for uploads; absent: only
    an idle profile tells, and without one data hidden there is not told."""
    tap: TapText = TapText()
    """How the device's link is captured; without it whole packets into one file."""

    @property
    def blind_to(self) -> tuple[Channel, ...]:
        """Ways of which it cannot be told how much is idle."""
        known = self.telemetry_bytes_a_minute is not None or self.idle_profile is not None
        return () if known or self.destinations is None else (Channel.TELEMETRY,)
