"""Lines as they were played and heard, for the timeline."""

from collections.abc import Callable

import numpy as np

from harness.model.timeline import LineSpoken
from harness.stage.proofs import hear_played
from harness.stage.schedule import Played
from harness.stage.session import Take

_MOST_LATE_S = 0.005
_SILENT_DB = -200.0


def lines_spoken(take: Take, seconds: Callable[[int], float]) -> list[LineSpoken]:
    """Every line that was played; `seconds` turns an index into time on the run's clock."""
    if take.performed is None:
        return []
    return [_spoken(take, line_id, it, seconds) for line_id, it in take.performed.played.items()]


def _spoken(
    take: Take, line_id: str, played: Played, seconds: Callable[[int], float]
) -> LineSpoken:
    delay = take.delay(played.position)
    inaudible = take.script.line(line_id).inaudible
    heard = hear_played(take.rig, played, delay, inaudible=inaudible)
    on_time = abs(heard.late_s) <= _MOST_LATE_S
    start = played.at_index + delay
    return LineSpoken(
        line_id=line_id,
        start_s=seconds(start) + heard.late_s,
        end_s=seconds(start + len(played.samples)) + heard.late_s,
        exact=_is_exact(take, played),
        heard=heard.score >= take.rig.file.limits.heard_score and on_time,
        heard_score=heard.score,
        level_db=max(heard.level_db, _SILENT_DB),
    )


def _is_exact(take: Take, played: Played) -> bool:
    """Whether it came out of the loudspeaker sample for sample."""
    place, start, count = played.position, played.at_index, len(played.samples)
    if start + count > take.rig.microphone.heard_until():
        return False
    recorded = take.rig.microphone.read(place, start, count)
    return bool(np.array_equal(recorded, take.schedule.expected(place, start, count)))
