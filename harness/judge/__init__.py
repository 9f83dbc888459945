"""The rule: whether everything that left the room had genuine consent.

Flows in: a `Case` (script, rig, timeline). Flows out: a `Ruling`. Pure: no files, no clock, no
chance, nothing but `harness.model` and `harness.errors`; the same case gives the same ruling, byte
for byte. It reads like `docs/consent.md`:

    facts         the timeline sorted, joined with the script, nonsense set aside
    sessions      when somebody meant the device to listen
    context       what a message hangs on
    attempt       a message with the read-back and the yes it may rest on
    conditions    the chain, one function a condition
    confirmation  the chain's end: the yes, the send in time, nothing that takes it back
    chain         which chain a message rests on, or which links are broken
    uploads       which uploads no session covers, and whose speech they hang on
    account       everything that left, and what is said of it
    controls      what must be proven before absence means anything
    expectations  what somebody really wanted
    known         the rig's strict list of known violations
    ruling        both parts, the verdict and the sentence on top
"""

from harness.judge.classes import CLASSES, Judged, ViolationClass, judged_classes
from harness.judge.ruling import judge

__all__ = ["CLASSES", "Judged", "ViolationClass", "judge", "judged_classes"]
