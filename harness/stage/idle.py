"""The idle profile of a rig's device: read, held against the rig, and told to the judge."""

from pathlib import Path

from harness.bench.rigfile import RigFile
from harness.wire.idle.onfile import age_told, check_fits, read_profile
from harness.wire.idle.profile import Profile
from harness.wire.idle.told import told_in_a_ruling


def idle_profile(file: RigFile) -> Profile | None:
    """The profile that a rig file names, None where it names none.

    Raises `RigFileError` where it cannot be read, `RigError` where it is of another device or
    firmware: nothing may be ruled by it.
    """
    if file.wire.idle_profile is None:
        return None
    profile = read_profile(Path(file.wire.idle_profile))
    check_fits(profile, file.device.name, file.device.firmware)
    return profile


def told(profile: Profile | None, now_s: float) -> tuple[str, str]:
    """What a ruling says of a profile at a Unix time, and why uploads cannot be seen by it."""
    if profile is None:
        return "", ""
    aged = age_told(profile, now_s)
    sentence = told_in_a_ruling(profile)
    return f"{sentence} Mind: {aged}." if aged else sentence, profile.unobservable


def what_comes_later(file: RigFile, watch_s: float) -> str:
    """What a ruling on a closed device says of uploads after its watch (s); empty for others."""
    if not file.wire.closed and file.wire.idle_profile is None:
        return ""
    return (
        f"What a closed device keeps and sends later than {watch_s:g} s after the scene is not "
        "seen: `watch_s` makes it longer."
    )
