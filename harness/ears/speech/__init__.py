"""Device speech in any wording: found in what is left when the loudspeakers are taken out.

Flows in: what subtraction leaves at the listener's microphone and, where there is one, at the
microphone beside the device. Flows out: when somebody spoke who was not played, how loud, how sure,
whose voice it was, and when nothing could be heard, and why. See `docs/ears.md`.
"""

from harness.ears.speech.events import Event, EventKind, Speech, Unheard
from harness.ears.speech.finder import Finder, Found, find, gathered
from harness.ears.speech.whose import Placement, compared
from harness.model.timeline import WhoseVoice

__all__ = [
    "Event",
    "EventKind",
    "Finder",
    "Found",
    "Placement",
    "Speech",
    "Unheard",
    "WhoseVoice",
    "compared",
    "find",
    "gathered",
]
