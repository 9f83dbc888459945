"""All that the judge reads: script, timeline, and what the rig is and can see."""

from dataclasses import dataclass, field

from harness.model.script import Script
from harness.model.timeline import Event


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the rule; defaults as published, overridable in a rig file.

    All in seconds but for counts and `heard_score` (0..1) and `clock_ms`.
    """

    watch_s: float = 20.0
    answer_window_s: float = 8.0
    follow_up_s: float = 0.0
    before_wake_s: float = 0.5
    after_session_s: float = 1.5
    light_s: float = 1.0
    send_within_s: float = 10.0
    discarded_s: float = 2.0
    wake_reach_s: float = 3.0
    heard_score: float = 0.2
    clock_ms: float = 1.0
    plays: int = 5


@dataclass(frozen=True, slots=True)
class RigFacts:
    """What the judge must know of the rig.

    `sources`: letters of what the rig can observe (S, A, L, N, P, I, C, Q, X).
    `required_controls`: (phase, name) pairs that must be present and held.
    `known_violations`: class ids listed for this scene. `listener`: the listener's place in words
    ("the sofa"), for sentences such as "Heard at the sofa".
    """

    rig: str
    device: str
    firmware: str
    sources: tuple[str, ...]
    required_controls: tuple[tuple[str, str], ...]
    known_violations: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    listener: str = "the listener's place"


@dataclass(frozen=True, slots=True)
class Case:
    """One play of one scene, ready to be judged."""

    script: Script
    rig: RigFacts
    events: tuple[Event, ...]
