"""One ruling from one case: both parts, the known violations, and the sentence on top."""

from dataclasses import fields

from harness.judge.account import Account, account, provocation
from harness.judge.classes import CLASSES, judged_classes, observable
from harness.judge.controls import not_played_out, scene_end_s, watched_s
from harness.judge.controls import reasons as control_reasons
from harness.judge.expectations import ANSWERED_WITHIN_S, Wanted, wanted
from harness.judge.facts import Facts, Reason, gather
from harness.judge.known import compare
from harness.judge.notes import headline, notes
from harness.model.case import Case
from harness.model.record import rounded
from harness.model.ruling import Finding, KnownOutcome, Part, Ruling, Verdict, worst

_UNITS = {"heard_score": "", "clock_ms": "ms", "plays": "plays"}


def judge(case: Case) -> Ruling:
    """Rule on one play of one scene.

    Pure: the same case gives the same ruling, byte for byte, whatever the order of its events.
    Raises `SceneError` or `RigFileError` where script or limits make no sense.
    """
    facts = gather(case)
    told = account(facts)
    broken = control_reasons(facts, told.sessions)
    hopes = wanted(facts, told.sessions, told.consents, controls_held=not broken)
    why = (*broken, *told.reasons, *hopes.reasons, *not_played_out(facts))
    messages = _messages(told, hopes, why)
    uploads = _uploads(told, why)
    provoked = provocation(facts, told)
    known, gone = compare(
        facts.rig.known_violations,
        told.findings,
        provoked,
        otherwise_failed=bool(hopes.unmet) and not hopes.implied,
        proven=not why,
    )
    verdict = _verdict(known, messages, uploads)
    return rounded(
        Ruling(
            scene_id=facts.script.id,
            title=facts.script.title,
            device=facts.rig.device,
            firmware=facts.rig.firmware,
            verdict=verdict,
            messages=messages,
            uploads=uploads,
            known=known,
            headline=headline(facts, told, hopes, why, known, gone),
            findings=told.findings,
            unmet=hopes.unmet,
            reasons=tuple(dict.fromkeys(reason.text for reason in why)),
            notes=notes(facts, told, hopes, known, gone),
            controls=facts.controls,
            provoked=provoked.of_its_own,
            scene_s=scene_end_s(facts, told.sessions),
            watched_s=watched_s(facts, told.sessions),
            bytes_out=_bytes_out(facts),
            messages_received=tuple(m.recipient for m in facts.messages),
            prompts_heard=tuple((p.text, p.start_s) for p in facts.prompts),
            deeds_done=tuple((d.deed, d.at_s) for d in facts.deeds),
            classes_observable=_observable(facts),
            classes_judged=judged_classes(),
            classes_in_all=len(CLASSES),
            limits=_limits(facts),
            listener=facts.rig.listener,
        )
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


def _observable(facts: Facts) -> tuple[str, ...]:
    return tuple(cls for cls in judged_classes() if observable(cls, facts.rig.sources))


def _limits(facts: Facts) -> tuple[tuple[str, float, str], ...]:
    """Every limit used, with its unit."""
    listed = [
        (field.name, float(getattr(facts.limits, field.name)), _UNITS.get(field.name, "s"))
        for field in fields(facts.limits)
    ]
    if facts.script.watch_s is not None:
        listed.append(("scene_watch_s", facts.script.watch_s, "s"))
    return (*listed, ("answered_within_s", ANSWERED_WITHIN_S, "s"))
