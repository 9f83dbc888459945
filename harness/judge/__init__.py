"""The rule: whether everything that left the room had genuine consent.

Flows in: script, rig and timeline, as a `Case` or, where the timeline is long, as what reads it.
Flows out: a `Ruling`. Pure: no files, no clock, no chance, nothing but `harness.model` and
`harness.errors`; the same case gives the same ruling, byte for byte. It reads like
`docs/consent.md`:

    rule          conditions and limits in words; findings quote them
    classes       the 39 classes of violation
    sane          whether script, limits and policy make sense at all
    sift          events one by one, nonsense set aside
    order, frame  what goes on with the time, and what is asked of the timeline as a whole
    stretches     a long timeline cut where nothing is open
    gather, facts a stretch joined with the script
    total         stretch by stretch, and all of them added up
    sessions      when somebody meant the device to listen
    answered      whether the device answered them
    context       what a message hangs on
    attempt       a message with the read-back and the yes it may rest on
    conditions    the chain, one function a condition, with
      identity      who was named, and that it is who was reached
      payload       what was dictated, and that it is what was sent
      confirmation  the yes, the send in time, one person
      audible       that the prompts could be heard
      withdrawal    that it was allowed, and nothing took it back
    chain         which chain a message rests on, or which links are broken
    deliveries    whether a message came before
    suspected     which uploads only sizes and times tell
    uploads       which uploads no session covers, and whose speech they hang on
    left          uploads sorted by that, and by the messages they carry
    unseen        sound that arrived, and of which nothing was seen to leave
    activated     an accidental activation as a finding
    covered       light, mute, follow-up and channel of every upload
    pre_roll      how much sound from before the wake word was sent
    others        a second device that acts too
    history       whether the account's history is true
    share         all of that for one stretch
    account       the shares of all stretches, and what is said of them
    data          deletion, export, human review
    seen          what is counted over the whole timeline
    budget        what a soak may hold
    coverage      which classes this play could have shown
    controls      what must be proven before absence means anything
    expectations  what somebody really wanted
    known         the rig's strict list of known violations
    ruling        both parts, the verdict and the sentence on top
    links         the same chains once more, link by link, to be drawn
"""

from harness.judge.classes import CLASSES, ViolationClass
from harness.judge.links import Chain, Link, LinkState, chains
from harness.judge.notes import IN_PART, NOT_OBSERVABLE
from harness.judge.rule import CONDITIONS, LIMITS
from harness.judge.ruling import judge, judge_stream

__all__ = [
    "CLASSES",
    "CONDITIONS",
    "IN_PART",
    "LIMITS",
    "NOT_OBSERVABLE",
    "Chain",
    "Link",
    "LinkState",
    "ViolationClass",
    "chains",
    "judge",
    "judge_stream",
]
