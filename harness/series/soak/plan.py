"""A soak plan: which scenes, and how often each of them in proportion to the others."""

import hashlib
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from harness.bench.suitefile import files_matching
from harness.errors import SceneError
from harness.forms.fields import Text
from harness.forms.strict import StrictModel, validated
from harness.forms.yaml_positions import read_yaml


class ShareText(StrictModel):
    """Scenes that are played equally often."""

    scenes: Text
    """A scene file or a glob, counted from the plan file."""
    weight: Annotated[float, Field(gt=0, le=1000)] = 1.0
    """How often each of them is played, in proportion to the others."""


class PlanText(StrictModel):
    """A soak plan."""

    shares: Annotated[tuple[ShareText, ...], Field(min_length=1)]
    """Scenes and their weights."""
    inconclusive_at_most: Annotated[float, Field(ge=0, le=1)] = 0.05
    """A night with a larger share of inconclusive plays is inconclusive itself."""


@dataclass(frozen=True, slots=True)
class SoakPlan:
    """Scene files with their weights, each file once; paths are absolute."""

    scenes: tuple[tuple[Path, float], ...]
    inconclusive_at_most: float

    @property
    def digest(self) -> str:
        """What tells one plan from another: scenes (by what they say) and weights."""
        told = [
            (path.name, weight, hashlib.sha256(path.read_bytes()).hexdigest())
            for path, weight in self.scenes
        ]
        text = json.dumps([told, self.inconclusive_at_most])
        return hashlib.sha256(text.encode()).hexdigest()

    def drawn(self, seed: int) -> Callable[[int], Path]:
        """The scene of a play by its number, with this seed."""
        return lambda number: self.draw(seed, number)

    def draw(self, seed: int, number: int) -> Path:
        """The scene of one play. It hangs on seed and number alone, so a night that is taken up
        again goes on as it would have.
        """
        paths, weights = zip(*self.scenes, strict=True)
        chosen: Path = random.Random(f"{seed}/{number}").choices(paths, weights)[0]
        return chosen


def load_soak_plan(path: Path) -> SoakPlan:
    """Read and check a plan. Raises `SceneError` with every problem found."""
    document, problems = read_yaml(path, SceneError)
    plan = validated(PlanText, document, problems)
    problems.raise_if_any()
    assert plan is not None
    folder, weights = path.absolute().parent, dict[Path, float]()
    for index, share in enumerate(plan.shares):
        found = files_matching(folder, share.scenes)
        if not found:
            mark = document.mark(("shares", index, "scenes"))
            problems.add(mark, f"no scene matches {share.scenes} (paths count from {folder})")
        weights |= dict.fromkeys(found, share.weight)
    problems.raise_if_any()
    return SoakPlan(tuple(weights.items()), plan.inconclusive_at_most)
