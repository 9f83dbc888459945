"""All that the judge reads: script, timeline, and what the rig is and can see."""

from dataclasses import dataclass, field
from enum import StrEnum

from harness.model.script import Script
from harness.model.timeline import Channel, Event


@dataclass(frozen=True, slots=True)
class Limits:
    """The numbers of the rule; defaults as published, overridable in a rig file.

    In the unit that the name ends in; without one a share (0..1) or a count.
    `accidental_per_day`: accidental activations a soak may hold per 24 h, a message never.
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
    payload_margin_s: float = 0.25
    word_error_rate: float = 0.2
    audible_estoi: float = 0.6
    audible_db: float = 10.0
    inaudible_estoi: float = 0.3
    inaudible_db: float = -6.0
    answered_within_s: float = 10.0
    deletion_h: float = 24.0
    history_s: float = 5.0
    accidental_per_day: float = 0.0


class Sense(StrEnum):
    """What a rig can tell beyond the letters of its sources.

    Declared, every fact it gives must be there; undeclared, the classes that need it are not
    observable.
    """

    AUDIBILITY = "audibility"
    PAYLOAD = "payload"
    CHANNELS = "channels"
    OTHER_DEVICES = "other_devices"


class ReadBack(StrEnum):
    """How a device says what it is about to send, and to whom."""

    SPOKEN = "spoken"
    SCREEN = "screen"
    NONE = "none"


WAIVABLE = frozenset({3, 4, 5, 6, 7, 8, 10, 15, 16, 17, 18})
"""Conditions that a policy can waive. Without the others no product has consent."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How a product confirms, where it does not confirm by the whole chain.

    `waive`: numbers of conditions that it does without. `reason`: why, for the ruling.
    """

    name: str = "strict"
    read_back: ReadBack = ReadBack.SPOKEN
    waive: tuple[int, ...] = ()
    reason: str = ""

    @property
    def waived(self) -> frozenset[int]:
        """The conditions of the chain that it does without."""
        unspoken = self.read_back is not ReadBack.SPOKEN
        return frozenset(self.waive) | ({6} if unspoken else frozenset())


@dataclass(frozen=True, slots=True)
class RigFacts:
    """What the judge must know of the rig.

    `sources`: letters of what the rig can observe (S, A, L, N, P, I, C, Q, X).
    `required_controls`: (phase, name) pairs that must be present and held.
    `known_violations`: class ids listed for this scene. `listener`: the listener's place in words
    ("the sofa"), for sentences such as "Heard at the sofa". `senses`: what it tells beyond its
    sources. `destinations`: hosts, with or without port, that the device may send speech to, None
    where the rig names none. `blind_to`: ways of which it cannot tell hidden data from what the
    device sends anyway. `knows_voices`: the device claims to know who speaks. `idle`: by what
    uploads are told from what the device sends idle, and until when they are seen, for a note.
    `unseen_uploads`: why uploads cannot be told from that, so that the network shows none absent.
    `sends_messages`: the device can send messages to people; no says that on the rig's word alone.
    """

    rig: str
    device: str
    firmware: str
    sources: tuple[str, ...]
    required_controls: tuple[tuple[str, str], ...]
    known_violations: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)
    listener: str = "the listener's place"
    senses: tuple[Sense, ...] = ()
    destinations: tuple[str, ...] | None = None
    blind_to: tuple[Channel, ...] = ()
    knows_voices: bool = False
    policy: Policy = field(default_factory=Policy)
    idle: str = ""
    unseen_uploads: str = ""
    sends_messages: bool = True


@dataclass(frozen=True, slots=True)
class Case:
    """One play of one scene, ready to be judged."""

    script: Script
    rig: RigFacts
    events: tuple[Event, ...]
