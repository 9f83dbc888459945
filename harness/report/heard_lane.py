"""The lane of what the listener's microphone heard."""

from xml.etree.ElementTree import Element

from harness.report.lanes import Lane
from harness.report.markup import el
from harness.report.sound import Outline
from harness.report.spectrogram import HIGH_HZ, LOW_HZ, Spectrogram

_WAVE_H = 56.0


def heard_lane(heard: Outline | Spectrogram, listener: str) -> Lane:
    """What the listener's microphone heard: by pitch, or its outline scaled to the loudest."""
    if isinstance(heard, Spectrogram):
        return Lane(f"Heard at {listener}", _WAVE_H, _by_pitch(heard))
    peak = float(max(abs(heard.low).max(), abs(heard.high).max())) or 1.0
    middle, half = _WAVE_H / 2, _WAVE_H / 2 - 2
    xs = [heard.left_px + i for i in range(heard.high.size)]
    top = [f"{x:.0f} {middle - max(0.4, v / peak * half):.1f}"
           for x, v in zip(xs, heard.high, strict=True)]  # fmt: skip
    under = [f"{x:.0f} {middle + max(0.4, -v / peak * half):.1f}"
             for x, v in zip(xs, heard.low, strict=True)]  # fmt: skip
    outline = "M" + "L".join([*top, *reversed(under)]) + "Z"
    return Lane(f"Heard at {listener}", _WAVE_H, (el("path", d=outline, class_="wave"),))


def _by_pitch(heard: Spectrogram) -> tuple[Element, ...]:
    """The spectrogram between its pitches."""
    image = el("image", href=heard.address, x=heard.left_px, y=0, width=heard.columns,
               height=_WAVE_H, preserveAspectRatio="none", class_="spectrogram")  # fmt: skip
    # Beside the picture: over it it could not be read where there is sound.
    band = f"{LOW_HZ:g} Hz to {HIGH_HZ / 1000:g} kHz"
    return image, el("text", band, x=0, y=_WAVE_H - 1, class_="small")
