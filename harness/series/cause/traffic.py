"""What a play sent to whom, and when, on the play's own clock: from its evidence alone."""

from pathlib import Path

import numpy as np

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.read import read_scene_start_s
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
    began_s = read_scene_start_s(folder)
    sent: dict[str, Sends] = {}
    for name, (unix_s, payload) in read_sends(capture, device_address).items():
        at_s = unix_s - began_s
        inside = (at_s >= 0) & (at_s < stage.until_s)
        if inside.any():
            sent[name] = Sends(np.asarray(at_s[inside]), np.asarray(payload[inside]))
    return PlayTraffic(arm, sent)
