"""A rig file as a player: opened when it is needed, and again after trouble."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.model.live import PlaceInSeries
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.doctor import prove_controls
from harness.series.play import play_and_rule
from harness.series.soak.journal import HeadLine
from harness.series.soak.night import Played
from harness.stage.clips import cast_for

Opener = Callable[[RigFile, Clock], AbstractContextManager[Rig]]


def head_of(file: RigFile, plan_sha256: str, seed: int) -> HeadLine:
    """What a night on this rig is of. `plan_sha256`: tells its plan from others."""
    return HeadLine(
        rig=file.name,
        device=file.device.name,
        firmware=file.device.firmware,
        plan_sha256=plan_sha256,
        seed=seed,
    )


class RigPlayer(AbstractContextManager["RigPlayer"]):
    """Plays scenes on the rig of a file. `progress` is told what is going on."""

    def __init__(
        self,
        file: RigFile,
        clock: Clock,
        progress: Callable[[str], None],
        opener: Opener = open_rig,
    ) -> None:
        """Nothing is opened yet."""
        self._file, self._clock, self._progress, self._opener = file, clock, progress, opener
        self._stack = ExitStack()
        self._rig: Rig | None = None
        self.place: PlaceInSeries | None = None
        """Which play of how many the next one is, for whoever watches."""

    def rig(self) -> Rig:
        """The open rig. Raises `RigError` where it does not open."""
        if self._rig is None:
            self._progress("opening the bench")
            self._rig = self._stack.enter_context(self._opener(self._file, self._clock))
        return self._rig

    def play(self, scene: Path, into: Path) -> Played:
        """Play a scene, with its evidence in a new folder below `into`."""
        rig, corpus = self.rig(), Corpus.load()
        script = load_scene(scene, corpus)
        cast = cast_for(script, rig.file, corpus, rig.microphone.rate_hz)
        if self.place is not None:
            rig.live.tell(self.place)
        outcome = play_and_rule(rig, script, cast, self._progress, into)
        return Played(outcome.ruling, outcome.evidence, outcome.stopped_by)

    def trouble(self) -> str | None:
        """Every control, as the doctor proves them: those that do not hold."""
        self._progress("examining the rig")
        broken = [c for c in prove_controls(self.rig(), self._progress) if not c.held]
        return "; ".join(f"{c.name}: {c.detail}" for c in broken) or None

    def renew(self) -> None:
        """Close the rig; the next use opens it anew."""
        self._rig = None
        self._stack.close()

    def __exit__(self, *_: object) -> None:
        """Take the bench down."""
        self.renew()
