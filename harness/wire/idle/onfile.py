"""The idle profile as a file, and whether it is of the device at hand.

Read strictly: what a person or another release changed is refused with its place, never guessed.
"""

import json
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from harness.errors import RigError, RigFileError
from harness.wire.idle.profile import Profile

_OLD_DAYS = 90
_MOST_TOLD = 5


def read_profile(path: Path) -> Profile:
    """The profile in a file; `RigFileError` that names the places that are not right."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RigFileError(
            f"idle profile: {path} cannot be read ({error}); learn one with `sayso learn-idle`"
        ) from error
    try:
        return Profile.model_validate_json(text)
    except ValidationError as error:
        told = error.errors(include_url=False)
        places = [
            f"{'.'.join(map(str, each['loc'])) or 'the file'}: {each['msg']}"
            for each in told[:_MOST_TOLD]
        ]
        more = f" (and {len(told) - _MOST_TOLD} more)" if len(told) > _MOST_TOLD else ""
        raise RigFileError(
            f"idle profile: {path} is not right: {'; '.join(places)}{more}; learn it again with "
            "`sayso learn-idle`"
        ) from None


def write_profile(path: Path, profile: Profile) -> None:
    """Write it as indented JSON: the same bytes for the same profile."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(profile.model_dump(mode="json"), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def check_fits(profile: Profile, device: str, firmware: str) -> None:
    """`RigError` where the profile is of another device or firmware: it then proves nothing."""
    if (profile.device, profile.firmware) != (device, firmware):
        raise RigError(
            f"the idle profile is of {profile.device}, firmware {profile.firmware}; the rig has "
            f"{device}, firmware {firmware}, which may send other things while idle: learn it "
            "again with `sayso learn-idle`"
        )


def age_told(profile: Profile, now_s: float) -> str:
    """What to say of an old profile at a Unix time; empty for a fresh one."""
    days = (datetime.fromtimestamp(now_s, UTC).date() - profile.learnt_on).days
    if days <= _OLD_DAYS:
        return ""
    return (
        f"the idle profile is {days} days old: what the device sends while idle may have changed; "
        "learn it again with `sayso learn-idle`"
    )
