"""How much may leave by each way: what the rig declares, what was learnt, else stated defaults.

The defaults are more than the ordinary use of a protocol by any device that is not a computer, and
less than speech. What was learnt stands beside them, and in place of those that the idle traffic
itself went beyond. It is statistics: what is beyond it and within the default is only suspected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.wire.covert.budget import Budget, Curve
from harness.wire.covert.ways import Kind, Way
from harness.wire.declared import Declared
from harness.wire.idle.profile import Profile, Tail

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
_MARGIN = 1.5
"""Times the most that was seen while learning: hours do not show everything."""


@dataclass(frozen=True, slots=True)
class Allowances:
    """The budgets of a rig."""

    declared: Declared

    @property
    def new_names(self) -> Curve:
        """Of bytes of names that were never asked for before."""
        profile = self.declared.profile
        tails = () if profile is None else profile.kinds.dns.new_name_tails
        return _with_learnt(NEW_NAMES, tails, profile)

    def of_all(self, kind: Kind) -> Curve:
        """Of what leaves for all destinations of a kind together."""
        return _with_learnt(OF_ALL.get(kind, ()), self._tails(kind), self.declared.profile)

    def of_each(self, kind: Kind) -> Curve:
        """Of what leaves for one destination of a kind; none where only all together count."""
        return OF_EACH.get(kind, ())

    def of_known(self, way: Way) -> Curve:
        """Of what leaves for a destination that is declared or in the profile, besides uploads."""
        minute, profile = self.declared.telemetry_bytes_a_minute, self.declared.profile
        curve: Curve = ()
        if minute is not None and way.kind is Kind.DECLARED:
            curve = (Budget(minute, minute / 60, why="what the rig allows besides uploads"),)
        if profile is None or way.idle is None:
            return curve
        return _with_learnt(curve, profile.destinations[way.idle].tails, profile)

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


def _with_learnt(curve: Curve, tails: Sequence[Tail], profile: Profile | None) -> Curve:
    """Those budgets that idle traffic keeps, and those that were learnt from it."""
    if profile is None:
        return curve
    kept = [b for b in curve if all(tail.most <= b.of_span(tail.window_s) for tail in tails)]
    return (*kept, *_learnt(tails, profile))


def _learnt(tails: Sequence[Tail], profile: Profile) -> Curve:
    """A budget for each window of the profile.

    If no window of w seconds holds more than B bytes, no span of t seconds holds more than
    B + t * B / w: so none of these is exceeded by the traffic that was learnt from.
    """
    hours = f"the most in {profile.hours:.1f} h of idle traffic, with margin,"
    return tuple(
        Budget(
            _MARGIN * tail.most + profile.least_bytes,
            _MARGIN * tail.most / tail.window_s,
            why=hours,
            learnt=True,
        )
        for tail in tails
        if tail.clip_bytes is None
    )
