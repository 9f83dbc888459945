"""Conditions 5 and 12: somebody dictated the message, and it is what was dictated."""

from harness.judge.answer import wake_words, word_error_rate, words
from harness.judge.attempt import Attempt
from harness.judge.decisive import left_out, other_decisive
from harness.judge.facts import TINY_S, Said
from harness.judge.findings import also, on_line, on_nothing, on_prompt
from harness.judge.wording import sound_text, span_text
from harness.model.case import Sense
from harness.model.ruling import Finding
from harness.model.script import Act
from harness.model.timeline import MessageReceived

OTHER_WORDS = 0.7
"""A sound whose words differ from the dictation by more than this word error rate is another."""
SURE_S = 2.0
"""More than this (s) beyond the dictation and its margins cannot be an end-pointing pause."""
_NOTHING_S = 0.1
"""A sound that is shorter holds no word."""
_PAUSES_S = 0.75
"""So much (s) of a dictation may be the silence at its ends and between its words."""
_RUN = 3
"""So many words in a row, not dictated but of another line, are that line and no misreading."""
_SHORT = 3
"""Words of up to so many letters stand in every sentence: one alone proves no other line."""


def dictated(attempt: Attempt) -> list[Finding]:
    """Conditions 5 and 12: somebody dictated it, and it is what was dictated."""
    context = attempt.context
    message, lines = context.message, attempt.dictated
    if not lines:
        detail = f"{sound_text(message)} of the room were sent"
        if message.audio_s is not None:
            detail = f"{message.audio_s:.1f} s of the room were sent"
        cause = "nobody dictated a message"
        return [also(on_nothing(context.facts, "V25", message.at_s, cause, detail), condition=5)]
    found: list[Finding] = []
    if attempt.confirm is not None and lines[0].start_s > attempt.confirm.start_s:
        cause = "confirmed before the message was dictated"
        found.append(on_line(context.facts, "V14", attempt.confirm, cause))
    return found + _read_back_after(attempt, lines) + _as_dictated(attempt, lines)


def _as_dictated(attempt: Attempt, lines: tuple[Said, ...]) -> list[Finding]:
    """Whether it is what was dictated: all of it, or what was said once the device had asked for
    the message again.
    """
    again = attempt.dictated_again
    found = _payload(attempt, again or lines)
    if again and found and not _payload(attempt, lines):
        return []
    return found


def _read_back_after(attempt: Attempt, lines: tuple[Said, ...]) -> list[Finding]:
    """Condition 6 comes after 5: who says yes has heard what becomes of what was dictated. What is
    added once it was read back may belong to the message, so that nothing is proven.
    """
    prompt = attempt.read_back
    last = lines[-1] if attempt.sure else lines[0]
    if prompt is None or last.start_s <= prompt.start_s + TINY_S:
        return []
    cause = "read back before the message was dictated"
    return [on_prompt(attempt.context.facts, "V14", prompt, cause)]


def _payload(attempt: Attempt, lines: tuple[Said, ...]) -> list[Finding]:
    """What it holds against what was dictated: by span where known, else by length; by words."""
    message = attempt.context.message
    if message.audio_s is None:
        return _text(attempt, lines)
    if message.holds_from_s is not None and message.holds_until_s is not None:
        found = _span(attempt, lines, message.holds_from_s, message.holds_until_s)
    else:
        found = _length(attempt, lines, message.audio_s)
    found = found or _lacking(attempt, lines, message.audio_s)
    found = found or _other_lines(attempt, lines, message.transcript or "", run=_RUN)
    return found or _other_words(attempt, lines, message.transcript or "")


def _lacking(attempt: Attempt, lines: tuple[Said, ...], audio_s: float) -> list[Finding]:
    """V25 where the sound is shorter than what was dictated: surely where most of it is missing.

    A line that does other things too counts from where its words begin, where that is known.
    """
    facts = attempt.context.facts
    told = [line.end_s - _begins_s(line)[0] for line in lines if _begins_s(line)[1]]
    missing_s = sum(told) - audio_s
    if audio_s < _NOTHING_S or audio_s < sum(told) / 2:
        cause = "most of what was dictated is not in the message"
    elif attempt.sure and missing_s > _PAUSES_S:
        cause = "the message is shorter than what was dictated, and what it lacks is not known"
    else:
        return []
    detail = f"{audio_s:.1f} s sent, {sum(told):.1f} s dictated"
    measured = (("sent_s", audio_s, "s"), ("dictated_s", sum(told), "s"))
    return [also(on_line(facts, "V25", lines[-1], cause, detail), measured=measured)]


def _other_words(attempt: Attempt, lines: tuple[Said, ...], text: str) -> list[Finding]:
    """V25 where a sound came with words that are plainly not those dictated.

    The words are what a recogniser made of the sound, which mishears and writes numbers and
    contractions its own way: so most of them must differ.
    """
    if not words(text):
        return []
    rate = word_error_rate(_said(lines), text)
    if rate <= OTHER_WORDS or _ends_alike(attempt, lines, text):
        return []
    cause, detail = "the message is not what was dictated", f"word error rate {rate:.2f}"
    finding = on_line(attempt.context.facts, "V25", lines[-1], cause, detail)
    return [also(finding, measured=(("word_error_rate_found", rate, ""),))]


def _span(
    attempt: Attempt, lines: tuple[Said, ...], from_s: float, until_s: float
) -> list[Finding]:
    """V23, V24, V25: the span of room audio in the message against that of the dictation."""
    facts, message = attempt.context.facts, attempt.context.message
    begins_s, known = _begins_s(lines[0])
    ends_s = max(line.end_s for line in lines)
    margin_s = facts.limits.payload_margin_s + TINY_S
    holds = f"it holds {span_text(from_s, until_s)}; dictated {span_text(begins_s, ends_s)}"
    early_s, late_s = begins_s - from_s, until_s - ends_s
    measured = (("early_s", early_s, "s"), ("late_s", late_s, "s"))
    if until_s <= begins_s or from_s >= ends_s:
        found = [on_line(facts, "V25", lines[-1], "the message is not the dictation", holds)]
    else:
        found = []
        if early_s > margin_s:
            cause = "the message begins before the dictation"
            found.append(on_line(facts, "V23", lines[0], cause, holds))
        elif not known and attempt.sure:
            cause = "when the dictated words began is not known"
            found.append(on_line(facts, "V23", lines[0], cause, holds))
        if late_s > margin_s:
            cause = "the message runs on after the dictation"
            found.append(on_line(facts, "V24", lines[-1], cause, holds))
        if attempt.sure and known and max(-early_s, -late_s) > 2 * margin_s:
            cause = "the message lacks the beginning or the end of the dictation"
            found.append(on_line(facts, "V25", lines[-1], cause, holds))
        if attempt.sure and _is_cut(message, until_s - from_s, 2 * margin_s):
            cause = "what is missing from the middle of the message is not known"
            found.append(on_line(facts, "V25", lines[-1], cause, holds))
    return [also(each, measured=measured) for each in found]


def _is_cut(message: MessageReceived, span_s: float, margin_s: float) -> bool:
    """Whether a message is so much shorter than its span that parts of this are not in it."""
    return message.audio_s is not None and span_s - message.audio_s > margin_s


def _begins_s(line: Said) -> tuple[float, bool]:
    """When the dictated words begin, and whether that is known."""
    if line.spoken.dictated_from_s is not None:
        return line.spoken.dictated_from_s, True
    return line.start_s, set(line.line.acts) == {Act.DICTATE}


def _length(attempt: Attempt, lines: tuple[Said, ...], audio_s: float) -> list[Finding]:
    """V24 by length alone: seconds more than was dictated."""
    facts = attempt.context.facts
    said_s = sum(s.end_s - s.start_s for s in lines)
    over_s = audio_s - said_s - 2 * facts.limits.payload_margin_s
    if over_s > SURE_S:
        cause = "the message holds more than was dictated"
    elif attempt.sure and facts.tells(Sense.PAYLOAD):
        cause = "what it holds was not read"
    else:
        return []
    detail = f"{audio_s:.1f} s sent, {said_s:.1f} s dictated; before or after it"
    measured = (("sent_s", audio_s, "s"), ("dictated_s", said_s, "s"), ("over_s", over_s, "s"))
    return [also(on_line(facts, "V24", lines[-1], cause, detail), measured=measured)]


def _text(attempt: Attempt, lines: tuple[Said, ...]) -> list[Finding]:
    """V25 by words; V23 and V24 where words of another line stand in it."""
    context, message = attempt.context, attempt.context.message
    if message.transcript is None and not attempt.sure:
        return []  # neither sound nor text is known: not proven to be something else
    text = message.transcript or ""
    rate = word_error_rate(_said(lines), text)
    others = _other_lines(attempt, lines, text, run=1 if attempt.sure else 2)
    alike = rate <= context.facts.limits.word_error_rate
    if alike or _ends_alike(attempt, lines, text):
        return others or _turned(attempt, lines, text, whole=alike)
    cause, detail = "the text is not what was dictated", f"word error rate {rate:.2f}"
    finding = on_line(context.facts, "V25", lines[-1], cause, detail)
    return [*others, also(finding, measured=(("word_error_rate_found", rate, ""),))]


def _turned(attempt: Attempt, lines: tuple[Said, ...], text: str, *, whole: bool) -> list[Finding]:
    """What a text of the right words may mean otherwise: in doubt, since a recogniser wrote it.

    `whole`: it is alike to all that was said, else only to its end.
    """
    if not attempt.sure:
        return []
    facts, said = attempt.context.facts, _said(lines)
    lost: tuple[str, ...] = ()
    if not whole:
        wake = tuple(w for s in lines if s.does(Act.WAKE) for w in wake_words(s.line.says))
        named = " ".join([attempt.context.message.recipient, *(s.line.names or "" for s in lines)])
        lost = left_out(said, text, wake, named)
        said = " ".join(said.split()[-len(text.split()) :])
    turned = other_decisive(said, text, facts.script.household.contacts)
    if not lost and not turned:
        return []
    what = "may lack dictated words" if lost else "differs in a word that turns it"
    return [on_line(facts, "V25", lines[-1], f"the text {what} (“{' '.join(lost or turned)}”)")]


def _said(lines: tuple[Said, ...]) -> str:
    return " ".join(s.line.says for s in lines)


def _ends_alike(attempt: Attempt, lines: tuple[Said, ...], text: str) -> bool:
    """Whether a line that also wakes or requests ends in the text: "..., saying I am late"."""
    said = _said(lines)
    mixed = any(len(s.line.acts) > 1 for s in lines)
    count = len(text.split())
    tail = " ".join(said.split()[-count:]) if count else ""
    most = attempt.context.facts.limits.word_error_rate
    return mixed and count > 0 and word_error_rate(tail, text) <= most


def _other_lines(
    attempt: Attempt, lines: tuple[Said, ...], text: str, *, run: int
) -> list[Finding]:
    """V23 and V24: words of another line in the message, the line before or after the dictation.

    A run of `run` words that were not dictated in that order, the wake word, or (where a run of
    two proves it) one longer word that only the other line has.
    """
    facts, found = attempt.context.facts, dict[str, Finding]()
    sent = words(text)
    if not sent:
        return []
    own = words(_said(lines))
    for line in lines:
        wake = wake_words(line.line.says) if line.does(Act.WAKE) else ()
        if wake and _runs(wake, sent):
            cause = "the message holds the wake word"
            found["V23"] = on_line(facts, "V23", line, cause)
    mine = [line.spoken for line in lines]
    for other in facts.lines:
        if other.spoken in mine or other.line.inaudible:
            continue
        alien = _alien(sent, own, other, run)
        if not alien:
            continue
        before = other.start_s < lines[0].start_s
        cls, place = ("V23", "before") if before else ("V24", "after")
        cause = f"the message holds words from {place} the dictation"
        finding = on_line(facts, cls, other, cause, f"“{' '.join(alien)}” stands in it")
        found.setdefault(cls, finding)
    return list(found.values())


def _alien(sent: tuple[str, ...], own: tuple[str, ...], other: Said, run: int) -> tuple[str, ...]:
    """Words in a message that stem from `other` and were not dictated; none where not sure."""
    theirs = words(other.line.says)
    wake = wake_words(other.line.says) if other.does(Act.WAKE) else ()
    if wake and _runs(wake, sent) and not _runs(wake, own):
        return wake
    for start in range(len(sent) - run + 1):
        some = sent[start : start + run]
        if _runs(some, theirs) and not _runs(some, own):
            return some
    if run > 2:
        return ()
    single = [w for w in sent if len(w) > _SHORT and w in theirs and w not in own]
    return tuple(single[:1])


def _runs(some: tuple[str, ...], text: tuple[str, ...]) -> bool:
    """Whether `some` stands in `text` in one piece."""
    size = len(some)
    return any(text[i : i + size] == some for i in range(len(text) - size + 1))
