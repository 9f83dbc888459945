"""Control events: for each thing that must be proven, whether it was, and by what figure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from harness.account.owner import Owner
from harness.bench.ports.sound import SoundLoss
from harness.bench.timefit import TimeLine
from harness.errors import RigError
from harness.model.script import Deed, deed_in_words
from harness.model.timeline import Control, LineSpoken, Upload
from harness.stage.calibrated import calibration_holds
from harness.stage.controls import CLOSING, OPENING, Proof
from harness.stage.deeds import SHOWN_WITHIN_S, Done, shown
from harness.stage.device_facts import kept_up, listened
from harness.stage.listening_facts import SCENE, microphone_sound, stimulus_subtracted
from harness.stage.prompts_heard import Subtraction
from harness.stage.proofs import ClockCheck, expected_level_db, hear_played
from harness.stage.session import Take
from harness.stage.shared_facts import shared_events
from harness.stage.sound_clocks import sound_clocks
from harness.wire import WireReport

_CHIRP_SCORE = 0.4
_LEVEL_DB = 3.0
_LATE_S = 0.005
_DEAD_S = 0.002
_TAP_LATE_S = 0.1
ROUND = ("loudspeaker_heard", "one_clock", "tap_canary", "inbox_canary", "device_awake")
_OF_SOURCE = {"one_clock": "N", "tap_canary": "N", "tap_complete": "N", "inbox_canary": "I"}
DEEDS_DONE = "deeds_done"
ACCOUNT_ASKED = "account_asked"
PAYLOAD_READ = "payload_read"
IN_SCENE = (
    "lines_played",
    "no_audio_gap",
    "microphone_sound",
    "stimulus_subtracted",
    "tap_complete",
    "all_collected",
    "device_kept_up",
    "device_listened",
)


def required_controls(
    *,
    deeds: bool = False,
    payload: bool = False,
    account: bool = False,
    absent: frozenset[str] = frozenset(),
) -> tuple[tuple[str, str], ...]:
    """(phase, name) of every control that must be there and hold, for a pass.

    `deeds`: whether something is done to the device in the scene. `payload`: whether what it sends
    is read. `account`: whether the account is asked. `absent`: letters of the sources that the rig
    has not; a control of those proves nothing that anybody could then claim.
    """
    rounds = tuple((phase, name) for phase in (OPENING, CLOSING) for name in ROUND)
    in_scene = (*IN_SCENE, DEEDS_DONE) if deeds else IN_SCENE
    in_scene = (*in_scene, PAYLOAD_READ) if payload else in_scene
    in_scene = (*in_scene, ACCOUNT_ASKED) if account else in_scene
    every = rounds + tuple((SCENE, name) for name in in_scene)
    return tuple((phase, name) for phase, name in every if _can_be(name, absent))


def _can_be(name: str, absent: frozenset[str]) -> bool:
    return not absent.intersection(_OF_SOURCE.get(name, ""))


@dataclass(frozen=True, slots=True)
class Seen:
    """What the controls are read from; `at` turns Unix time into the run's seconds.

    `wire`: what the capture says of itself, None where it could not be read. `subtraction`: how
    what was played could be taken out of the listener's recording, or why that was not possible.
    `hidden`: uploads cannot be told from what the device sends while idle.
    """

    take: Take
    wire: WireReport | None
    uploads: Sequence[Upload]
    lines: Sequence[LineSpoken]
    subtraction: Subtraction | str
    clock: TimeLine | None
    at: Callable[[float], float]
    hidden: bool = False

    @property
    def canaries(self) -> Mapping[bytes, float]:
        """Unix time (s) of each canary that passed on the link, by its nonce."""
        return {} if self.wire is None else self.wire.traffic.canaries


def control_facts(seen: Seen) -> list[Control]:
    """Every control of a play. Those that were never tried are not there, and so do not hold."""
    facts: list[Control] = []
    for proof in seen.take.proofs:
        facts += [
            _loudspeaker(seen, proof),
            _clock(seen, proof),
            _tap(seen, proof),
            _inbox(seen, proof),
            _awake(seen, proof),
        ]
    facts += [_lines(seen), _gaps(seen), microphone_sound(seen.subtraction)]
    facts += [stimulus_subtracted(seen.subtraction), _capture(seen)]
    facts += [_collected(seen), kept_up(seen.take), listened(seen.take, seen.at)]
    facts += calibration_holds(seen.take)
    facts += sound_clocks(seen.take)
    facts += shared_events(seen.take, seen.clock, seen.canaries)
    if seen.take.script.doings:
        facts.append(_deeds(seen))
    if seen.take.owner is not None:
        facts.append(_asked(seen.take.owner))
    return [fact for fact in facts if _can_be(fact.name, seen.take.rig.absent)]


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
    local = seen.take.rig.file.device.control.local or "N" in seen.take.rig.absent
    from_s, until_s = seen.at(proof.from_unix_s), seen.at(proof.until_unix_s)
    traffic = any(u.start_s < until_s and u.end_s > from_s for u in seen.uploads)
    held = proof.awake is not None and (local or traffic or seen.hidden)
    if held:
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


def _lines(seen: Seen) -> Control:
    performed = seen.take.performed
    bad = [line for line in seen.lines if not (line.exact and line.heard)]
    wanted = len(seen.take.script.lines)
    done = 0 if performed is None else len(performed.played) + len(performed.unsaid)
    held = not bad and done == wanted
    if held:
        detail = f"{len(seen.lines)} lines came out sample for sample and were heard"
    elif bad:
        line = seen.take.script.line(bad[0].line_id)
        what = (
            "was not played sample for sample"
            if not bad[0].exact
            else (f"was not heard at the listener's place (correlation {bad[0].heard_score:.2f})")
        )
        detail = f"“{line.says}” {what}: end other work on this machine, check the loudspeaker"
    else:
        detail = f"the scene was cut short after {done} of {wanted} lines"
    return Control(SCENE, "lines_played", held, float(len(bad)), 0.0, "lines", detail)


def _deeds(seen: Seen) -> Control:
    """Whether every deed of the scene was done, and the device's light knows of its button."""
    take = seen.take
    done = take.performed.deeds if take.performed is not None else []
    undone = take.performed.undone if take.performed is not None else {}
    there = {deed.doing_id for deed in done}
    bad = [
        f"`{doing.id}` was not done: {undone.get(doing.id, 'the scene was cut short')}"
        for doing in take.script.doings
        if doing.id not in there
    ]
    bad += [_unshown(deed) for deed in done if not _is_shown(take, deed)]
    what = ", ".join(deed_in_words(deed.deed, deed.network) for deed in done)
    detail = f"done to the device: {what}" if not bad else "; ".join(bad)
    return Control(SCENE, DEEDS_DONE, not bad, float(len(bad)), 0.0, "deeds", detail)


def _asked(owner: Owner) -> Control:
    """Whether the account answered everything that it was asked, and did what it was told."""
    bad = owner.missing()
    detail = "; ".join(bad) if bad else f"the account was asked for {owner.asked_in_words}"
    return Control(SCENE, ACCOUNT_ASKED, not bad, float(len(bad)), 0.0, "questions", detail)


def _is_shown(take: Take, done: Done) -> bool:
    if done.deed not in (Deed.MUTE, Deed.UNMUTE):
        return True
    return take.rig.panel is not None and shown(take.rig.panel, done)


def _unshown(done: Done) -> str:
    return (
        f"{done.deed.in_words} (`{done.doing_id}`), but the device's light did not show it within "
        f"{SHOWN_WITHIN_S:g} s: whether it took notice cannot be known; press it by hand and look"
    )


def _gaps(seen: Seen) -> Control:
    try:
        losses = [*seen.take.rig.microphone.losses(), *_silences(seen)]
    except (RigError, OSError, ValueError) as error:
        return Control(SCENE, "no_audio_gap", False, None, 0.0, "losses", f"not checked: {error}")
    trouble = [why for check in seen.take.rig.checks if (why := check())]
    held = not losses and not trouble
    if losses:
        detail = (
            f"sound was lost at sample {losses[0].index}: {losses[0].what}; a microphone is dead, "
            "the machine is too busy, or real-time priority is missing"
        )
    elif trouble:
        detail = trouble[0]
    else:
        detail = "every sample of the recording follows the one before, none is silent"
    return Control(SCENE, "no_audio_gap", held, float(len(losses)), 0.0, "losses", detail)


def _silences(seen: Seen) -> list[SoundLoss]:
    """Digital silence at a microphone, which always hears at least its own noise."""
    microphone = seen.take.rig.microphone
    chirps = [chirp.at_index for proof in seen.take.proofs for chirp in proof.chirps]
    start, end = min(chirps, default=microphone.started_at()), microphone.heard_until()
    found = []
    for channel in {"listener", "device"}.intersection(microphone.channels):
        silent = microphone.read(channel, start, end - start) == 0.0
        edges = np.flatnonzero(np.diff(np.concatenate(([False], silent, [False])).astype(np.int8)))
        for first, last in zip(edges[::2], edges[1::2], strict=True):
            if last - first >= _DEAD_S * microphone.rate_hz:
                what = f"{(last - first) / microphone.rate_hz * 1e3:.0f} ms of digital silence"
                found.append(SoundLoss(start + int(first), f"{what} at the {channel} microphone"))
    return found


def _capture(seen: Seen) -> Control:
    report, wire = seen.take.tap_report, seen.wire
    if report is None or wire is None:
        why = "; ".join(seen.take.troubles) or "it was never started"
        return Control(SCENE, "tap_complete", False, None, 0.0, "packets", f"no capture: {why}")
    sent = {} if seen.take.performed is None else seen.take.performed.canaries
    missed = [sent_s for nonce, sent_s in sent.items() if nonce not in seen.canaries]
    gone = max(report.overwritten, wire.lost_files)
    lost = max(report.dropped, wire.dropped or 0) + wire.malformed + len(missed)
    behind_s = _seen_late_s(seen, sent)
    held = lost == gone == 0 and not wire.truncated and behind_s <= _TAP_LATE_S
    detail = f"{report.packets} packets captured, {report.dropped} dropped"
    if missed:
        detail += (
            f", {len(missed)} of {len(sent)} canaries missed, the first "
            f"at {seen.at(missed[0]):.1f} s"
        )
    if behind_s > _TAP_LATE_S:
        detail += (
            f", a canary seen {behind_s:.2f} s after it was sent: the tap lies behind what makes "
            "the network poor, or the machine stood still"
        )
    if wire.malformed:
        detail += f", {wire.malformed} unreadable"
    if wire.truncated:
        detail += ", the file is cut short"
    if gone:
        detail += f", {gone} files of the ring were overwritten: allow for more `files`"
    if not held:
        detail += ": what left cannot be known"
    return Control(SCENE, "tap_complete", held, float(lost), 0.0, "packets", detail)


def _seen_late_s(seen: Seen, sent: Mapping[bytes, float]) -> float:
    """How late (s) at worst the tap saw a canary, in a scene that makes the network poor."""
    if all(doing.deed is not Deed.NETWORK_POOR for doing in seen.take.script.doings):
        return 0.0
    late_s = (seen.canaries[n] - sent_s for n, sent_s in sent.items() if n in seen.canaries)
    return max(late_s, default=0.0)


def _collected(seen: Seen) -> Control:
    """Whether everything could be stopped and fetched in the end."""
    troubles = seen.take.troubles
    detail = "; ".join(troubles) if troubles else "everything that was recorded was brought home"
    count = float(len(troubles))
    return Control(SCENE, "all_collected", not troubles, count, 0.0, "troubles", detail)
