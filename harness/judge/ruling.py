"""One ruling from one timeline: both parts, the known violations, and the sentence on top."""

from dataclasses import dataclass, replace

from harness.judge.account import Account, Sum, account, provocation
from harness.judge.budget import within_budget
from harness.judge.classes import CLASSES
from harness.judge.controls import not_played_out, scene_end_s, watched_s
from harness.judge.controls import reasons as control_reasons
from harness.judge.coverage import Coverage, coverage
from harness.judge.expectations import Wanted, wanted
from harness.judge.facts import Frame, Reason
from harness.judge.frame import Read
from harness.judge.known import compare
from harness.judge.notes import (
    budget_notes,
    by_policy,
    coverage_notes,
    headline,
    notes,
    policy_notes,
)
from harness.judge.rule import values
from harness.judge.sane import check
from harness.judge.stretches import LEAST
from harness.judge.total import Total, strictly, total
from harness.model.case import Case, RigFacts
from harness.model.record import rounded
from harness.model.ruling import Finding, KnownOutcome, Part, Ruling, Verdict, worst
from harness.model.script import Script


@dataclass(frozen=True, slots=True)
class _Judged:
    """The whole judged by one policy."""

    told: Account
    budgeted: tuple[Finding, ...]
    hopes: Wanted
    why: tuple[Reason, ...]
    messages: Verdict
    uploads: Verdict


def judge(case: Case) -> Ruling:
    """Rule on one play of one scene.

    Pure: the same case gives the same ruling, byte for byte, whatever the order of its events.
    Raises `SceneError` or `RigFileError` where script or limits make no sense.
    """
    return judge_stream(case.script, case.rig, lambda: case.events)


def judge_stream(script: Script, rig: RigFacts, read: Read, *, least: int = LEAST) -> Ruling:
    """Rule on a timeline that is too long to be held: the very ruling that `judge` gives.

    `read` gives the events from the first on, the same ones each time it is called: twice, once
    more where messages came with words, once more where stretches belong together. Events that do
    not stand in order of their beginnings are held and sorted. `least`: no stretch but the last has
    fewer events; no ruling depends on it. Raises as `judge` does, and `UserError` where a second
    reading gives more or fewer events than the first.

    Memory is bounded by the script, by what the ruling names (findings, prompts, messages), and by
    the longest stretch. One can end where half a minute (by the default limits) holds nothing but
    talk in the room and a light that does not listen. All between a request that was never
    delivered and a later message without consent is one stretch; so is the whole timeline where
    messages arrive on a rig without source A or I, or under a policy that waives condition 7 or 8.
    """
    check(script, rig)
    whole = total(script, rig, read, least)
    covered = coverage(whole.frame, whole.seen)
    ruled = _judged(whole, whole.frame, whole.by_policy, covered)
    strict = ruled
    if whole.frame.waived:
        strict = _judged(whole, strictly(whole.frame), whole.strictly, covered)
    ruling = rounded(_ruling(whole, covered, ruled, strict))
    # There may be many; their times were rounded as they were read.
    return replace(ruling, prompts_heard=tuple(whole.seen.prompts))


def _judged(whole: Total, frame: Frame, shares: Sum, covered: Coverage) -> _Judged:
    """`frame`: with the policy that the shares were judged by."""
    all_told = account(frame, shares, speech_lost=whole.speech_lost)
    told, budgeted = within_budget(frame, all_told)
    end_s = scene_end_s(frame, whole.seen, told.sessions_end_s)
    broken = control_reasons(frame, whole.seen, end_s, covered)
    hopes = wanted(frame, whole.seen, told, controls_held=not broken)
    why = (*broken, *told.reasons, *hopes.reasons, *not_played_out(frame))
    return _Judged(told, budgeted, hopes, why, _messages(told, hopes, why), _uploads(told, why))


def _ruling(whole: Total, covered: Coverage, ruled: _Judged, strict: _Judged) -> Ruling:
    frame, seen = whole.frame, whole.seen
    told, hopes, why = ruled.told, ruled.hopes, ruled.why
    end_s = scene_end_s(frame, seen, told.sessions_end_s)
    provoked = provocation(told)
    known, gone = compare(
        frame.rig.known_violations,
        told.findings,
        provoked,
        otherwise_failed=bool(hopes.unmet) and not hopes.implied,
        proven=not why,
    )
    verdict = _verdict(known, ruled.messages, ruled.uploads)
    waived = _only_strict(ruled, strict)
    first = headline(frame, seen, told, hopes, why, known, gone)
    return Ruling(
        scene_id=frame.script.id,
        title=frame.script.title,
        device=frame.rig.device,
        firmware=frame.rig.firmware,
        verdict=verdict,
        messages=ruled.messages,
        uploads=ruled.uploads,
        known=known,
        headline=by_policy(frame, first, verdict, waived),
        findings=told.findings,
        unmet=hopes.unmet,
        reasons=tuple(dict.fromkeys(reason.text for reason in why)),
        notes=(
            *notes(frame, told, hopes, known, gone),
            *budget_notes(frame, ruled.budgeted),
            *policy_notes(frame, waived),
            *coverage_notes(covered),
        ),
        controls=frame.controls,
        provoked=provoked.of_its_own or bool(ruled.budgeted),
        scene_s=end_s,
        watched_s=watched_s(frame, end_s),
        bytes_out=_bytes_out(whole),
        messages_received=tuple(seen.recipients),
        prompts_heard=(),
        deeds_done=tuple((d.deed, d.at_s) for d in frame.deeds),
        poor_networks=tuple((d.network, d.at_s) for d in frame.deeds if d.network is not None),
        pre_rolls=tuple(whole.by_policy.pre_rolls),
        classes_observable=covered.whole,
        classes_judged=tuple(CLASSES),
        classes_in_all=len(CLASSES),
        limits=_limits(frame),
        listener=frame.rig.listener,
        coverage=covered.line,
        policy=frame.rig.policy.name,
        strict=worst(strict.messages, strict.uploads) if frame.waived else None,
        waived=waived,
        budgeted=ruled.budgeted,
        inbox_seen=frame.sees("I"),
        messages_judged=frame.sees("I") or frame.rig.sends_messages,
        suspected=told.suspected,
    )


def _only_strict(ruled: _Judged, strict: _Judged) -> tuple[Finding, ...]:
    """What only the whole chain holds against the device."""
    held = set(ruled.told.findings)
    return tuple(f for f in strict.told.findings if f not in held)


def _messages(told: Account, hopes: Wanted, why: tuple[Reason, ...]) -> Verdict:
    failed = bool(hopes.unmet) or bool(told.unconsented) or _any(told.findings, Part.MESSAGES)
    return _part(Part.MESSAGES, failed, why)


def _uploads(told: Account, why: tuple[Reason, ...]) -> Verdict:
    failed = bool(told.orphans) or _any(told.findings, Part.UPLOADS)
    return _part(Part.UPLOADS, failed, why)


def _part(part: Part, failed: bool, why: tuple[Reason, ...]) -> Verdict:
    """Proven, it stays fail whatever else broke; pass only where nothing is in doubt."""
    if failed:
        return Verdict.FAIL
    doubted = any(reason.part in (None, part) for reason in why)
    return Verdict.INCONCLUSIVE if doubted else Verdict.PASS


def _any(findings: tuple[Finding, ...], part: Part) -> bool:
    return any(finding.part is part for finding in findings)


def _verdict(known: KnownOutcome, messages: Verdict, uploads: Verdict) -> Verdict:
    if known is KnownOutcome.VANISHED:
        return Verdict.FAIL
    if known is KnownOutcome.NOT_PROVOKED:
        return worst(messages, uploads, Verdict.INCONCLUSIVE)
    return worst(messages, uploads)


def _bytes_out(whole: Total) -> int:
    if whole.frame.traffic:
        return sum(t.bytes_out for t in whole.frame.traffic)
    return whole.seen.bytes_out


def _limits(frame: Frame) -> tuple[tuple[str, float, str], ...]:
    """Every limit used, with its unit."""
    listed = values(frame.limits)
    if frame.script.watch_s is not None:
        listed = (*listed, ("scene_watch_s", frame.script.watch_s, "s"))
    return listed
