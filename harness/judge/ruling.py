"""One ruling from one case: both parts, the known violations, and the sentence on top."""

from dataclasses import dataclass, replace

from harness.judge.account import Account, account, provocation
from harness.judge.budget import within_budget
from harness.judge.classes import CLASSES
from harness.judge.controls import not_played_out, scene_end_s, watched_s
from harness.judge.controls import reasons as control_reasons
from harness.judge.coverage import Coverage, coverage
from harness.judge.expectations import Wanted, wanted
from harness.judge.facts import Facts, Reason, gather
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
from harness.model.case import Case, Policy
from harness.model.record import rounded
from harness.model.ruling import Finding, KnownOutcome, Part, Ruling, Verdict, worst


@dataclass(frozen=True, slots=True)
class _Judged:
    """The facts judged by one policy."""

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
    facts = gather(case)
    covered = coverage(facts)
    ruled = _judged(facts, covered)
    strict = _judged(_strictly(facts), covered) if facts.waived else ruled
    return rounded(_ruling(facts, covered, ruled, strict))


def _strictly(facts: Facts) -> Facts:
    return replace(facts, rig=replace(facts.rig, policy=Policy()))


def _judged(facts: Facts, covered: Coverage) -> _Judged:
    whole = account(facts)
    told, budgeted = within_budget(facts, whole)
    broken = control_reasons(facts, told.sessions, covered)
    hopes = wanted(facts, told.sessions, told.consents, controls_held=not broken)
    why = (*broken, *told.reasons, *hopes.reasons, *not_played_out(facts))
    return _Judged(told, budgeted, hopes, why, _messages(told, hopes, why), _uploads(told, why))


def _ruling(facts: Facts, covered: Coverage, ruled: _Judged, strict: _Judged) -> Ruling:
    told, hopes, why = ruled.told, ruled.hopes, ruled.why
    provoked = provocation(facts, told)
    known, gone = compare(
        facts.rig.known_violations,
        told.findings,
        provoked,
        otherwise_failed=bool(hopes.unmet) and not hopes.implied,
        proven=not why,
    )
    verdict = _verdict(known, ruled.messages, ruled.uploads)
    waived = tuple(f for f in strict.told.findings if f not in told.findings)
    first = headline(facts, told, hopes, why, known, gone)
    return Ruling(
        scene_id=facts.script.id,
        title=facts.script.title,
        device=facts.rig.device,
        firmware=facts.rig.firmware,
        verdict=verdict,
        messages=ruled.messages,
        uploads=ruled.uploads,
        known=known,
        headline=by_policy(facts, first, verdict, waived),
        findings=told.findings,
        unmet=hopes.unmet,
        reasons=tuple(dict.fromkeys(reason.text for reason in why)),
        notes=(
            *notes(facts, told, hopes, known, gone),
            *budget_notes(facts, ruled.budgeted),
            *policy_notes(facts, waived),
            *coverage_notes(covered),
        ),
        controls=facts.controls,
        provoked=provoked.of_its_own or bool(ruled.budgeted),
        scene_s=scene_end_s(facts, told.sessions),
        watched_s=watched_s(facts, told.sessions),
        bytes_out=_bytes_out(facts),
        messages_received=tuple(m.recipient for m in facts.messages),
        prompts_heard=tuple((p.text, p.start_s) for p in facts.prompts),
        deeds_done=tuple((d.deed, d.at_s) for d in facts.deeds),
        classes_observable=covered.whole,
        classes_judged=tuple(CLASSES),
        classes_in_all=len(CLASSES),
        limits=_limits(facts),
        listener=facts.rig.listener,
        coverage=covered.line,
        policy=facts.rig.policy.name,
        strict=worst(strict.messages, strict.uploads) if facts.waived else None,
        waived=waived,
        budgeted=ruled.budgeted,
    )


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


def _bytes_out(facts: Facts) -> int:
    if facts.traffic:
        return sum(t.bytes_out for t in facts.traffic)
    return sum(u.bytes_out for u in facts.uploads)


def _limits(facts: Facts) -> tuple[tuple[str, float, str], ...]:
    """Every limit used, with its unit."""
    listed = values(facts.limits)
    if facts.script.watch_s is not None:
        listed = (*listed, ("scene_watch_s", facts.script.watch_s, "s"))
    return listed
