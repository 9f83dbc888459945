"""What a causal test comes to, as sentences."""

from collections import Counter

from harness.model.cause import Arm, Bound, CauseAnswer, CausePlay, CauseRuling, Effect, Measure
from harness.model.series import PlayKind, StopReason
from harness.report.phrases import count, listing, size, span
from harness.report.series_words import percent


def headline(cause: CauseRuling) -> str:
    """What a person must know of a causal test; `cause.headline` itself is not read."""
    return " ".join(text for text in (_failed(cause), _answer(cause)) if text)


def sentences(cause: CauseRuling) -> tuple[str, ...]:
    """The headline, each effect, which plays there were, and what this does not say."""
    return tuple(
        text
        for text in (
            cause.headline,
            *(_effect(effect) for effect in cause.effects[1:]),
            _bound(cause),
            _plays(cause),
            _left_out(cause),
            _made_again(cause),
            _unsaid(cause),
        )
        if text
    )


def came_of(play: CausePlay) -> str:
    """What one play came to, in a word or two."""
    if play.left_out:
        return "left out"
    if play.kind is PlayKind.FAIL:
        return play.kind.value
    suspected = f"suspected: {' '.join(play.suspected)}" if play.suspected else play.kind.value
    return f"proven: {' '.join(play.proven)}" if play.proven else suspected


def _failed(cause: CauseRuling) -> str:
    """That plays failed by themselves, whatever the test says."""
    failed = [p for p in cause.plays if p.kind in (PlayKind.FAIL, PlayKind.KNOWN, PlayKind.MISSING)]
    if not failed:
        return ""
    return f"{count(len(failed), 'play')} failed without any statistics: {failed[0].headline}"


def _answer(cause: CauseRuling) -> str:
    if cause.answer is CauseAnswer.CAUSED:
        follows = f" This is {listing(cause.classes)}." if cause.classes else _COVERED
        return f"Caused by what was said: {_effect(cause.effects[0])}{follows}"
    if cause.answer is CauseAnswer.NOT_CAUSED:
        return f"Not caused by what was said ({_p(cause)})."
    return f"Not shown: {_why_not(cause)}."


_COVERED = (
    " It was covered by consent, so nothing is proven: take a stimulus that asks for nothing."
)


def _effect(effect: Effect) -> str:
    """Where, how much, how surely."""
    place = effect.place
    delay = f"{span(place.from_s)} to {span(place.until_s)} after the stimulus begins"
    low, high = (_amount(x) for x in (effect.interval.low, effect.interval.high))
    confidence = percent(effect.interval.confidence)
    extra = f"{_amount(effect.extra_bytes)} more a play, {low} to {high} ({confidence} %)"
    if place.measure is Measure.BURSTS:
        extra = f"{effect.extra_bursts:.1f} bursts and {extra}"
    return (
        f"{extra}, to {place.destination}, {delay}; in {effect.above} of {effect.stimulated} plays "
        f"with it more than in any without (p = {effect.p:.2g})."
    )


def _amount(count_bytes: float) -> str:
    return f"-{size(-count_bytes)}" if count_bytes < 0 else size(count_bytes)


def _p(cause: CauseRuling) -> str:
    orders = "all" if cause.exact else str(cause.resamples)
    p = "none" if cause.p is None else f"{cause.p:.2g}"
    return f"p = {p} over {orders} orders, {count(cause.places, 'place')} looked at"


def _why_not(cause: CauseRuling) -> str:
    if cause.stop is not StopReason.PLAYED:
        why = f" ({cause.stopped_by.rstrip('.')})" if cause.stopped_by else ""
        return f"the series did not come to its end, {cause.stop}{why}"
    if cause.p is None:
        left_out = len(cause.plays) - len(cause.counted)
        return f"{left_out} of {count(len(cause.plays), 'play')} showed nothing"
    wanted = size(cause.plan.least_bytes)
    return (
        f"nothing stands out ({_p(cause)}), but a leak of {wanted} would not have been found "
        f"surely; play it more often"
    )


def _bound(cause: CauseRuling) -> str:
    """Which leak would have been found."""
    bound = cause.bound
    if bound is None:
        return ""
    where = f"up to {span(cause.stage.reach_s)} after the stimulus begins"
    if bound.least_bytes is None:
        return f"Among this traffic no leak {where} would have been found surely{_hardest(bound)}."
    return (
        f"A leak of {size(bound.least_bytes)} or more after every stimulus, in a burst of its own, "
        f"to any one destination, {where}, would have been found in "
        f"{percent(cause.plan.power)} % of such series{_hardest(bound)}."
    )


def _hardest(bound: Bound) -> str:
    return f" (hardest: {bound.destination}, {span(bound.delay_s)} after)"


def _plays(cause: CauseRuling) -> str:
    counted = Counter(play.arm for play in cause.counted)
    names = {
        Arm.SAID: "with the stimulus",
        Arm.SILENT: "without it",
        Arm.SHIFTED: f"with it {span(cause.plan.shift_s or 0.0)} later",
    }
    told = [f"{counted[arm]} {names[arm]}" for arm in Arm if counted[arm]]
    if not told:
        return ""
    return f"Counted: {listing(told)}, in an order drawn beforehand (seed {cause.plan.seed})."


def _left_out(cause: CauseRuling) -> str:
    left = [play for play in cause.plays if play.left_out]
    if not left:
        return ""
    which = listing([str(play.number) for play in left])
    return f"Left out: {count(len(left), 'play')} ({which}); the first since {left[0].left_out}"


def _made_again(cause: CauseRuling) -> str:
    """That plays were interrupted, and that others stand in their place."""
    if not cause.made_again:
        return ""
    return (
        f"Interrupted and made again in the same arm: {count(len(cause.made_again), 'play')} "
        f"({listing(cause.made_again)})."
    )


def _unsaid(cause: CauseRuling) -> str:
    """What is still open where nothing was caused."""
    suspected = sorted({cls for play in cause.plays for cls in play.suspected})
    if cause.answer is not CauseAnswer.NOT_CAUSED or not suspected:
        return ""
    stays = "stays" if len(suspected) == 1 else "stay"
    return (
        f"{listing(suspected)} {stays} suspected: what it sends whatever is said may hold the room "
        "all the same. Only light, inbox, history or payload could tell."
    )
