"""How much may leave by each way: what the rig declares, what was learnt, else stated defaults.

The defaults are more than the ordinary use of a protocol by any device that is not a computer, and
less than speech. What was learnt stands beside them, and in place of those that the idle traffic
itself went beyond. It is statistics: what is beyond it and within the default is only suspected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from harness.wire.covert.budget import Budget, Curve
from harness.wire.covert.ways import Kind, Way
from harness.wire.declared import Declared
from harness.wire.idle.profile import Profile, Tail
from harness.wire.idle.tails import threshold_of

NEW_NAMES: Curve = (Budget(2048, 10),)
"""Labels of names that were never asked for before: a hundred hosts at once, then one in 2 s."""
OF_ALL: Mapping[Kind, Curve] = {
    Kind.DNS: (Budget(16_384, 60),),  # whole questions: some hundreds at once, then one a second
    Kind.NTP: (Budget(3072, 12),),  # 64 requests at once, then one in 4 s
    Kind.ICMP: (Budget(4096, 100),),  # a ping a second for ever
    Kind.DHCP: (Budget(3072, 12),),
    Kind.FRAMES: (Budget(8192, 100),),  # ARP for 190 hosts at once, then two a second
    Kind.GROUP: (Budget(8192, 100),),  # announcements by mDNS and SSDP of twenty services
    Kind.NEIGHBOUR: (Budget(12_288, 60),),
    Kind.UDP: (Budget(24_576, 120),),
    Kind.HOST: (Budget(24_576, 120),),
    Kind.UNREADABLE: (Budget(6000, 30),),
}
"""For all destinations of a kind together, so that nothing is hidden by spreading it."""
OF_EACH: Mapping[Kind, Curve] = {
    Kind.NEIGHBOUR: (Budget(4096, 30),),
    Kind.UDP: (Budget(6000, 30),),
    Kind.HOST: (Budget(6000, 30),),
}
"""For each destination of a kind."""
OF_ANYBODY: Curve = (
    Budget(
        16_384,
        800,
        "the most that is ordinary where the rig does not say what is sent besides uploads",
        learnt=True,
    ),
)
"""In bursts too small for uploads, for everybody together where nothing is declared, and for the
declared hosts together where only they are: heartbeats of 2 kB every 3 s, and twenty connections
opened at once. More is only suspected."""
_LEAST_WINDOW_S, _LEAST_OF_KNOWN_S = 10.0, 30.0
"""What a known destination is sent within less is told by the profile's own thresholds."""
_LEAST_BYTES = 1024
_FALSE_PER_DAY = 1.0


@dataclass(frozen=True, slots=True)
class Allowances:
    """The budgets of a rig."""

    declared: Declared

    @property
    def new_names(self) -> Curve:
        """Of bytes of names that were never asked for before."""
        profile = self.declared.profile
        tails = () if profile is None else profile.kinds.dns.new_name_tails
        return _with_learnt(NEW_NAMES, tails, profile, _LEAST_WINDOW_S)

    def of_all(self, kind: Kind) -> Curve:
        """Of what leaves for all destinations of a kind together."""
        stated, profile = OF_ALL.get(kind, ()), self.declared.profile
        return _with_learnt(stated, self._tails(kind), profile, _LEAST_WINDOW_S)

    def of_each(self, kind: Kind) -> Curve:
        """Of what leaves for one destination of a kind; none where only all together count."""
        return OF_EACH.get(kind, ())

    @property
    def of_anybody(self) -> Curve:
        """Of what leaves besides uploads, to whomever, where nobody says whom to expect."""
        return OF_ANYBODY

    def of_known(self, way: Way) -> Curve:
        """Of what leaves for a destination that is declared or in the profile, besides uploads."""
        minute, profile = self.declared.telemetry_bytes_a_minute, self.declared.profile
        curve: Curve = ()
        if minute is not None and way.kind is Kind.DECLARED:
            curve = (Budget(minute, minute / 60, why="what the rig allows besides uploads"),)
        if profile is None:
            return curve
        if way.idle is None:  # it is not talked to while idle
            return (*curve, *(replace(each, learnt=True) for each in OF_EACH[Kind.HOST]))
        tails = profile.destinations[way.idle].tails
        return _with_learnt(curve, tails, profile, _LEAST_OF_KNOWN_S)

    def _tails(self, kind: Kind) -> Sequence[Tail]:
        if self.declared.profile is None:
            return ()
        kinds = self.declared.profile.kinds
        learnt = {
            Kind.NTP: kinds.ntp,
            Kind.ICMP: kinds.icmp,
            Kind.GROUP: kinds.multicast,
            Kind.NEIGHBOUR: kinds.neighbours,
        }
        return learnt[kind].tails if kind in learnt else ()


def _with_learnt(
    curve: Curve, tails: Sequence[Tail], profile: Profile | None, least_s: float
) -> Curve:
    """Those budgets that idle traffic keeps, and those that were learnt from it.

    `least_s`: windows that are shorter are left out.
    """
    if profile is None:
        return curve
    told = [tail for tail in tails if tail.clip_bytes is None and tail.window_s >= least_s]
    kept = [b for b in curve if all(t.most <= b.of_span(t.window_s) for t in told)]
    return (*kept, *(_learnt(tail, profile) for tail in told))


def _learnt(tail: Tail, profile: Profile) -> Budget:
    """A budget of a window of the profile, beyond what idle traffic is expected to hold.

    If no window of w seconds holds more than B bytes, no span of t seconds holds more than
    B + t * B / w: so it is exceeded no more often than the window's threshold is.
    """
    goal = _FALSE_PER_DAY if profile.proof is None else profile.proof.goal_per_day
    per_day = goal / (len(profile.destinations) + len(OF_ALL))
    threshold = threshold_of(tail, profile.captured_s, per_day, _LEAST_BYTES)
    why = f"the most to be expected after {profile.hours:.1f} h of idle traffic"
    return Budget(threshold.bytes, threshold.bytes / tail.window_s, why, learnt=True)
