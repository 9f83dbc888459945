"""Control events of one round: loudspeakers, clock, tap, inbox, and whether the device answers."""

from harness.errors import RigError
from harness.model.timeline import Control
from harness.stage.controls import Proof
from harness.stage.proofs import ClockCheck, expected_level_db, hear_played
from harness.stage.seen import Seen

_CHIRP_SCORE = 0.4
_LEVEL_DB = 3.0
_LATE_S = 0.005
ROUND = ("loudspeaker_heard", "one_clock", "tap_canary", "inbox_canary", "device_awake")


def round_facts(seen: Seen, proof: Proof) -> list[Control]:
    """Each control of `ROUND`, as one round proved it or did not."""
    read = (_loudspeaker, _clock, _tap, _inbox, _awake)
    return [each(seen, proof) for each in read]


def _loudspeaker(seen: Seen, proof: Proof) -> Control:
    worst_score, worst_db, where = 1.0, 0.0, ""
    for chirp in proof.chirps:
        heard = hear_played(seen.take.rig, chirp, seen.take.delay(chirp.position))
        wanted_db = expected_level_db(seen.take.rig, chirp)
        off_db = 0.0 if wanted_db is None else heard.level_db - wanted_db
        late = abs(heard.late_s) > _LATE_S
        if heard.score < worst_score or abs(off_db) > abs(worst_db) or late:
            worst_score, where = min(worst_score, 0.0 if late else heard.score), chirp.position
            worst_db = max(worst_db, off_db, key=abs)
    held = bool(proof.chirps) and worst_score >= _CHIRP_SCORE and abs(worst_db) <= _LEVEL_DB
    detail = (
        f"every loudspeaker was heard at the listener's place, within {abs(worst_db):.1f} dB"
        if held
        else f"the loudspeaker at {where or '(none was tried)'} was not heard as it should be "
        f"(correlation {worst_score:.2f}, {worst_db:+.1f} dB): check it, its level and its delay"
    )
    return Control(
        proof.phase, "loudspeaker_heard", held, round(worst_score, 3), _CHIRP_SCORE, "", detail
    )


def _clock(seen: Seen, proof: Proof) -> Control:
    limit_ms = seen.take.rig.file.limits.clock_ms
    check = ClockCheck(
        tuple(
            (seen.clock.at(index) - seen.canaries[nonce]) * 1e3
            for index, nonce, _ in proof.clicks
            if seen.clock is not None and nonce in seen.canaries and _click_is_there(seen, index)
        )
    )
    median, worst = check.median_ms, check.worst_ms
    held = median is not None and abs(median) <= limit_ms
    detail = (
        "no click was seen on the recording and on the link: check the loudspeaker and the tap"
        if median is None or worst is None
        else f"sound and packets are {median:+.2f} ms apart (worst of "
        f"{len(check.differences_ms)} clicks {worst:+.2f} ms)"
        + ("" if held else "; the machine is too busy, or a clock was set: run again")
    )
    measured = None if median is None else round(median, 3)
    return Control(proof.phase, "one_clock", held, measured, limit_ms, "ms", detail)


def _click_is_there(seen: Seen, index: int) -> bool:
    """Whether a recorded sample of the first position at the click's index stands out."""
    microphone = seen.take.rig.microphone
    position = seen.take.rig.loudspeaker.positions[0]
    try:
        around = microphone.read(position, index - 1, 3)
    except RigError:
        return False
    return float(around[1]) - max(abs(float(around[0])), abs(float(around[2]))) > 0.1


def _tap(seen: Seen, proof: Proof) -> Control:
    held = bool(proof.tap_nonce) and proof.tap_nonce in seen.canaries
    detail = (
        "the tap saw its canary"
        if held
        else "the tap did not see its canary on the link: what left cannot be known; check the "
        "capture interface (sayso doctor)"
    )
    return Control(proof.phase, "tap_canary", held, None, None, "", detail)


def _inbox(seen: Seen, proof: Proof) -> Control:
    came = bool(proof.inbox_nonce) and any(
        m.canary == proof.inbox_nonce for m in seen.take.messages
    )
    if came:
        detail = "the inbox received its canary"
    else:
        why = proof.inbox_error or "it was sent, but is not in the inbox"
        detail = f"the inbox did not get its canary ({why}): what arrived cannot be known"
    return Control(proof.phase, "inbox_canary", came, None, None, "", detail)


def _awake(seen: Seen, proof: Proof) -> Control:
    # Where nobody sees the network, that it answered must do.
    local = seen.take.rig.file.device.control.local or "N" in seen.take.rig.untried
    from_s, until_s = seen.at(proof.from_unix_s), seen.at(proof.until_unix_s)
    traffic = any(u.start_s < until_s and u.end_s > from_s for u in seen.uploads)
    held = proof.awake is not None and not proof.unasked and (local or traffic or seen.hidden)
    if proof.unasked:
        detail = (
            "the device says its answer also before it is asked: that it came after the request "
            "proves nothing; see what makes it speak (device.log), and let it be quiet"
        )
    elif held:
        detail = "the device answered an addressed request" + (
            "" if proof.tries == 1 else f", at the {proof.tries}nd try"
        )
    elif proof.awake is not None:
        detail = (
            f"the device answered, but sent {_sent_bytes(seen, proof)} B, which is no upload: "
            "where it answers without sending what it heard, set `control: local: true`"
        )
    else:
        detail = f"the device did not answer ({proof.tries} tries): it may have slept all along"
    return Control(proof.phase, "device_awake", held, None, None, "", detail)


def _sent_bytes(seen: Seen, proof: Proof) -> int:
    """Bytes of all frames that the device sent while it was asked."""
    sent = () if seen.wire is None else seen.wire.traffic.sent
    return sum(count for at_s, count in sent if proof.from_unix_s <= at_s <= proof.until_unix_s)
