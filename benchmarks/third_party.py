"""Plays scenes on assistants that nobody here wrote, on the virtual bench, in real time.

python -m benchmarks.third_party [--quick] [--plays N] [--only RIG:SCENE ...] [--resume]

RIG is MAKER/NAME, as in `rigs/third_party`. Each play goes into
`benchmarks/out/third-party-plays.jsonl` as it ends; `--resume` counts those that are there, too.
What `rigs/third_party/setup.sh` has not set up is left out.

Per rig and scene: plays, verdicts, first class, with intervals. Per maker, over all plays: how well
the wire agrees with the server's own log (bytes of sound in each stream, and when its first sound
came), and whether each wake that the device logged is a stream on the wire.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.table import Row, finish
from harness.bench.lock import runtime_folder
from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.model.ruling import Ruling, Verdict
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import play_and_rule
from harness.series.statistics import rate
from harness.stage.clips import cast_for
from harness.wire.payload import Leaf, read_connections

_PROJECT = Path(__file__).resolve().parents[1]
_RIGS = _PROJECT / "rigs" / "third_party"
_SCENES = _PROJECT / "scenarios"
_INSTALLED = _PROJECT / ".cache" / "third_party"
_OUT = Path(__file__).parent / "out" / "third-party-evidence"
_KEPT = _OUT.with_name("third-party-plays.jsonl")
_SATELLITE, _OVOS = "wyoming_satellite", "ovos_listener"
_PLAYS = (
    (f"{_SATELLITE}/guarded", "portland/wanted-message"),
    (f"{_SATELLITE}/guarded", "assistants/talk-after-answer"),
    (f"{_OVOS}/waits", "portland/wanted-message"),
    (f"{_OVOS}/guarded", "assistants/talk-after-answer"),
    (f"{_SATELLITE}/2018", "portland/kitchen"),
    (f"{_SATELLITE}/says-its-name", "assistants/reply-holds-wake-word"),
    (f"{_SATELLITE}/hangs", "assistants/never-answers"),
    (f"{_SATELLITE}/stranger", "assistants/server-goes-away"),
    (f"{_SATELLITE}/hangs-up", "assistants/server-goes-away"),
    (f"{_SATELLITE}/guarded", "assistants/network-goes-mid-stream"),
    (f"{_SATELLITE}/guarded", "assistants/start-up"),
    (f"{_SATELLITE}/openwakeword", "portland/wanted-message"),
    (f"{_SATELLITE}/openwakeword", "assistants/talk-after-answer"),
    (f"{_SATELLITE}/openwakeword", "portland/kitchen"),
    (f"{_OVOS}/guarded", "portland/wanted-message"),
    (f"{_OVOS}/guarded", "portland/kitchen"),
    (f"{_OVOS}/guarded", "zoo/muted-wake"),
    (f"{_OVOS}/guarded", "assistants/muted-as-it-answers"),
    (f"{_OVOS}/mutes-itself", "assistants/muted-as-it-answers"),
    (f"{_OVOS}/open-bus", "assistants/told-to-listen"),
    (f"{_OVOS}/hangs", "assistants/never-answers"),
    (f"{_OVOS}/says-its-name", "assistants/reply-holds-wake-word"),
    (f"{_OVOS}/guarded", "assistants/network-goes-mid-stream"),
    (f"{_OVOS}/guarded", "assistants/start-up"),
)
_QUICK = 4
_BYTES, _START_S, _INCONCLUSIVE = 0.01, 0.05, 1 / 20
_WAKE_S = {_SATELLITE: 0.5, _OVOS: 14.0}
"""How soon (s) a wake is a stream on the wire: by the microphone's buffer; once the utterance, of
10 s at most, is over."""
_SAME_S = 0.5
_DETECTED = re.compile(
    r"^(\d+\.\d+) .*(?:Detected \w+ from client|Triggered \S+ \(client)"
    r'|^\{"unix_s": (\d+\.\d+), "what": "recognizer_loop:wakeword"',
    re.MULTILINE,
)
_ONE_WAKE_S = 1.0
"""openWakeWord says it again as long as it still has the word in its window."""


@dataclass(frozen=True)
class Stream:
    """One stream of sound: bytes of it, and when its first sound came (Unix time, s)."""

    bytes: int
    first_s: float


@dataclass(frozen=True)
class Play:
    """What came of one play: its ruling, streams on the wire and in the server's log, wakes."""

    rig: str
    scene: str
    verdict: Verdict
    provoked: bool
    classes: tuple[str, ...]
    wire: tuple[Stream, ...]
    server: tuple[Stream, ...]
    wakes_s: tuple[float, ...]

    @classmethod
    def kept(cls, line: str) -> "Play":
        """A play as it was kept."""
        found = json.loads(line)
        streams = {key: tuple(Stream(**each) for each in found[key]) for key in ("wire", "server")}
        lists = {key: tuple(found[key]) for key in ("classes", "wakes_s")}
        return cls(**{**found, **streams, **lists, "verdict": Verdict(found["verdict"])})

    @property
    def pairs(self) -> tuple[tuple[Stream, Stream], ...]:
        """Streams of the wire with those of the server's log that began about then."""
        return tuple(
            (mine, theirs)
            for mine in self.wire
            for theirs in self.server
            if abs(theirs.first_s - mine.first_s) <= _SAME_S
        )

    @property
    def maker(self) -> str:
        """The folder of its rig."""
        return self.rig.partition("/")[0]

    @property
    def heard(self) -> int:
        """Wakes that are a stream on the wire."""
        within_s = _WAKE_S[self.maker]
        return sum(
            any(0 <= s.first_s - at_s <= within_s for s in self.wire) for at_s in self.wakes_s
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, count, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="1 play of the first few")
    parser.add_argument("--plays", type=int, default=20)
    parser.add_argument("--only", nargs="*", metavar="RIG:SCENE", default=[])
    parser.add_argument("--resume", action="store_true", help="count earlier plays, too")
    chosen = parser.parse_args(arguments)
    work = [each for each in _PLAYS if not chosen.only or ":".join(each) in chosen.only]
    work, count = (work[:_QUICK], 1) if chosen.quick else (work, chosen.plays)
    work = [(rig, scene) for rig, scene in work if _is_installed(rig)]
    if not work:
        print("third_party: nothing is installed; run rigs/third_party/setup.sh", file=sys.stderr)
        return 0 if chosen.quick else 2
    before = _KEPT.read_text().splitlines() if chosen.resume and _KEPT.exists() else []
    _KEPT.parent.mkdir(exist_ok=True)
    _KEPT.write_text("".join(f"{line}\n" for line in before))
    plays = [Play.kept(line) for line in before]
    plays += [play for rig, scene in work for play in _play(rig, scene, count)]
    work = [each for each in _PLAYS if each in {(p.rig, p.scene) for p in plays}]
    devices = sorted({load_rig(_RIGS / f"{rig}.yaml").device.firmware for rig, _ in work})
    rows = _verdicts(work, plays)
    for maker in sorted({play.maker for play in plays}):
        rows += _agreement(maker, [play for play in plays if play.maker == maker])
    return finish("third_party", rows, {"devices": "; ".join(devices)})


def _is_installed(rig: str) -> bool:
    maker = rig.partition("/")[0]
    locks = [path.stem for path in (_RIGS / maker).glob("*.lock")]
    return all((_INSTALLED / f"{maker}-{lock}" / "stamp").exists() for lock in locks)


def _play(rig: str, scene: str, count: int) -> list[Play]:
    file, corpus = load_rig(_RIGS / f"{rig}.yaml"), Corpus.load()
    script = load_scene(_SCENES / f"{scene}.scene.yaml", corpus)
    found = []
    with open_rig(file, RealClock()) as bench:
        cast = cast_for(script, file, corpus, bench.microphone.rate_hz)
        for _ in range(count):
            began_s = bench.clock.now_s()
            outcome = play_and_rule(bench, script, cast, lambda _: None, _OUT)
            play = _observed(rig, bench, outcome.ruling, outcome.evidence, began_s)
            found.append(play)
            with _KEPT.open("a") as kept:
                kept.write(json.dumps(asdict(play)) + "\n")
            told = f"{rig} {scene} {play.verdict} {play.classes} {outcome.evidence.name}"
            print(told, *outcome.ruling.reasons[:2], sep="\n    ", flush=True)
    return found


def _observed(rig: str, bench: Rig, ruling: Ruling, evidence: Path, began_s: float) -> Play:
    connections = read_connections(evidence / "network.pcapng", bench.device_address)
    leaves = [leaf for each in connections for leaf in each.leaves]
    sound = [leaf for leaf in leaves if leaf.kind.startswith("audio/")]
    log = (runtime_folder() / bench.file.name / "cloud.log").read_text()
    device = (evidence / "device.log").read_text(errors="replace")
    return Play(
        rig=rig,
        scene=ruling.scene_id,
        verdict=ruling.verdict,
        provoked=ruling.provoked,
        classes=tuple(dict.fromkeys(finding.cls for finding in ruling.findings)),
        wire=_on_wire(sound),
        server=_logged(log, began_s),
        wakes_s=_wakes(device),
    )


def _wakes(log: str) -> tuple[float, ...]:
    """When the device said that it woke (Unix time, s)."""
    found = list[float]()
    for match in _DETECTED.finditer(log):
        at_s = float(match[1] or match[2])
        if not found or at_s - found[-1] > _ONE_WAKE_S:
            found.append(at_s)
    return tuple(found)


def _on_wire(sound: Iterable[Leaf]) -> tuple[Stream, ...]:
    return tuple(Stream(len(leaf.content), leaf.content.from_unix_s) for leaf in sound)


def _logged(log: str, from_s: float) -> tuple[Stream, ...]:
    """The server's streams since `from_s`; those without any sound are left out."""
    found, first_s = list[Stream](), 0.0
    for text in log.splitlines():
        if not text.startswith("{"):
            continue
        line = json.loads(text)
        if line["what"] == "first sound":
            first_s = line["unix_s"]
        elif line["what"] == "stream ends" and line["bytes"] and first_s >= from_s:
            found.append(Stream(line["bytes"], first_s))
    return tuple(found)


def _verdicts(work: Sequence[tuple[str, str]], plays: Sequence[Play]) -> list[Row]:
    rows = list[Row]()
    for rig, scene in work:
        these = [p for p in plays if (p.rig, p.scene) == (rig, scene)]
        name = f"{rig}, {scene}"
        verdicts = Counter(p.verdict for p in these)
        unsure = verdicts[Verdict.INCONCLUSIVE]
        rows.append(Row(f"{name}: plays", len(these), "plays", "", None))
        rows.append(Row(f"{name}: provoked", sum(p.provoked for p in these), "plays", "", None))
        rows.append(Row(f"{name}: passed", verdicts[Verdict.PASS], "plays", "", None))
        failed = verdicts[Verdict.FAIL]
        first = Counter(p.classes[0] for p in these if p.classes)
        what = ", ".join(f"{cls} x{count}" for cls, count in first.most_common())
        rows.append(
            Row(
                f"{name}: failed ({what or 'none'})",
                failed,
                "plays",
                _interval(failed, len(these) - unsure),
                None,
            )
        )
        most = f"at most {_INCONCLUSIVE:.0%}"
        rows.append(
            Row(
                f"{name}: inconclusive", unsure, "plays", most, unsure <= _INCONCLUSIVE * len(these)
            )
        )
    return rows


def _interval(events: int, trials: int) -> str:
    found = rate(events, trials).interval
    return "" if found is None else f"95 %: {found.low:.0%} to {found.high:.0%}"


def _agreement(maker: str, plays: Sequence[Play]) -> list[Row]:
    pairs = [pair for play in plays for pair in play.pairs]
    bytes_off = max((abs(a.bytes - b.bytes) / b.bytes for a, b in pairs), default=1.0)
    start_off_s = max((abs(a.first_s - b.first_s) for a, b in pairs), default=1.0)
    wakes, heard = sum(len(p.wakes_s) for p in plays), sum(p.heard for p in plays)
    streams, logged = sum(len(p.wire) for p in plays), sum(len(p.server) for p in plays)
    return [
        Row(f"{maker}: streams on the wire", streams, "streams", "", None),
        Row(f"{maker}: streams in the server's log", logged, "streams", "", None),
        Row(f"{maker}: of these on the wire", len(pairs), "streams", "all", len(pairs) == logged),
        Row(f"{maker}: on the wire only, to strangers", streams - len(pairs), "streams", "", None),
        Row(
            f"{maker}: bytes of a stream: wire off log, worst",
            100 * bytes_off,
            "%",
            "at most 1",
            bytes_off <= _BYTES,
        ),
        Row(
            f"{maker}: start of a stream: wire off log, worst",
            1e3 * start_off_s,
            "ms",
            "at most 50",
            start_off_s <= _START_S,
        ),
        Row(f"{maker}: wakes in the wake service's log", wakes, "wakes", "", None),
        Row(f"{maker}: of these a stream on the wire", heard, "wakes", "all", heard == wakes),
    ]


if __name__ == "__main__":
    sys.exit(main())
