"""When a recording was made, out of what its maker wrote: in a column, or in a file's name."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

_DATE = r"(20\d\d)-?(\d\d)-?(\d\d)"
_CLOCK = r"(\d\d)[:\-_.]?(\d\d)(?:[:\-_.]?(\d\d))?(?:[.,]\d+)?"
_ZONE = r"\s*(Z|UTC|GMT|[+-]\d\d:?\d\d)?"
_WRITTEN = re.compile(rf"(?<!\d){_DATE}[T _\-,]{{0,2}}{_CLOCK}{_ZONE}(?!\d)")
_EPOCH = re.compile(r"(?<!\d)(1\d{9})(\d{3})?(?!\d)")
# Without a zone it may be any on Earth, of today or of the summer.
_ANY_ZONE_S = 15 * 3600.0
_MINUTE_S, _SECOND_S = 60.0, 1.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """When something was recorded: Unix time, give or take `unsure_s`."""

    unix_s: float
    unsure_s: float


def when(text: str) -> Recorded | None:
    """The first time of day with its date in a text; None where none stands there."""
    for found in _WRITTEN.finditer(text):
        year, month, day, hour, minute, second, zone = found.groups()
        try:
            at = datetime(
                int(year),
                int(month),
                int(day),
                int(hour),
                int(minute),
                int(second or 0),
                tzinfo=UTC,
            )
        except ValueError:
            continue
        fine_s = _SECOND_S if second else _MINUTE_S
        if zone is None:
            return Recorded(at.timestamp(), _ANY_ZONE_S + fine_s)
        return Recorded(at.replace(tzinfo=_zone(zone)).timestamp(), fine_s)
    epoch = _EPOCH.search(text)
    return Recorded(float(epoch[1]), _SECOND_S) if epoch else None


def _zone(text: str) -> timezone:
    if text in ("Z", "UTC", "GMT"):
        return UTC
    sign = -1 if text[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(text[1:3]) % 24, minutes=int(text[-2:]) % 60))
