"""Sound devices of this machine, and the one that a rig file means.

An interface is named by a part of its name, or by its USB identity: two of one model have the same
name, and `hw:1` is another tomorrow.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench.drivers.usb_identity import UsbIdentity
from harness.errors import RigError
from harness.forms.problems import did_you_mean

_CARD = re.compile(r"\(hw:(\d+),\d+\)")


@dataclass(frozen=True, slots=True)
class SoundDevice:
    """A device as PortAudio lists it. `index`: its number there, good in this process only."""

    index: int
    name: str
    inputs: int
    outputs: int
    rate_hz: float

    @property
    def card(self) -> int | None:
        """The number of its ALSA card; None where the name tells none."""
        found = _CARD.search(self.name)
        return None if found is None else int(found[1])


@dataclass(frozen=True, slots=True)
class UsbCard:
    """What an ALSA card on USB is: vendor and product (hexadecimal), and its serial number."""

    vendor: str
    product: str
    serial: str | None

    @property
    def identity(self) -> str:
        """As a rig file names it."""
        return str(UsbIdentity(int(self.vendor, 16), int(self.product, 16), self.serial))


def usb_cards(root: Path = Path("/")) -> Mapping[int, UsbCard]:
    """The sound cards on USB by their numbers, as the kernel tells; `root`: where /proc is."""
    cards = {}
    for usbid in sorted((root / "proc" / "asound").glob("card[0-9]*/usbid")):
        number = int(usbid.parent.name.removeprefix("card"))
        vendor, _, product = usbid.read_text().strip().partition(":")
        serial = root / "sys" / "class" / "sound" / f"card{number}" / "device" / ".." / "serial"
        told = serial.read_text().strip() if serial.exists() else None
        cards[number] = UsbCard(vendor.lower(), product.lower(), told)
    return cards


def sounddevice_list() -> tuple[SoundDevice, ...]:
    """All devices as sounddevice lists them. Raises `RigError` without PortAudio."""
    try:
        import sounddevice as sd
    except OSError as error:
        raise RigError(f"PortAudio is not installed ({error}); run `make setup`") from error
    return tuple(
        SoundDevice(
            number,
            str(each["name"]),
            int(each["max_input_channels"]),
            int(each["max_output_channels"]),
            float(each["default_samplerate"]),
        )
        for number, each in enumerate(sd.query_devices())
    )


def pyaudio_list(audio: Any) -> tuple[SoundDevice, ...]:
    """All devices as PyAudio lists them; `audio`: a `pyaudio.PyAudio`."""
    told = [audio.get_device_info_by_index(number) for number in range(audio.get_device_count())]
    return tuple(
        SoundDevice(
            int(each["index"]),
            str(each["name"]),
            int(each["maxInputChannels"]),
            int(each["maxOutputChannels"]),
            float(each["defaultSampleRate"]),
        )
        for each in told
    )


def find_device(
    wanted: str,
    devices: Sequence[SoundDevice],
    cards: Mapping[int, UsbCard],
    *,
    inputs: int,
    outputs: int,
) -> SoundDevice:
    """The one device that is called so and has so many inputs and outputs.

    Raises `RigError` where there is none, or more than one; the message lists those there are.
    """
    named = _by_identity(wanted, devices, cards) if wanted.startswith("usb:") else []
    named = named or [d for d in devices if wanted.lower() in d.name.lower()]
    exact = [device for device in named if device.name == wanted]
    fitting = [d for d in exact or named if d.inputs >= inputs and d.outputs >= outputs]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        which = "; ".join(device.name for device in fitting)
        raise RigError(
            f"`{wanted}` means {len(fitting)} sound devices: {which}. Write more of the name, or "
            "the USB identity with its serial number"
        )
    if named:
        raise RigError(
            f"the sound interface `{wanted}` has not {inputs} inputs and {outputs} outputs: "
            f"{_listed(named)}. Look at `outputs`, `inputs` and `loopback` in the rig file; "
            "microphones on an interface of their own are named by `microphones` "
            "(docs/two-interfaces.md)"
        )
    hint = did_you_mean(wanted, [device.name for device in devices])
    raise RigError(
        f"the sound interface `{wanted}` is not there{hint}. Is it plugged in, and does no other "
        f"program hold it? There are: {_listed(devices)}"
    )


def _by_identity(
    wanted: str, devices: Sequence[SoundDevice], cards: Mapping[int, UsbCard]
) -> list[SoundDevice]:
    asked = UsbIdentity.read(wanted)
    if asked is None:
        raise RigError(
            f"`{wanted}` is no USB identity; write usb:VENDOR:PRODUCT or usb:VENDOR:PRODUCT:SERIAL "
            "with four hexadecimal digits each, as `lsusb` prints them"
        )
    meant = {
        number
        for number, card in cards.items()
        if (int(card.vendor, 16), int(card.product, 16)) == (asked.vendor, asked.product)
        and asked.serial in (None, card.serial)
    }
    return [device for device in devices if device.card in meant]


def _listed(devices: Sequence[SoundDevice]) -> str:
    told = (f"{d.name} ({d.inputs} in, {d.outputs} out)" for d in devices)
    return "; ".join(told) or "none at all"
