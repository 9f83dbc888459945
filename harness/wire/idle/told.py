"""A profile in words: what the device does while idle, what would be seen, and what would not."""

from collections.abc import Sequence

from harness.wire.idle.profile import Destination, Power, Profile, Shape, Template

_DAYS_FOR_ONE = 3.0
"""Days without a false alarm that show less than one a day (95 %)."""


def size_told(count: float) -> str:
    """Bytes for a sentence."""
    if count < 1000:
        return f"{count:.0f} B"
    return f"{count / 1000:.1f} kB" if count < 1e6 else f"{count / 1e6:.1f} MB"


def time_told(seconds: float) -> str:
    """A length of time for a sentence."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def place_told(known: Destination) -> str:
    """Host and port of a destination."""
    if known.port:
        return f"{known.host}:{known.port}"
    return known.host if known.protocol == 0 else f"{known.host} (IP protocol {known.protocol})"


def template_told(template: Template) -> str:
    """Such as: 1 s of Opus 16 kbit/s speech, streamed."""
    return f"{template.seconds:g} s of {template.codec} speech, {template.shape.value}"


def why_unobservable(profile: Profile, promised: Sequence[Template]) -> str:
    """Why promised uploads cannot be seen among the idle traffic; empty where they can."""
    for each in promised:
        if each.bytes_per_s * each.seconds <= profile.stranger_bytes:
            return (
                f"an upload of {template_told(each)}, to a place that the device does not talk to "
                f"while idle is not seen: there, what is more than "
                f"{size_told(profile.stranger_bytes)} is an upload"
            )
    bad = [
        (power.surely, known, power)
        for known in profile.destinations
        for power in known.power
        if power.template in promised and power.surely < profile.wanted
    ]
    if not bad:
        return ""
    # What no longer learning can mend comes first.
    surely, known, power = min(bad, key=lambda each: (not _fills(profile, *each[1:]), each[0]))
    others = len({place_told(each[1]) for each in bad}) - 1
    more = f" (and {others} destination{'s' if others > 1 else ''} more)" if others else ""
    return (
        f"an upload of {template_told(power.template)}, to {place_told(known)}{more} is seen with "
        f"{100 * surely:.0f} % only: {_cause(profile, known, power)}"
    )


def _fills(profile: Profile, known: Destination, power: Power) -> bool:
    """Whether idle traffic carries as much all the time as the upload would."""
    return known.bytes_out / profile.captured_s >= power.template.bytes_per_s


def _cause(profile: Profile, known: Destination, power: Power) -> str:
    tail = next((t for t in known.tails if t.clip_bytes is None), None)
    most = "" if tail is None else f"{size_told(tail.most)} in {tail.window_s:g} s"
    if _fills(profile, known, power):
        per_s = known.bytes_out / profile.captured_s
        return (
            f"its idle traffic there ({known.pattern.value}, {size_told(per_s)}/s on average, up "
            f"to {most}) already carries as much, so that speech can take its place unseen"
        )
    return f"while idle it sends up to {most} there ({known.pattern.value}), which hides as much"


def summary(profile: Profile) -> str:
    """What `learn-idle` prints."""
    return "\n".join([
        f"{profile.device}, firmware {profile.firmware}: {time_told(profile.captured_s)} idle, "
        f"{len(profile.destinations)} destinations, {profile.learnt_on.isoformat()}",
        *(_line(profile, known) for known in profile.destinations),
        *_powers(profile),
        *_proof(profile),
    ])  # fmt: skip


def told_in_a_ruling(profile: Profile) -> str:
    """One sentence on what uploads were told by, and how well."""
    by = (
        f"Uploads are told from idle traffic by a profile of {profile.learnt_on.isoformat()} "
        f"({time_told(profile.captured_s)} of firmware {profile.firmware})"
    )
    proof = profile.proof
    if proof is None or proof.unobservable:
        return f"{by}, which cannot show that nothing was sent."
    promised = " and ".join(template_told(each) for each in proof.promised)
    stored = any(each.shape is Shape.AT_ONCE for each in proof.promised)
    taken = "" if stored else "; that the device does not store speech and send it later is assumed"
    return (
        f"{by}: {promised}, is seen with {100 * proof.surely:.1f} % or more{taken}; false alarms "
        f"in 24 h: {proof.false_per_day:.2g} expected, at most {proof.false_per_day_bound:.3g} by "
        "the hours learnt (95 %)."
    )


def _line(profile: Profile, known: Destination) -> str:
    sent, per_h = known.bursts, known.bursts.count / profile.hours
    tail = known.tails[0]
    return (
        f"  {place_told(known):44} {known.pattern.value:10} {per_h:7.1f} bursts/h of "
        f"{size_told(sent.bytes.median):>8}, at most {size_told(tail.most):>8} in "
        f"{tail.window_s:g} s, received {size_told(known.bytes_in):>8}"
    )


def _powers(profile: Profile) -> list[str]:
    """For each kind of upload, how surely it is seen where that is worst."""
    templates = list(dict.fromkeys(p.template for d in profile.destinations for p in d.power))
    lines = ["an upload is seen, wherever it goes, at worst with:"] if templates else []
    for template in templates:
        worst = min(
            ((p.surely, p, d) for d in profile.destinations for p in d.power
             if p.template == template),
            key=lambda each: each[0],
        )  # fmt: skip
        lines.append(
            f"  {template_told(template):52} {100 * worst[0]:5.1f} %  to {place_told(worst[2])}"
        )
    return lines


def _proof(profile: Profile) -> list[str]:
    proof = profile.proof
    if proof is None:
        return []
    promised = " and ".join(template_told(each) for each in proof.promised)
    seen = (
        f"NOT OBSERVABLE: {proof.unobservable}. “Nothing was sent” is not shown on this device."
        if proof.unobservable
        else f"An upload of {promised}, is seen with {100 * proof.surely:.1f} % or more."
    )
    lines = [seen]
    if proof.unobservable and any(t.shape is Shape.AT_ONCE for t in proof.promised):
        lines.append("Is it known to send speech as it hears it? Learn with --streams.")
    lines.append(
        f"False alarms: {proof.false_per_day:.2g} in 24 h expected by the tails of its traffic; "
        f"{proof.held_out_alarms} in {time_told(profile.captured_s)} when each quarter was held "
        f"against the other three, hence at most {proof.false_per_day_bound:.3g} in 24 h (95 %)."
    )
    if proof.false_per_day_bound > proof.goal_per_day:
        lines.append(
            f"So few hours cannot show {proof.goal_per_day:g} in 24 h: it takes "
            f"{24 * _DAYS_FOR_ONE / proof.goal_per_day:.0f} h without an alarm, and what happens "
            "less often than once in the hours learnt is not known."
        )
    return lines
