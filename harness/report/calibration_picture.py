"""A calibration as a picture: how each path dies away, and what it does to each octave."""

from collections.abc import Mapping
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from harness.bench.calibration import CalibrationText, PairText
from harness.bench.ports.sound import Samples
from harness.report.markup import Child, el, html_text
from harness.sound.decay import OCTAVES_HZ

Values = NDArray[np.float64]

_WIDTH, _PANEL_H, _LEFT, _GAP, _TOP = 760.0, 200.0, 56.0, 64.0, 44.0
_PANEL_W = (_WIDTH - 2 * _LEFT - 20.0) / 2
_LOWEST_DB, _POINTS = -50.0, 160
_INKS = ("#1f3e63", "#a8201a", "#1d6b3a", "#8a5a00")
_DASHES = ("", "7 3", "2 3", "9 3 2 3")
_STYLE = (
    "text{font:11px system-ui,sans-serif;fill:#1c1b19}.soft{fill:#615e57}"
    ".grid{stroke:#d9d5cb;stroke-width:.7}.curve{fill:none;stroke-width:1.6}"
)


def calibration_svg(calibration: CalibrationText, paths: Mapping[tuple[str, str], Samples]) -> str:
    """The picture as SVG: a row for each microphone, a line for each loudspeaker."""
    microphones = list(dict.fromkeys(pair.microphone for pair in calibration.pairs))
    rows: list[Child] = []
    for row, microphone in enumerate(microphones):
        pairs = [pair for pair in calibration.pairs if pair.microphone == microphone]
        top = _TOP + row * (_PANEL_H + _GAP)
        rows += _decays(pairs, paths, calibration.rate_hz, top)
        rows += _levels(pairs, top)
        rows.append(el("text", f"at the {microphone}", x=_LEFT, y=top - 8, font_weight="600"))
    height = _TOP + len(microphones) * (_PANEL_H + _GAP) + 10
    title = f"{calibration.rig}, calibrated on {calibration.date}"
    picture = el(
        "svg",
        el("title", title),
        el("style", _STYLE),
        el("rect", width=_WIDTH, height=height, fill="#fdfcf9"),
        el("text", title, x=_LEFT, y=18, font_weight="600"),
        *rows,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_WIDTH:.0f} {height:.0f}",
        role="img",
    )
    return html_text(picture)


def _decays(
    pairs: list[PairText], paths: Mapping[tuple[str, str], Samples], rate_hz: int, top: float
) -> list[Child]:
    """Schroeder curves: what is left of each path's energy after so long."""
    curves = [_left_db(paths[pair.loudspeaker, pair.microphone]) for pair in pairs]
    below = [int(np.argmax(curve < _LOWEST_DB)) or len(curve) for curve in curves]
    until_s = max(below) / rate_hz
    drawn: list[Child] = []
    for level_db in range(0, int(_LOWEST_DB) - 1, -25):
        drawn += _line_across(_LEFT, top + _PANEL_H * level_db / _LOWEST_DB, f"{level_db} dB")
    for number, curve in enumerate(curves):
        places = np.linspace(0, min(len(curve), below[number]) - 1, _POINTS).astype(int)
        x = _LEFT + _PANEL_W * places / rate_hz / until_s
        y = top + _PANEL_H * np.maximum(curve[places], _LOWEST_DB) / _LOWEST_DB
        drawn.append(_curve(x.tolist(), y.tolist(), number))
    for share in (0.0, 0.5, 1.0):
        x_px = _LEFT + share * _PANEL_W
        text = f"{1000 * share * until_s:.0f} ms"
        drawn.append(_under(text, x_px, top))
    return drawn


def _levels(pairs: list[PairText], top: float) -> list[Child]:
    """What each path does to the level in each octave."""
    left = _LEFT + _PANEL_W + 20.0 + _LEFT / 2
    width = _PANEL_W - _LEFT / 2
    levels = np.array([pair.octaves_db for pair in pairs])
    high, low = 10.0 * np.ceil(levels.max() / 10), 10.0 * np.floor(levels.min() / 10)
    span = max(high - low, 10.0)
    drawn: list[Child] = []
    for share in (0.0, 0.5, 1.0):
        y = top + share * _PANEL_H
        drawn += _line_across(left, y, f"{round(high - share * span)} dB", width)
    x = [left + width * number / (len(OCTAVES_HZ) - 1) for number in range(len(OCTAVES_HZ))]
    for number, pair in enumerate(pairs):
        y_px = [top + _PANEL_H * (high - level) / span for level in pair.octaves_db]
        drawn.append(_curve(x, y_px, number))
        drawn.append(_key(pair, number, left - _PANEL_W, top))
    drawn += [
        _under(f"{hz / 1000:g} k" if hz >= 1000 else str(hz), at, top)
        for hz, at in zip(OCTAVES_HZ, x, strict=True)
    ]
    return drawn


def _left_db(path: Samples) -> Values:
    power = np.square(path, dtype=np.float64)
    # The noise of the whole measurement would be summed up with the room's decay.
    power -= float(np.mean(power[-len(power) // 10 :]))
    energy = np.maximum(np.cumsum(power[::-1])[::-1], 0.0)
    level_db: Values = 10 * np.log10(np.maximum(energy / max(float(energy[0]), 1e-30), 1e-12))
    return level_db


def _curve(x: list[float], y: list[float], number: int) -> Element:
    points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
    ink, dash = _INKS[number % len(_INKS)], _DASHES[number % len(_DASHES)]
    return el("polyline", points=points, class_="curve", stroke=ink, stroke_dasharray=dash)


def _key(pair: PairText, number: int, left: float, top: float) -> Element:
    """What a line stands for, with its reverberation time."""
    middle = [t for t in pair.t60_s[2:5] if t is not None]
    t60 = f", T60 {sum(middle) / len(middle):.2f} s" if middle else ""
    ink = _INKS[number % len(_INKS)]
    y = top + 14 + 15 * number
    return el(
        "g",
        _curve([left + 130, left + 158], [y - 4, y - 4], number),
        el("text", f"{pair.loudspeaker}{t60}", x=left + 164, y=y, style=f"fill:{ink}"),
    )


def _line_across(left: float, y: float, text: str, width: float = _PANEL_W) -> list[Child]:
    return [
        el("line", x1=left, x2=left + width, y1=y, y2=y, class_="grid"),
        el("text", text, x=left - 5, y=y + 4, text_anchor="end", class_="soft"),
    ]


def _under(text: str, x: float, top: float) -> Element:
    return el("text", text, x=x, y=top + _PANEL_H + 16, text_anchor="middle", class_="soft")
