"""Control events: for each thing that must be proven, whether it was, and by what figure."""

from collections.abc import Mapping

import numpy as np

from harness.account.owner import Owner
from harness.bench.ports.sound import SoundLoss
from harness.errors import RigError
from harness.model.script import Deed, deed_in_words
from harness.model.timeline import Control
from harness.stage.calibrated import calibration_holds
from harness.stage.controls import CLOSING, OPENING
from harness.stage.deeds import SHOWN_WITHIN_S, Done, shown
from harness.stage.device_facts import kept_up, listened
from harness.stage.listening_facts import SCENE, microphone_sound, stimulus_subtracted
from harness.stage.round_facts import ROUND, round_facts
from harness.stage.seen import Seen
from harness.stage.session import Take
from harness.stage.shared_facts import shared_events
from harness.stage.sound_clocks import sound_clocks
from harness.stage.tap_clock import tap_clock

_DEAD_S = 0.002
_TAP_LATE_S = 0.1
_OF_SOURCE = {"one_clock": "N", "tap_canary": "N", "tap_complete": "N", "inbox_canary": "I"}
DEEDS_DONE = "deeds_done"
ACCOUNT_ASKED = "account_asked"
PAYLOAD_READ = "payload_read"
PROXY_WHOLE = "proxy_whole"
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
    proxy: bool = False,
    absent: frozenset[str] = frozenset(),
) -> tuple[tuple[str, str], ...]:
    """(phase, name) of every control that must be there and hold, for a pass.

    `deeds`: whether something is done to the device in the scene. `payload`: whether what it sends
    is read. `account`: whether the account is asked. `proxy`: whether one stands between the device
    and its server. `absent`: letters of the sources that the rig has not; a control of those proves
    nothing that anybody could then claim.
    """
    rounds = tuple((phase, name) for phase in (OPENING, CLOSING) for name in ROUND)
    in_scene = (*IN_SCENE, DEEDS_DONE) if deeds else IN_SCENE
    in_scene = (*in_scene, PAYLOAD_READ) if payload else in_scene
    in_scene = (*in_scene, ACCOUNT_ASKED) if account else in_scene
    in_scene = (*in_scene, PROXY_WHOLE) if proxy else in_scene
    every = rounds + tuple((SCENE, name) for name in in_scene)
    return tuple((phase, name) for phase, name in every if _can_be(name, absent))


def _can_be(name: str, absent: frozenset[str]) -> bool:
    return not absent.intersection(_OF_SOURCE.get(name, ""))


def control_facts(seen: Seen) -> list[Control]:
    """Every control of a play. Those that were never tried are not there, and so do not hold."""
    facts: list[Control] = []
    for proof in seen.take.proofs:
        facts += round_facts(seen, proof)
    facts += [_lines(seen), _gaps(seen), microphone_sound(seen.subtraction)]
    facts += [stimulus_subtracted(seen.subtraction), _capture(seen)]
    facts += [_collected(seen), kept_up(seen.take), listened(seen.take, seen.at)]
    facts += calibration_holds(seen.take)
    facts += sound_clocks(seen.take)
    facts += tap_clock(seen.take.tap_report, seen.take.rig.file.limits.clock_ms)
    facts += shared_events(seen.take, seen.clock, seen.canaries)
    if seen.take.script.doings:
        facts.append(_deeds(seen))
    if seen.take.owner is not None:
        facts.append(_asked(seen.take.owner))
    return [fact for fact in facts if _can_be(fact.name, seen.take.rig.untried)]


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
