"""The plays of the faults' benchmark: the file that keeps what came of each."""

import contextlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.bench.faults import FaultKind
from harness.model.ruling import Verdict


@dataclass(frozen=True, slots=True)
class Faulted:
    """A play with a fault. `verdict`: None where there was no room to write one. `named`: whether
    it says what broke; `why`: in words.
    """

    seed: int
    kind: FaultKind
    said: str
    verdict: Verdict | None
    named: bool
    why: str
    took_s: float

    @property
    def told(self) -> str:
        """What came of it, on one line."""
        return f"{self.verdict or 'no ruling'}, {'named' if self.named else 'NOT named'}"


def add_play(path: Path, play: Faulted) -> None:
    """Put a play at the end of the file, in one write, so that lanes do not mix their lines."""
    with path.open("ab", buffering=0) as file:
        # A line of its own, also after one that was torn.
        file.write(b"\n" + json.dumps(asdict(play)).encode() + b"\n")


def read_plays(path: Path) -> list[Faulted]:
    """The plays in the file, in order of seeds; none where there is no file. A line that was torn
    when the benchmark was killed is left out; a seed played twice counts once, as the worse.
    """
    if not path.exists():
        return []
    found = dict[int, Faulted]()
    for line in path.read_text(encoding="utf-8").splitlines():
        with contextlib.suppress(json.JSONDecodeError):
            play = _play(json.loads(line))
            found[play.seed] = min(play, found.get(play.seed, play), key=_worse_first)
    return [found[seed] for seed in sorted(found)]


def _worse_first(play: Faulted) -> tuple[bool, bool]:
    return play.verdict is not Verdict.PASS, play.named


def _play(found: dict[str, object]) -> Faulted:
    verdict = found.pop("verdict")
    kind = FaultKind(str(found.pop("kind")))
    return Faulted(
        kind=kind,
        verdict=None if verdict is None else Verdict(str(verdict)),
        **found,  # type: ignore[arg-type]
    )
