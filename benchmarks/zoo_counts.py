"""What the plays of the zoo come to: on simulated time, in real time, and how alike the two are.

A *round* is as many plays as the catalogue says a device must be caught within: one for most, five
for a device that breaks its rule by chance. A round is passed when none of its plays failed.
"""

from collections.abc import Sequence

from benchmarks.table import Row
from benchmarks.zoo_plays import Ended, Timing
from harness.evidence.read import read_events
from harness.model.ruling import Verdict
from harness.model.timeline import MessageReceived
from harness.series.matrix import Fate, Played, fate_of, matrix, named_in, twin_fate_of
from harness.series.matrix import Row as MatrixRow
from harness.series.zoo import BadDevice


class Plays:
    """The plays on one clock, by device."""

    def __init__(self, ended: Sequence[Ended], timing: Timing) -> None:
        self._by_number = {
            (each.device, each.twin, each.number): each.played
            for each in ended
            if each.timing is timing
        }

    def __bool__(self) -> bool:
        return bool(self._by_number)

    def of(self, device: BadDevice, *, twin: bool) -> dict[int, Played]:
        """The plays of a device or of its twin, by number, in order."""
        found = {
            number: played
            for (name, is_twin, number), played in self._by_number.items()
            if (name, is_twin) == (device.name, twin)
        }
        return dict(sorted(found.items()))

    def rounds(self, device: BadDevice) -> list[tuple[Played, ...]]:
        """The whole rounds of a device, in order."""
        plays = self.of(device, twin=False)
        numbers = sorted({number // device.plays for number in plays})
        spans = [range(n * device.plays, (n + 1) * device.plays) for n in numbers]
        return [tuple(plays[n] for n in span) for span in spans if all(n in plays for n in span)]


def matrix_rows(devices: Sequence[BadDevice], plays: Plays) -> list[MatrixRow]:
    """The kill matrix, of the devices whose plays are all there."""

    def recorded(device: BadDevice, twin: bool, seed: int) -> Played:
        return plays.of(device, twin=twin)[0 if twin else seed - device.seed]

    whole = [each for each in devices if plays.rounds(each) and plays.of(each, twin=True)]
    return list(matrix(whole, recorded))


def simulated_rows(devices: Sequence[BadDevice], plays: Plays) -> list[Row]:
    """What the kill matrix came to. A device that was not played is not caught, but for those that
    the rig cannot show.
    """
    rows = matrix_rows(devices, plays)
    fates, twins = [row.fate for row in rows], [row.twin_fate for row in rows]
    unseen, caught = fates.count(Fate.UNSEEN), fates.count(Fate.CAUGHT)
    n = len(devices) - unseen
    clean, alarms = twins.count(Fate.CLEAN), twins.count(Fate.FALSE_ALARM)
    unsure = fates.count(Fate.INCONCLUSIVE) + twins.count(Fate.INCONCLUSIVE)
    otherwise, missed = fates.count(Fate.OTHERWISE), fates.count(Fate.MISSED)
    played = len(rows) == len(devices)
    return [
        Row("simulated: caught, right class first", caught, "devices", f"{n}", 0 < caught == n),
        Row("simulated: cannot be shown on this rig", unseen, "devices", "", None),
        Row("simulated: caught as something else", otherwise, "devices", "", None),
        Row("simulated: missed", missed, "devices", "", None),
        Row("simulated: twins clean", clean, "twins", "", None),
        Row("simulated: false alarms", alarms, "twins", "0", played and not alarms),
        Row("simulated: inconclusive, twins too", unsure, "", "0", played and not unsure),
    ]


def real_rows(devices: Sequence[BadDevice], plays: Plays, planned: int) -> list[Row]:
    """What the rounds in real time came to; `planned`: the plays there should be, twins' too.

    What the rig cannot show was not played, and is left out.
    """
    rounds = [fate_of(each, played) for each in devices for played in plays.rounds(each)]
    fates = [fate for fate in rounds if fate is not Fate.UNSEEN]
    bad, clean = (_made(devices, plays, twin=twin) for twin in (False, True))
    told = [plays.of(each, twin=twin) for each in devices for twin in (False, True)]
    planned -= sum(play.unseen for found in told for play in found.values())
    twins = [twin_fate_of(each) for each in clean]
    made, missed = len(bad) + len(clean), fates.count(Fate.MISSED)
    caught, otherwise = fates.count(Fate.CAUGHT), fates.count(Fate.OTHERWISE)
    unsure, unsure_twins = fates.count(Fate.INCONCLUSIVE), twins.count(Fate.INCONCLUSIVE)
    let_by = len([each for each in bad if each.verdict is Verdict.PASS and _sent(each)])
    return [
        Row("real time: plays, twins' too", made, "plays", f"{planned}", made >= planned),
        Row("real time: plays of bad devices", len(bad), "plays", "", None),
        Row("real time: rounds of bad devices", len(fates), "rounds", "", None),
        Row("real time: passes of a bad device", missed, "rounds", "0", bool(fates) and not missed),
        Row("real time: plays passed although a message left", let_by, "plays", "0",
            bool(bad) and not let_by),
        Row("real time: caught, right class first", caught, "rounds", "", None),
        Row("real time: caught as something else", otherwise, "rounds", "", None),
        Row("real time: inconclusive", unsure, "rounds", "", None),
        Row("real time: twins clean", twins.count(Fate.CLEAN), "plays", "", None),
        Row("real time: false alarms", twins.count(Fate.FALSE_ALARM), "plays", "", None),
        Row("real time: twins inconclusive", unsure_twins, "plays", "", None),
    ]  # fmt: skip


def _sent(played: Played) -> bool:
    """Whether a message left in a play, by its evidence; without evidence it counts as if."""
    if played.evidence is None:
        return True
    return any(isinstance(event, MessageReceived) for event in read_events(played.evidence))


def _made(devices: Sequence[BadDevice], plays: Plays, *, twin: bool) -> list[Played]:
    """The plays of some devices, or of their twins, that were made."""
    every = [play for device in devices for play in plays.of(device, twin=twin).values()]
    return [play for play in every if not play.unseen]


def agreement_rows(devices: Sequence[BadDevice], simulated: Plays, real: Plays) -> list[Row]:
    """How many were ruled alike on both clocks, of those that were played on both."""
    found = [_rounds_alike(device, simulated, real) for device in devices]
    rounds = [alike for alike in found if alike is not None]
    bad = [_alike(device, simulated, real, twin=False) for device in devices]
    clean = [_alike(device, simulated, real, twin=True) for device in devices]
    twins = [all(alike) for alike in clean if alike]
    plays = [alike for of_one in (*bad, *clean) for alike in of_one]
    return [
        Row("devices ruled alike in both", sum(rounds), "devices", f"of {len(rounds)}", None),
        Row("twins ruled alike in both", sum(twins), "twins", f"of {len(twins)}", None),
        Row("plays ruled as by the same seed in both", sum(plays), "plays", f"of {len(plays)}",
            None),
    ]  # fmt: skip


def unlike(devices: Sequence[BadDevice], simulated: Plays, real: Plays) -> list[str]:
    """A line for each play in real time that was not ruled as its peer on simulated time."""
    return [
        f"{device.name}, {play.firmware}, seed {play.seed}: real time {_told(play)}, "
        f"simulated {_told(peer)}: {play.why}"
        for device in devices
        for twin in (False, True)
        for play, peer in _pairs(device, simulated, real, twin=twin)
        if _said(play) != _said(peer)
    ]


def _alike(device: BadDevice, simulated: Plays, real: Plays, *, twin: bool) -> list[bool]:
    """Of each play in real time that has a peer, whether it was ruled as that was."""
    pairs = _pairs(device, simulated, real, twin=twin)
    return [_said(play) == _said(peer) for play, peer in pairs]


def _pairs(
    device: BadDevice, simulated: Plays, real: Plays, *, twin: bool
) -> list[tuple[Played, Played]]:
    """Each play in real time with the one of the same seed on simulated time."""
    peers = {each.seed: each for each in simulated.of(device, twin=twin).values()}
    plays = real.of(device, twin=twin).values()
    return [(play, peers[play.seed]) for play in plays if play.seed in peers]


def _rounds_alike(device: BadDevice, simulated: Plays, real: Plays) -> bool | None:
    """Whether every round in real time came to what the simulated one did; None without both."""
    peers, rounds = simulated.rounds(device), real.rounds(device)
    if not peers or not rounds:
        return None

    def came_to(plays: tuple[Played, ...]) -> tuple[object, ...]:
        return fate_of(device, plays), *_classes(named_in(plays))

    return all(came_to(plays) == came_to(peers[0]) for plays in rounds)


def _said(played: Played) -> tuple[object, ...]:
    return played.verdict, *_classes(played.classes)


def _classes(classes: tuple[str, ...]) -> tuple[object, ...]:
    """The first class, and all of them: in which order the others follow is not compared."""
    return classes[:1], frozenset(classes)


def _told(played: Played) -> str:
    return " ".join((played.verdict.value, *played.classes))
