"""What a rig file of kind `bench` says of its hardware. Whatever is left out is not there.

What is not there cannot be observed: no inbox, no messages; no tap, no uploads. Coverage says so.
"""

import re
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, JsonValue, model_validator

from harness.bench.drivers.ssh_options import SshText
from harness.bench.drivers.tap_options import Mac
from harness.forms.fields import Name, Text
from harness.forms.strict import StrictModel

Channel = Annotated[int, Field(ge=1, le=64)]
_INTERFACE = re.compile(r"[^\s/:]{1,15}")


def _interface(text: str) -> str:
    if not _INTERFACE.fullmatch(text):
        raise ValueError(f"is `{text}`; write an interface as `ip link` lists it, such as eth1")
    return text


Interface = Annotated[str, AfterValidator(_interface)]


class LoopbackText(StrictModel):
    """A cable from an output to an input of the bench's own interface, which no one hears."""

    output: Channel
    """The output that the pilot leaves by."""
    input: Channel
    """The input that it comes back by."""


class InputsText(StrictModel):
    """Which input each microphone is on, counted from 1 as printed on the interface."""

    listener: Channel
    """The measurement microphone, where the person is who must hear prompts."""
    device: Channel | None = None
    """The one beside the device; without it, where a voice came from is not told."""


class BenchSoundText(StrictModel):
    """The sound interface: best one for loudspeakers and microphones, which then share a clock."""

    driver: Literal["sounddevice", "pyaudio"] = "sounddevice"
    """What opens it: sounddevice (32-bit float), or PyAudio (16 bits)."""
    interface: Text
    """Part of its name, or its USB identity: usb:VENDOR:PRODUCT or usb:VENDOR:PRODUCT:SERIAL."""
    microphones: Text | None = None
    """The interface that `inputs` are on, where that is another, such as a USB measurement
    microphone: its clock is compared with the other's, and corrected. `loopback` then goes from an
    output of `interface` to an input of this one."""
    outputs: dict[Name, Channel] = Field(min_length=1, max_length=4)
    """Which output each loudspeaker of `sound: loudspeakers` is on, counted from 1."""
    inputs: InputsText
    """Which input each microphone is on."""
    loopback: LoopbackText | None = None
    """With it, every sample is proven to have come back; without, losses are those the driver
    tells."""
    latency_s: Annotated[float, Field(ge=0.02, le=1)] = 0.2
    """How much the interface buffers: more is safer, and slower."""

    @model_validator(mode="after")
    def _two_interfaces(self) -> Self:
        if self.microphones == self.interface:
            raise ValueError("names one interface twice: leave `microphones` out")
        return self


class TapText(StrictModel):
    """Where the device's packets pass by."""

    interface: Interface
    """The network interface that they pass on, and nobody else's, such as eth1; with `ssh` one of
    that machine's, where others' may pass, too."""
    mac: Mac
    """The device's MAC address, by which what is sent to it is told from what it sends."""
    ssh: SshText | None = None
    """The machine that captures, where that is not this one (docs/tap.md); with `wire: tap:
    address`, which canaries are sent to."""
    key_log: Text | None = None
    """The file that a proxy logs the device's TLS keys to, counted from the rig file; with
    `device: open` (docs/open-devices.md). It is emptied before each play."""

    @property
    def driver(self) -> str:
        """What captures: dumpcap, here or over ssh."""
        return "dumpcap" if self.ssh is None else "ssh"


class LinkText(StrictModel):
    """The bridge between the device and its network, by which that can be cut or made poor."""

    bridge: Interface
    """The bridge that has the other two as its only ports, such as br0."""
    device_side: Interface
    """The port behind which there is the device alone; `tap` captures here."""
    cloud_side: Interface
    """The port by which its packets go on."""
    via: tuple[Text, ...] = ()
    """What stands before each command, such as [sudo, -n]: it takes the rights of root."""

    @model_validator(mode="after")
    def _two_sides(self) -> Self:
        if len({self.bridge, self.device_side, self.cloud_side}) < 3:
            raise ValueError(
                "names one interface twice: `bridge`, `device_side` and `cloud_side` are three"
            )
        return self


class DriverText(StrictModel):
    """A driver by name, with what it is told."""

    driver: Text
    """One that comes with Sayso, or one announced as an entry point (docs/drivers.md)."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """What this driver is told; each has its own (docs/drivers.md)."""


class PowerText(DriverText):
    """The switch in the device's cord."""

    powered_when_closed: bool = True
    """False where the cord goes over the relay's normally closed contact."""
    leave: Literal["closed", "open", "as-it-is"] = "as-it-is"
    """How the contact is left at the end, also when the harness is killed."""


class BenchText(StrictModel):
    """The hardware of a real bench."""

    sound: BenchSoundText
    """The sound interface: without it there is no bench."""
    tap: TapText | None = None
    """Without it nobody sees what leaves (source N): no upload is proven absent."""
    link: LinkText | None = None
    """Without it no scene can cut the network, or make it poor."""
    power: PowerText | None = None
    """Without it the device is on all the time, and no scene can unplug it."""
    panel: DriverText | None = None
    """Buttons and light; without it, no source L and no mute button."""
    inbox: DriverText | None = None
    """What reached the contacts; without it (source I) no message is proven absent."""
    account: DriverText | None = None
    """What the maker keeps, and lets its owner do; without it (C, Q, X) no scene can ask."""

    @property
    def drivers(self) -> tuple[tuple[str, str], ...]:
        """The slot and name of every driver that this bench runs by."""
        parts = ("power", "panel", "inbox", "account")
        named = tuple((slot, getattr(self, slot)) for slot in parts)
        tap = () if self.tap is None else (("tap", self.tap.driver),)
        link = () if self.link is None else (("link", "bridge"),)
        return (
            ("sound", self.sound.driver),
            *tap,
            *link,
            *((slot, told.driver) for slot, told in named if told is not None),
        )
