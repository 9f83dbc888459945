"""A run of the benchmark that may be cut short and gone on with.

All groups advance together, so that whatever a run had time for is a fair share of each. What was
seen is kept after every recording, so nothing is measured twice.
"""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from audio_corpus.prompts.recordings import Recording
from benchmarks.ears.room import Room

Wanted = tuple[str, Recording]
"""A recording and the group it is of."""


def in_turns(groups: Mapping[str, Sequence[Recording]]) -> list[Wanted]:
    """All recordings, in an order in which every group is as far as every other at any time."""
    ranked = [
        ((number + 0.5) / len(recordings), group, recording)
        for group, recordings in groups.items()
        for number, recording in enumerate(recordings)
    ]
    return [(group, recording) for _, group, recording in sorted(ranked, key=lambda r: r[0])]


@dataclass
class Progress:
    """What was seen so far. `asked`: the arguments that decide what is measured.

    `done`: names of the recordings that the rooms have seen; `sound_s`: of each group.
    """

    asked: tuple[object, ...]
    rooms: dict[str, Room]
    done: set[str] = field(default_factory=set)
    sound_s: dict[str, float] = field(default_factory=dict)

    def left(self, wanted: Sequence[Wanted]) -> list[Wanted]:
        """What was not seen yet."""
        return [(group, one) for group, one in wanted if one.name not in self.done]

    def told(self, wanted: Sequence[Wanted]) -> str:
        """How many recordings of each group were seen."""
        groups = dict.fromkeys(group for group, _ in wanted)
        of = {g: [one.name in self.done for group, one in wanted if group == g] for g in groups}
        return ", ".join(f"{sum(seen)} of {len(seen)} {group}" for group, seen in of.items())

    def keep(self, file: Path) -> None:
        """Write it, whole or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part")
        part.write_bytes(pickle.dumps(self))
        part.replace(file)

    @classmethod
    def kept(cls, file: Path, asked: tuple[object, ...]) -> "Progress":
        """What an earlier run with the same arguments left. `SystemExit` where there is none."""
        if not file.is_file():
            raise SystemExit(f"{file} is not there; begin without --resume")
        found = pickle.loads(file.read_bytes())
        if not isinstance(found, cls) or found.asked != asked:
            raise SystemExit(
                f"{file} is of a run with other arguments; give the same, or begin anew"
            )
        return found
