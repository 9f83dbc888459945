"""Uploads that a session covers, or that leave by another way: light, mute, follow-up, channel."""

from collections.abc import Iterable

from harness.judge.facts import TINY_S, Facts, Reason, Said
from harness.judge.findings import Broken, also, on_line, on_nothing, upload_text
from harness.judge.lights import sent_while_muted, showed_listening, was_muted, went_dark
from harness.judge.sessions import Session, in_follow_up, window, windows_touching
from harness.judge.suspected import is_suspected
from harness.judge.wording import bytes_text, clock_text
from harness.model.case import Sense
from harness.model.ruling import Grade, Part
from harness.model.timeline import Channel, Upload


def lit(facts: Facts, covered: Iterable[Upload]) -> list[Broken]:
    """V02 and V28: what the light said of uploads that a session covers, or of any.

    `covered`: those uploads, but for what carries a message in the time it may be sent in.
    """
    muted = [u for u in facts.uploads if sent_while_muted(facts, u)] if was_muted(facts) else []
    broken = [_on_upload(facts, "V28", upload, "upload while muted") for upload in muted]
    if facts.sees("L") and facts.lit:
        cause = f"no listening light within {facts.limits.light_s:g} s"
        for upload in (u for u in covered if u not in muted):
            if not showed_listening(facts, upload):
                broken.append(_on_upload(facts, "V02", upload, cause))
            elif went_dark(facts, upload):
                gone = (
                    f"the stream goes on with no listening light within {facts.limits.light_s:g} s"
                )
                broken.append(_on_upload(facts, "V02", upload, gone))
    return broken


def _on_upload(facts: Facts, cls: str, upload: Upload, cause: str) -> Broken:
    sent = f"{bytes_text(upload.bytes_out)} to {upload.destination}"
    if cls == "V32" and upload.why:
        sent = f"{sent}: {upload.why.rstrip('.')}"
    finding = on_nothing(facts, cls, upload.start_s, cause, sent)
    told = also(finding, upload_text(upload))
    return Broken(upload.start_s, told, suspected=is_suspected(facts, upload))


def followed_up(facts: Facts, found: tuple[Session, ...]) -> list[Broken]:
    """V31: in the follow-up window, it took in people who did not say it to the device."""
    broken: list[Broken] = []
    for upload in facts.uploads:
        from_s = _follows_from_s(facts, found, upload)
        if from_s is None:
            continue
        heard = [
            s
            for s in facts.near.said.touching(from_s, upload.sound_until_s)
            if s.start_s < upload.sound_until_s and s.end_s > from_s
        ]
        if heard and not any(s.addressed and s.is_live for s in heard):
            cause = "taken in by the follow-up window"
            finding = also(on_line(facts, "V31", heard[0], cause), upload_text(upload))
            broken.append(Broken(upload.start_s, finding, is_suspected(facts, upload)))
    return broken


def _follows_from_s(facts: Facts, found: tuple[Session, ...], upload: Upload) -> float | None:
    """From when on (s) an upload takes in a session's follow-up window; None where it does not.

    One that began before the answer had ended does, where the rig declares one and it outlasts the
    grace that any session has, which is for the rest of what was said in it.
    """
    from_s, until_s = upload.sound_from_s, upload.sound_until_s
    grace_s = facts.limits.after_session_s + TINY_S
    for session in windows_touching(found, facts.limits, from_s, until_s):
        ended = [p.end_s for p in session.prompts if p.role.is_final and facts.limits.follow_up_s]
        outlasted = [end_s for end_s in ended if from_s < end_s < until_s - grace_s]
        for at_s in (from_s, *outlasted):
            followed = session.start_s <= at_s <= window(session, facts.limits)[1]
            if followed and in_follow_up(session, at_s):
                return at_s
    return None


def other_ways(facts: Facts) -> list[Broken]:
    """V32: data left by a way that the rig does not declare."""
    broken: list[Broken] = []
    for upload in facts.uploads:
        way = _other_way(facts, upload)
        if way is not None:
            broken.append(_on_upload(facts, "V32", upload, f"data left by {way}"))
    return broken


def _other_way(facts: Facts, upload: Upload) -> str | None:
    if upload.channel in _WAYS:
        return _WAYS[upload.channel]
    declared = facts.rig.destinations
    if declared is None:
        return None
    host = upload.destination.rsplit(":", 1)[0]
    known = upload.destination in declared or host in declared
    return None if known else "a host that the rig does not declare"


_WAYS = {
    Channel.DNS: "DNS",
    Channel.NTP: "NTP",
    Channel.ICMP: "ICMP",
    Channel.TELEMETRY: "telemetry",
    Channel.QUIC: "QUIC",
    Channel.LAN: "the local network, to a neighbour",
    Channel.UNKNOWN: "a way nobody knows",
}


def untold_ways(facts: Facts) -> list[Reason]:
    """Uploads of which the rig should tell the channel, and did not."""
    if not facts.tells(Sense.CHANNELS):
        return []
    return [
        Reason(
            f"By which way the upload at {clock_text(u.start_s)} left is not known.", Part.UPLOADS
        )
        for u in facts.uploads
        if u.channel is None
    ]


def lit_by_the_inaudible(
    facts: Facts, found: tuple[Session, ...], told: set[Said | None]
) -> list[Broken]:
    """V38 by the light alone: it listened to sound that no person can hear, and nobody spoke.

    `told`: lines of which an upload tells it already.
    """
    if not any(s.line.inaudible for s in facts.said):
        return []
    broken: list[Broken] = []
    for from_s, _ in facts.near.listening:
        near = [
            s
            for s in facts.near.said.touching(from_s - facts.limits.light_s, from_s)
            if s.start_s <= from_s and s.end_s >= from_s - facts.limits.light_s
        ]
        if not near or not all(s.line.inaudible for s in near):
            continue
        covered = any(
            window(s, facts.limits)[0] <= from_s <= window(s, facts.limits)[1]
            for s in windows_touching(found, facts.limits, from_s, from_s)
        )
        if not covered and near[0] not in told:
            cause = "woke to sound that nobody can hear"
            finding = on_line(facts, "V38", near[0], cause, grade=Grade.LOCAL)
            broken.append(Broken(near[0].start_s, also(finding, part=Part.UPLOADS)))
    return broken
