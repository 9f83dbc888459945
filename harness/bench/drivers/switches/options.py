"""What a rig file tells each kind of switch."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from harness.bench.drivers.switches.serial_line import is_identity
from harness.forms.fields import Text
from harness.forms.strict import StrictModel


def _port(text: str) -> str:
    if text.startswith("usb:") and not is_identity(text):
        raise ValueError(
            f"is `{text}`; write usb:VENDOR:PRODUCT or usb:VENDOR:PRODUCT:SERIAL, with four "
            "hexadecimal digits each"
        )
    return text


Port = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_port)]


class SerialOptions(StrictModel):
    """Something on a serial port."""

    port: Port
    """Its USB identity, usb:VENDOR:PRODUCT[:SERIAL], or a path that stays."""


class KmtronicOptions(SerialOptions):
    """A KMTronic board."""

    channel: Annotated[int, Field(ge=1, le=8)] = 1
    """The relay, as printed on the board."""
    channels: Literal[1, 2, 4, 8] = 1
    """How many relays the board has."""


class BoardOptions(SerialOptions):
    """A board with up to eight relays."""

    channel: Annotated[int, Field(ge=1, le=8)] = 1
    """The relay, as printed on the board."""


class NumatoOptions(SerialOptions):
    """A Numato module."""

    channel: Annotated[int, Field(ge=0, le=31)] = 0
    """The relay, as printed on the module: these count from 0."""


class ScpiOptions(SerialOptions):
    """A bench supply."""

    output: Annotated[int, Field(ge=1, le=16)] | None = None
    """Which output, where it has several."""
    baud: Annotated[int, Field(ge=1200, le=921_600)] = 9600
    """Its speed, as set on the supply."""


class PlugOptions(StrictModel):
    """A plug on the network of the bench."""

    host: Text
    """Its address, with or without a port."""
    channel: Annotated[int, Field(ge=0, le=31)] = 0
    """The relay, where it has several."""


class HubOptions(StrictModel):
    """A port of a USB hub that can switch its power."""

    hub: Annotated[str, Field(pattern=r"^[0-9]+(-[0-9.]+)?$")]
    """Where the hub is, as `uhubctl` prints it, such as 1-1."""
    port: Annotated[int, Field(ge=1, le=32)]
    """The port on it."""
