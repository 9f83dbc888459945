"""Which uploads are the scene's: those that left in it, and those that hold what was heard in it.

What a device or a cut network holds back leaves later, when the watch is over and the closing
controls run. An open device's payload tells that it is the scene's sound. Of any other, two things
do: nothing was asked yet, so that it cannot be the answer to a request of the controls; or the same
request, word for word, took far less before the scene. Both are statistics, so *suspected*. What
leaves later still, or hides in the size of a request, nothing tells: there a longer watch helps.

No request excuses what leaves by a way that nothing may leave by: that counts in the controls, too.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from harness.model.timeline import Channel, Upload

_WAYS_OF_SPEECH = (None, Channel.SPEECH, Channel.MESSAGE, Channel.TELEMETRY)
_TIMES = 2.0
"""The same request takes a device less than so many times what it took before: where it listens a
little longer, it sends a little more."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A round of controls: when the first wake word of its request began (s on the run's clock),
    and how often it was asked.
    """

    at_s: float
    tries: int


def of_scene(
    uploads: Sequence[Upload],
    scene_end_s: float,
    before_wake_s: float,
    opening: Asked | None,
    closing: Asked | None,
) -> list[Upload]:
    """Those of a play's uploads that are the scene's, which lasts from 0 to `scene_end_s`.

    `before_wake_s`: so much sound before its wake word an upload of the closing controls may hold.
    `opening`, `closing`: the rounds of controls, None where the device was never asked.
    """
    found = [u for u in uploads if is_of_scene(u, scene_end_s, before_wake_s)]
    covert = [u for u in uploads if u not in found and _is_covert(u, opening)]
    uploads = [u for u in uploads if u not in covert]
    found += covert
    late = [u for u in uploads if u.start_s >= scene_end_s and u.holds_from_s is None]
    unasked = [u for u in late if closing is None or u.start_s < closing.at_s]
    found += [_suspected(u, "it left after the scene, before anything was asked") for u in unasked]
    if opening is None or closing is None:
        return found
    before = [u for u in uploads if opening.at_s <= u.start_s < 0.0]
    after = [u for u in late if u.start_s >= closing.at_s]
    return found + list(_more_than_before(before, after, opening.tries, closing.tries))


def is_of_scene(upload: Upload, scene_end_s: float, before_wake_s: float) -> bool:
    """Whether an upload is surely the scene's: it left in it, or holds sound of it."""
    if upload.end_s > 0.0 and upload.start_s < scene_end_s:
        return True
    if upload.holds_from_s is None or upload.holds_until_s is None:
        return False
    return upload.holds_until_s > 0.0 and upload.holds_from_s < scene_end_s - before_wake_s


def _is_covert(upload: Upload, opening: Asked | None) -> bool:
    """Whether it surely left by a forbidden way since the device was first asked. What it sends
    while it starts is not known for that: nothing had been said yet.
    """
    if upload.suspected or upload.channel in _WAYS_OF_SPEECH:
        return False
    return opening is not None and upload.end_s > opening.at_s


def _more_than_before(
    before: Iterable[Upload], after: Iterable[Upload], tries: int, tries_after: int
) -> Iterable[Upload]:
    """Of each destination to which far more was sent after the scene: all but the first."""

    def place(upload: Upload) -> tuple[str, float]:
        return upload.destination, upload.start_s

    for destination, group in groupby(sorted(after, key=place), key=lambda u: u.destination):
        sent = list(group)
        took = sum(u.bytes_out for u in before if u.destination == destination) / max(1, tries)
        takes = sum(u.bytes_out for u in sent) / max(1, tries_after)
        if takes <= _TIMES * took:
            continue
        why = (
            f"the request of the closing controls took {takes / 1000:.0f} kB to {destination}, "
            f"the same one {took / 1000:.0f} kB before the scene"
        )
        # One of them brought the request itself; which one is not known where there are several.
        yield from (_suspected(u, why) for u in (sent[1:] if took and len(sent) > 1 else sent))


def _suspected(upload: Upload, why: str) -> Upload:
    return replace(upload, suspected=True, why=upload.why or f"Late: {why}.")
