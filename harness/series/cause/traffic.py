"""What a play sent to whom, and when, on the play's own clock: from its evidence alone."""

import json
from pathlib import Path

import numpy as np

from harness.errors import RigError
from harness.evidence import layout
from harness.model.cause import Arm, Stage
from harness.series.cause.windows import PlayTraffic, Sends


def play_traffic(folder: Path, arm: Arm, stage: Stage, device_address: str) -> PlayTraffic:
    """The traffic of the play in `folder`, from its start until everything is watched.

    Raises `RigError` where capture or clock are missing or not sound.
    """
    # The compiler takes two seconds to import: only those who read a capture wait for it.
    from harness.wire.sends import read_sends

    capture = folder / layout.NETWORK
    if not capture.exists():
        raise RigError(f"{folder}: holds no {layout.NETWORK}; play the scene again")
    began_s = _scene_began_s(folder / layout.CLOCK)
    sent: dict[str, Sends] = {}
    for name, (unix_s, payload) in read_sends(capture, device_address).items():
        at_s = unix_s - began_s
        inside = (at_s >= 0) & (at_s < stage.until_s)
        if inside.any():
            sent[name] = Sends(np.asarray(at_s[inside]), np.asarray(payload[inside]))
    return PlayTraffic(arm, sent)


def _scene_began_s(path: Path) -> float:
    """The Unix time (s) at which the play's own clock was 0."""
    try:
        clock = json.loads(path.read_text(encoding="utf-8"))
        after = float(clock["scene_start_index"]) - float(clock["first_index"])
        return float(clock["first_unix_s"]) + after * float(clock["seconds_per_sample"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RigError(f"{path}: the play's clock cannot be read ({error})") from error
