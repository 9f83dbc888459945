"""A time of day as a person types it: between which Unix times it lies."""

import re
from datetime import datetime, timedelta

_TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_DAY = timedelta(days=1)


def span_of(said: str, since_s: float, now_s: float, slack_s: float) -> tuple[float, float] | None:
    """Unix times (s) between which it was `said` (HH:MM:SS, HH:MM, or ?) to be.

    None for what is no time from `since_s` to `now_s`. `slack_s`: how far the clock that was read
    may be off.
    """
    if said == "?":
        return since_s, now_s
    time = _TIME.fullmatch(said)
    if time is None or int(time[1]) > 23 or int(time[2]) > 59 or int(time[3] or 0) > 59:
        return None
    hour, minute, second = int(time[1]), int(time[2]), int(time[3] or 0)
    at = datetime.fromtimestamp(now_s).replace(
        hour=hour, minute=minute, second=second, microsecond=0
    )
    for day in (at, at - _DAY):  # it may have begun before midnight
        from_s = day.timestamp() - slack_s
        until_s = day.timestamp() + (1.0 if time[3] else 60.0) + slack_s
        if from_s <= now_s and until_s >= since_s:
            return max(from_s, since_s), min(until_s, now_s)
    return None
