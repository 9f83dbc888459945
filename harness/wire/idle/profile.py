"""The idle profile of a device: what it sends, and to whom, when nobody speaks.

Every number that separates uploads from idle traffic stands here, none in the code that reads it.
"""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from harness.forms.fields import Text
from harness.forms.strict import StrictModel

Count = Annotated[int, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Spread(StrictModel):
    """How a figure was distributed: its quantiles. All zero where there was nothing."""

    least: NotNegative = 0.0
    tenth: NotNegative = 0.0
    median: NotNegative = 0.0
    ninetieth: NotNegative = 0.0
    hundredth: NotNegative = 0.0
    """What one in a hundred goes beyond."""
    most: NotNegative = 0.0


class Peak(StrictModel):
    """The most that was sent within a window of time, and when (s since learning began)."""

    at_s: NotNegative
    bytes: Count


class Tail(StrictModel):
    """How much was sent within any window of some length: the largest of it, and how often.

    Windows that overlap or follow each other closely are one cluster, of which only the largest
    counts, so that the peaks are independent of each other.
    """

    window_s: Positive
    clip_bytes: Annotated[int, Field(ge=1)] | None = None
    """More than this within one slot of time does not count; absent: everything does."""
    clusters: Count
    """How many there were in all."""
    largest: Annotated[tuple[Peak, ...], Field(max_length=500)]
    """The largest of them, largest first; all where there were few."""

    @property
    def most(self) -> int:
        """The most that was ever sent within a window."""
        return self.largest[0].bytes if self.largest else 0


class Bursts(StrictModel):
    """What was sent without a longer pause, by size, duration and period."""

    count: Count = 0
    bytes: Spread = Spread()
    seconds: Spread = Spread()
    apart_s: Spread = Spread()
    """From the beginning of one to the beginning of the next."""


class Pattern(StrEnum):
    """What traffic looks like, by direction and shape alone."""

    HEARTBEAT = "heartbeat"
    TELEMETRY = "telemetry"
    DOWNLOAD = "download"
    UPDATE = "update"
    PADDED = "padded"
    RARE = "rare"


class Shape(StrEnum):
    """How speech leaves a device."""

    STREAMED = "streamed"
    AT_ONCE = "at once"


class Template(StrictModel):
    """A kind of upload that is looked for."""

    codec: Text
    """Such as Opus 16 kbit/s."""
    bytes_per_s: Positive
    """Of payload, without what the transport adds."""
    seconds: Positive
    shape: Shape


class Power(StrictModel):
    """How surely uploads of a template are seen among the idle traffic to a destination."""

    template: Template
    trials: Annotated[int, Field(ge=1)]
    added: Share
    """Part of the trials that is seen where the upload comes on top of the idle traffic."""
    replacing: Share
    """The same where the upload takes the place of idle traffic that is sent meanwhile."""

    @property
    def surely(self) -> float:
        """The worse of both."""
        return min(self.added, self.replacing)


class Threshold(StrictModel):
    """What is more than idle: more bytes than `bytes` within a window."""

    window_s: Positive
    clip_bytes: Annotated[int, Field(ge=1)] | None = None
    bytes: Count
    false_per_day: NotNegative
    """How often idle traffic is expected to go beyond it, extrapolated from its tail."""


class Destination(StrictModel):
    """One place that the device talks to while idle."""

    host: Text
    """Its name where known, else its address."""
    also: tuple[Text, ...] = ()
    """Other names and addresses under which it was seen."""
    port: Annotated[int, Field(ge=0, le=65535)]
    protocol: Annotated[int, Field(ge=0, le=255)]
    """Of IP: 6 is TCP, 17 UDP, 0 where there was no IP."""
    pattern: Pattern
    first_s: NotNegative
    """When it was first sent to, seconds since learning began."""
    packets_out: Count
    bytes_out: Count
    """Payload, what TCP repeated not counted."""
    bytes_in: Count
    bursts: Bursts
    """Of what was sent."""
    received: Bursts = Bursts()
    """Of what came back."""
    tails: tuple[Tail, ...]
    """Of what was sent, by window, for all bytes and for sustained ones."""
    thresholds: tuple[Threshold, ...] = ()
    """Any one exceeded is an upload."""
    power: tuple[Power, ...] = ()

    def tail(self, window_s: float, clip_bytes: int | None = None) -> Tail | None:
        """That of a window, None where the profile has none of this length."""
        found = (t for t in self.tails if (t.window_s, t.clip_bytes) == (window_s, clip_bytes))
        return next(found, None)


class DnsIdle(StrictModel):
    """What the device asks resolvers for while idle."""

    questions: Count = 0
    name_bytes: Count = 0
    """Of all names asked for, each time they were."""
    names: Annotated[tuple[Text, ...], Field(max_length=5000)] = ()
    """The names, each once, as far as there is room for them."""
    names_left_out: Count = 0
    new_name_tails: tuple[Tail, ...] = ()
    """Bytes of names that had not been asked for before, by window."""
    tails: tuple[Tail, ...] = ()
    """Bytes of all names asked for, by window."""


class KindIdle(StrictModel):
    """Totals of one kind of traffic from the device."""

    packets: Count = 0
    bytes_out: Count = 0
    longest: Count = 0
    """The longest payload of one packet."""
    apart_s: Spread = Spread()
    """Between packets."""
    tails: tuple[Tail, ...] = ()
    """Payload by window."""


class Kinds(StrictModel):
    """Totals by kind, over all destinations."""

    dns: DnsIdle = DnsIdle()
    ntp: KindIdle = KindIdle()
    icmp: KindIdle = KindIdle()
    """ICMP and ICMPv6."""
    multicast: KindIdle = KindIdle()
    """Multicast and broadcast of the LAN (mDNS, SSDP, DHCP), with IP."""
    neighbours: KindIdle = KindIdle()
    """Unicast to private and link-local addresses, what belongs to DNS, DHCP and NTP left out."""


class Proof(StrictModel):
    """Which uploads the profile lets be seen, and what false alarms cost.

    `false_per_day` is extrapolated from the tails; `false_per_day_bound` is what the hours alone
    support (one-sided 95 %): thresholds made from the other parts, alarms in each part counted.
    """

    goal_per_day: Positive
    """False alarms that were allowed for when the thresholds were set."""
    false_per_day: NotNegative
    held_out_alarms: Count
    false_per_day_bound: NotNegative
    promised: tuple[Template, ...]
    """Uploads that must be seen for "nothing was sent" to be shown."""
    surely: Share
    """The part of promised uploads that is seen where that is worst."""
    unobservable: str = ""
    """Why promised uploads cannot be seen among this traffic; empty where they can."""


class Profile(StrictModel):
    """What a device sends while idle. Times are seconds since learning began."""

    idle_profile: Literal[1]
    """Version of this form."""
    device: Text
    firmware: Text
    learnt_on: date
    captured_s: Positive
    """How long was listened."""
    slot_s: Positive
    """Bytes were counted in slots of time this long; windows are whole numbers of them."""
    pause_s: Positive
    """A pause this long ends a burst."""
    least_bytes: Annotated[int, Field(ge=1)]
    """Less than this is no speech, whatever the tails say."""
    stranger_bytes: Annotated[int, Field(ge=1)]
    """More than this to a destination that is not in the profile is an upload."""
    wanted: Annotated[float, Field(gt=0, lt=1)] = 0.99
    """The part of promised uploads that must be seen."""
    destinations: tuple[Destination, ...]
    kinds: Kinds = Kinds()
    proof: Proof | None = None

    @property
    def unobservable(self) -> str:
        """Why promised uploads cannot be seen by it; empty where they can."""
        if self.proof is None:
            return "the idle profile does not say which uploads would be seen; learn it again"
        return self.proof.unobservable

    @property
    def hours(self) -> float:
        """How long was listened."""
        return self.captured_s / 3600

    def meant(self, names: Sequence[str], address: str, port: int, protocol: int) -> int | None:
        """Number of the destination that is meant, None for a stranger.

        `names`: what the far end is called, what is best known first. An address alone tells only
        where no names are known on one side: many hosts may share it.
        """
        there = [
            (number, known)
            for number, known in enumerate(self.destinations)
            if (known.port, known.protocol) == (port, protocol)
        ]
        for name in names:
            for number, known in there:
                if name == known.host or name in known.also:
                    return number
        for number, known in there:
            if known.host == address or (not names and address in known.also):
                return number
        return None
