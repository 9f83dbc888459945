"""What a rig file says of the wire."""

from typing import Annotated

from pydantic import Field

from harness.forms.fields import Text
from harness.forms.strict import StrictModel
from harness.model.timeline import Channel


class WireText(StrictModel):
    """What counts as an upload on the device's link."""

    upload_min_bytes: Annotated[int, Field(ge=200, le=64_000)] = 6000
    """A burst with fewer payload bytes is idle traffic; of no account with `idle_profile`."""
    idle_profile: Text | None = None
    """File with what the device sends while idle (`sayso learn-idle`), counted from the rig file;
    uploads are then what goes beyond it, and only suspected."""
    destinations: tuple[Text, ...] | None = None
    """Hosts, with or without port, that the device may send speech to; absent: not declared."""
    upload_gap_s: Annotated[float, Field(gt=0, le=10)] = 1.0
    """A silence this long ends a burst."""
    closed: bool = False
    """Only sizes and times tell its uploads: each is suspected until something else agrees."""
    telemetry_bytes_a_minute: Annotated[int, Field(ge=100, le=10_000_000)] | None = None
    """What each destination may be sent in a minute in bursts too small for uploads; absent: only
    an idle profile tells, and without one data hidden there is not told."""

    @property
    def blind_to(self) -> tuple[Channel, ...]:
        """Ways of which it cannot be told how much is idle."""
        known = self.telemetry_bytes_a_minute is not None or self.idle_profile is not None
        return () if known or self.destinations is None else (Channel.TELEMETRY,)
