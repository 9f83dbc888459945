"""What a rig file says of the controller: what it presses, what it sees, and how light is told."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from harness.forms.fields import Text
from harness.forms.strict import StrictModel
from harness.model.timeline import LightState

_LEAST_CONTRAST = 1500
_HIGH, _LOW = 0.5, 0.3
Reading = Annotated[int, Field(ge=0, le=65535)]


class SensorText(StrictModel):
    """A light sensor, as `python -m harness.bench.drivers.controller_learn` measured it."""

    dark: Reading
    """What it reads while the light is off; at most the brightest such reading."""
    lit: Reading
    """What it reads while the light is on."""
    hold_ms: Annotated[int, Field(ge=1, le=5000)] = 30
    """The light is off once it was dark for so long; longer than it blinks."""

    @model_validator(mode="after")
    def _can_be_told(self) -> Self:
        if self.lit - self.dark < _LEAST_CONTRAST:
            raise ValueError(
                f"cannot tell light from dark: lit reads {self.lit} and dark {self.dark}; they "
                f"must be {_LEAST_CONTRAST} apart. Shade the sensor, or put it closer to the light"
            )
        return self

    def words(self) -> tuple[str, str, str]:
        """Thresholds (dark below, lit from) and hold, as the controller is told them."""
        low, high = (round(self.dark + part * (self.lit - self.dark)) for part in (_LOW, _HIGH))
        return str(max(1, low)), str(high), str(self.hold_ms)


class ControllerPanelText(StrictModel):
    """A controller as panel: where it is, what it presses and what it sees."""

    port: Text
    """usb:VENDOR:PRODUCT:SERIAL (a Pico is usb:2e8a:0005), or a path that does not change."""
    mute: Literal["switch", "toggle"]
    """`switch`: muted while pressed. `toggle`: each press changes it; the lamp tells how it is."""
    leave_muted: bool | None = None
    """How the device is left when the harness ends or dies; without it as it is."""
    ring: SensorText | None = None
    """The sensor at the ring, or whatever lights up when the device listens."""
    lamp: SensorText | None = None
    """The sensor at the lamp that tells of a muted microphone."""
    ring_lit: LightState | None = None
    """What a lit ring means, since one sensor cannot tell listening from thinking or speaking."""
    leave_after_s: Annotated[float, Field(ge=1, le=60)] = 5.0
    """The controller lets go when the harness has been silent for so long."""
    shared_event: bool = False
    """Whether piezo and sync light are wired, to click and flash at once beside the device."""
    clock_ms: Annotated[float, Field(gt=0, le=100)] = 5.0
    """Times of light must be known at least so well."""

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.ring is not None and self.ring_lit is None:
            raise ValueError(
                "has a `ring` and no `ring_lit`: say what it means that the ring is lit, such as "
                "`listening`"
            )
        if self.mute == "toggle" and self.lamp is None:
            raise ValueError(
                "has `mute: toggle` and no `lamp`: nothing would tell whether a press muted it; "
                "give the lamp a sensor"
            )
        return self
