"""What a rig file says of its calibration."""

from typing import Annotated

from pydantic import Field

from harness.forms.fields import Text
from harness.forms.strict import StrictModel


class CalibrationUseText(StrictModel):
    """The calibration that holds for this rig."""

    folder: Text
    """What `sayso calibrate` wrote, counted from the rig file."""
    at_most_days: Annotated[float, Field(gt=0, le=366)] = 30.0
    """An older one proves nothing any more."""
