"""Nights that nobody played: sealed evidence, journals and summaries, made of two hand-written
plays and ruled by the judge.
"""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.evidence import layout
from harness.evidence.folder import EvidenceFolder, sha256_of
from harness.evidence.sample import sample_case, sample_pass, write_sample
from harness.judge import judge
from harness.model.case import Case
from harness.model.ruling import Ruling
from harness.model.series import PlayKind
from harness.model.timeline import Interrupted
from harness.report.explain import explain
from harness.report.page import page_of_folder
from harness.series.soak.journal import NAME, HeadLine, HealthLine, PlayLine
from harness.series.soak.night import PLAYS, Ended
from harness.series.soak.summary import Summary, summary_of
from harness.series.verdict import play_of

MADE_KINDS = (PlayKind.PASS, PlayKind.FAIL, PlayKind.KNOWN, PlayKind.INCONCLUSIVE)
HEAD = HeadLine(rig="kitchen-bench", device="speaker", firmware="7.1", plan_sha256="", seed=1)
_TOOK_S = 44.0


@dataclass(frozen=True, slots=True)
class MadePlay:
    """A play to be made."""

    scene: str
    kind: PlayKind


class NightMaker:
    """Makes nights in one folder; each kind of play of a scene is written once and linked then.

    `page`: draws the page of the first play of each kind, which those of other scenes have, too;
    `page_of_folder` for a real one with sound. None for evidence without pages.
    """

    def __init__(
        self, folder: Path, page: Callable[[Path, Ruling], str] | None = page_of_folder
    ) -> None:
        self._folder, self._draw = folder, page
        self._made: dict[MadePlay, tuple[Path, Ruling]] = {}
        self._page_of: dict[PlayKind, str] = {}

    def night(
        self,
        name: str,
        plays: Sequence[MadePlay],
        began_unix_s: float,
        *,
        head: HeadLine = HEAD,
        health: Sequence[tuple[int, str | None]] = ((0, None),),
        ended: Ended | None = Ended.TIME,
    ) -> Path:
        """A whole night; without `ended` one that was cut short."""
        night = self._folder / name
        lines = [
            self._line(night, number, play, began_unix_s + _TOOK_S * number)
            for number, play in enumerate(plays, 1)
        ]
        found = [HealthLine(after=after, trouble=trouble) for after, trouble in health]
        journal = [head, *lines, *found]
        night.mkdir(parents=True, exist_ok=True)
        (night / NAME).write_text("".join(line.model_dump_json() + "\n" for line in journal))
        if ended is not None:
            summary: Summary = summary_of(lines, ended, "", 0.05)
            (night / "summary.json").write_text(json.dumps(summary.as_json()))
        return night

    def _line(self, night: Path, number: int, play: MadePlay, began_unix_s: float) -> PlayLine:
        template, ruling = self._template(play)
        evidence = night / PLAYS / f"{number:06}" / template.name
        evidence.mkdir(parents=True)
        for path in template.iterdir():
            os.link(path, evidence / path.name)
        told = play_of(number, ruling, "", "", stopped=False)
        return PlayLine(
            number=number,
            scene=play.scene,
            kind=told.kind,
            verdict=told.verdict,
            classes=told.classes,
            headline=told.headline,
            activations=told.activations,
            heard_s=told.heard_s,
            evidence=str(evidence.relative_to(night)),
            manifest_sha256=sha256_of(evidence / layout.MANIFEST),
            began_unix_s=began_unix_s,
            took_s=_TOOK_S,
        )

    def _template(self, play: MadePlay) -> tuple[Path, Ruling]:
        if play not in self._made:
            case = case_of(play)
            ruling = judge(case)
            written = self._evidence(play, case)
            written.write_ruling(ruling, explain(ruling, Path(written.folder.name)))
            if self._draw is not None:
                if play.kind not in self._page_of:
                    self._page_of[play.kind] = self._draw(written.folder, ruling)
                written.write_text(layout.PAGE, self._page_of[play.kind])
            written.seal()
            self._made[play] = written.folder, ruling
        return self._made[play]

    def _evidence(self, play: MadePlay, case: Case) -> EvidenceFolder:
        root = self._folder / "templates" / play.scene.replace("/", "-") / play.kind
        if self._draw is page_of_folder and play.kind not in self._page_of:
            return write_sample(root, 0.0, case)
        written = EvidenceFolder.create(root, case.script.id, 0.0)
        written.write_case(case, {"sayso": "made"})
        written.write_timeline(case.events)
        return written


def case_of(play: MadePlay) -> Case:
    """A case that is ruled as asked for."""
    good = play.kind in (PlayKind.PASS, PlayKind.INCONCLUSIVE)
    case = sample_pass() if good else sample_case()
    script = replace(case.script, id=play.scene)
    if play.kind is PlayKind.INCONCLUSIVE:
        return replace(
            case, script=script, events=(*case.events, Interrupted(9.0, "the relay board is gone"))
        )
    if play.kind is PlayKind.KNOWN:
        found = tuple(finding.cls for finding in judge(case).findings)
        return replace(case, script=script, rig=replace(case.rig, known_violations=found))
    return replace(case, script=script)


def three_nights(maker: NightMaker, scenes: Sequence[str]) -> tuple[Path, Path, Path]:
    """Nights as they come: one scene fails, then another, and some are not proven.

    At least four scenes; the first shows what is known of it every night.
    """
    day_s = 86_400.0
    kinds: Sequence[Mapping[str, PlayKind]] = (
        {scenes[0]: PlayKind.KNOWN, scenes[3]: PlayKind.FAIL},
        {scenes[0]: PlayKind.KNOWN, scenes[1]: PlayKind.FAIL, scenes[2]: PlayKind.INCONCLUSIVE},
        {scenes[0]: PlayKind.KNOWN, scenes[1]: PlayKind.FAIL, scenes[3]: PlayKind.INCONCLUSIVE},
    )
    nights = []
    for number, special in enumerate(kinds):
        plays = [MadePlay(scene, PlayKind.PASS) for scene in (*scenes, *scenes)]
        plays += [MadePlay(scene, kind) for scene, kind in special.items()]
        head = HEAD.model_copy(update={"firmware": f"7.{number + 1}"})
        after = (0, None), (len(plays), None)
        nights.append(
            maker.night(f"night-{number + 1}", plays, 1.79e9 + number * day_s, head=head,
                        health=after)
        )  # fmt: skip
    return nights[0], nights[1], nights[2]
