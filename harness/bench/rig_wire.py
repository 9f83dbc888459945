"""What a rig file says of the wire."""

from typing import Annotated

from pydantic import Field

from harness.bench.drivers.tap_options import TapText
from harness.forms.fields import Text
from harness.forms.strict import StrictModel


class WireText(StrictModel):
    """What counts as an upload on the device's link."""

    upload_min_bytes: Annotated[int, Field(ge=200, le=64_000)] = 6000
    """A burst with fewer payload bytes is idle traffic."""
    destinations: tuple[Text, ...] | None = None
    """Hosts, with or without port, that the device may send speech to; absent: not declared."""
    upload_gap_s: Annotated[float, Field(gt=0, le=10)] = 1.0
    """A silence this long ends a burst."""
    tap: TapText = TapText()
    """How the device's link is captured; without it whole packets into one file."""
