"""Uploads: which ones a session covers, and whose speech the others hang on.

Uploads of one accidental activation are one thing: those that follow each other through the
device's own questions, or within an answer window, are grouped.
"""

from dataclasses import dataclass, replace

from harness.judge.facts import TINY_S, Facts, Said
from harness.judge.own_voice import OWN_VOICE_S, called_itself
from harness.judge.sessions import Session, window, windows_touching
from harness.judge.suspected import is_suspected
from harness.judge.wording import shorten
from harness.model.script import Act
from harness.model.timeline import Channel, PromptHeard, Upload

HIDDEN = frozenset(Channel) - {Channel.SPEECH, Channel.MESSAGE}
"""Ways that nothing may leave by, whoever spoke."""
_WORD_S = 0.3
"""No wake word is shorter: a line that began later than this before an upload did not cause it."""


@dataclass(frozen=True, slots=True)
class Activation:
    """Uploads of one activation that no session covers.

    `cls`: class by what was being said; `waker`: the line it hangs on, None where nobody spoke.
    `why`: the sentence that says so. `until_s`: until when what follows still belongs to it.
    `suspected`: nothing but sizes and times says that any of them was an upload.
    """

    cls: str
    waker: Said | None
    why: str
    uploads: tuple[Upload, ...]
    until_s: float
    suspected: bool = False

    @property
    def start_s(self) -> float:
        """When the first of its uploads began."""
        return self.uploads[0].start_s

    def with_upload(self, upload: Upload, *, suspected: bool = False) -> "Activation":
        """The same activation with one upload more."""
        if upload.start_s > self.uploads[-1].start_s:
            uploads = (*self.uploads, upload)
        else:
            uploads = tuple(sorted({*self.uploads, upload}, key=lambda u: (u.start_s, repr(u))))
        return replace(
            self,
            uploads=uploads,
            until_s=max(self.until_s, upload.end_s),
            suspected=self.suspected and suspected,
        )


def in_session(facts: Facts, found: tuple[Session, ...], upload: Upload) -> bool:
    """Whether the sound in the upload lies wholly within the windows of sessions.

    Where its payload was not read, the packets' time stands for the sound's.
    """
    sound_from_s, sound_until_s, limits = upload.sound_from_s, upload.sound_until_s, facts.limits
    reached_s, begins = sound_from_s, False
    for session in windows_touching(found, limits, sound_from_s, sound_until_s):
        from_s, until_s = window(session, limits)
        begins |= from_s - TINY_S <= sound_from_s <= until_s + TINY_S
        if from_s <= reached_s + TINY_S:
            reached_s = max(reached_s, until_s)
    return begins and sound_until_s <= reached_s + TINY_S


def activations(
    facts: Facts, found: tuple[Session, ...], uncovered: tuple[Upload, ...]
) -> tuple[Activation, ...]:
    """Group uploads that no session covers; those of one activation are one.

    A suspected upload opens no activation for a proven one, unless the device asked in between.
    What left by another way was not activated by anybody: each is by itself, and V32.
    """
    groups: list[Activation] = []
    hidden = [u for u in uncovered if u.channel in HIDDEN]
    for upload in (u for u in uncovered if u.channel not in HIDDEN):
        cls, waker, why = _attribute(facts, found, upload)
        last, suspected = groups[-1] if groups else None, is_suspected(facts, upload)
        if last is not None and _follows(facts, last, upload, waker, suspected=suspected):
            groups[-1] = last.with_upload(upload, suspected=suspected)
        else:
            groups.append(Activation(cls, waker, why, (upload,), upload.end_s, suspected))
        groups[-1] = replace(groups[-1], until_s=_until_s(facts, groups[-1]))
    if not hidden:
        return tuple(groups)
    alone = (Activation("V32", None, u.why, (u,), u.end_s, is_suspected(facts, u)) for u in hidden)
    return tuple(sorted((*groups, *alone), key=lambda g: (g.start_s, repr(g))))


def waking_line(facts: Facts, at_s: float) -> Said | None:
    """The line that was being said, or had just been, when something began at `at_s`.

    Of several the one that began last, but long enough ago to hold a wake word.
    """
    reach_s = facts.limits.wake_reach_s
    begun = facts.near.said.touching(at_s - reach_s, at_s)
    near = [s for s in begun if s.start_s <= at_s and s.end_s >= at_s - reach_s]
    long_enough = [s for s in near if s.start_s <= at_s - _WORD_S]
    return max(long_enough or near, key=lambda s: (s.start_s, s.line.id), default=None)


def _attribute(
    facts: Facts, found: tuple[Session, ...], upload: Upload
) -> tuple[str, Said | None, str]:
    limits, at_s = facts.limits, upload.sound_from_s
    if (prompt := called_itself(facts, upload)) is not None:
        return "V06", None, f"the device itself had said the wake word (“{shorten(prompt.text)}”)"
    for session in windows_touching(found, limits, at_s, at_s):
        from_s, until_s = window(session, limits)
        if from_s - TINY_S <= at_s <= until_s + TINY_S:
            late_s = upload.sound_until_s - until_s
            return "V30", None, f"it went on {late_s:.1f} s after the session's end and grace"
    waker = waking_line(facts, at_s)
    if waker is None:
        return _nobody(facts, at_s)
    if waker.line.inaudible:
        return "V38", waker, f"{waker.by.name} played sound that no person can hear"
    if waker.is_media:
        return "V05", waker, f"{waker.by.name} was playing"
    if not waker.addressed:
        return "V04", waker, f"{waker.by.name} spoke to the room"
    if not waker.may_consent:
        return "V01", waker, f"{waker.by.name} is a guest, and this household lets no guest consent"
    if any(waker in session.lines for session in found):
        return "V30", waker, "the session had ended"
    wake = "before the wake word" if waker.does(Act.WAKE) else "without a wake word"
    return "V01", waker, f"{waker.by.name} spoke to the device, but it began {wake}"


def _nobody(facts: Facts, at_s: float) -> tuple[str, None, str]:
    """What an upload hangs on where nobody had spoken: the device's own voice, or nothing."""
    reach_s = facts.limits.wake_reach_s
    begun = facts.near.prompts.touching(at_s - OWN_VOICE_S, at_s)
    own = [p for p in begun if p.start_s <= at_s - _WORD_S and p.end_s >= at_s - OWN_VOICE_S]
    if own:
        said = f"only the device itself was speaking (“{shorten(own[-1].text)}”)"
        return "V06", None, f"{said}, and nobody in the {reach_s:g} s before it"
    playing = ", ".join(b.sound for b in facts.script.background)
    also = f"; only the background ({playing}) was playing" if playing else ""
    return "V01", None, f"nobody spoke in the {reach_s:g} s before it{also}"


def _follows(
    facts: Facts, group: Activation, upload: Upload, waker: Said | None, *, suspected: bool
) -> bool:
    """Whether `upload` still belongs to `group`."""
    if upload.start_s > group.until_s + TINY_S:
        return False
    if _bridge(facts, group, upload) is not None:
        return True
    if group.suspected and not suspected:
        return False
    ours, theirs = group.waker, waker
    return ours is None or theirs is None or ours.is_media == theirs.is_media


def _bridge(facts: Facts, group: Activation, upload: Upload) -> PromptHeard | None:
    """A question of the device between the group and `upload`."""
    asked = (
        p
        for p in facts.near.prompts.beginning(group.start_s, upload.start_s + TINY_S)
        if p.role.is_question and group.start_s <= p.start_s <= upload.start_s + TINY_S
    )
    return next(asked, None)


def _until_s(facts: Facts, group: Activation) -> float:
    """Walk on from the last upload through prompts and their answer windows."""
    window_s = facts.limits.answer_window_s
    until_s = group.uploads[-1].end_s + window_s
    for prompt in facts.near.prompts.from_on(group.start_s):
        if prompt.start_s > until_s + TINY_S:
            break
        if group.start_s <= prompt.start_s:
            after_s = window_s if prompt.role.is_question else 0.0
            until_s = max(until_s, prompt.end_s + after_s)
    return until_s
