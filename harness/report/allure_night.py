"""A night as Allure results: one for each play, and what it came to beside them.

No pytest runs here, so the results are written as Allure's own library describes them. A file's
name hangs on the play that it is of: a night that is taken up again replaces what it wrote. The
n-th play of a scene has the same history every night, whatever the firmware.
"""

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import attr
from allure_commons import model2

from harness.evidence import layout
from harness.evidence.disk import write_private
from harness.model.series import PlayKind
from harness.report.allure_results import EVIDENCE_FILES
from harness.scene.labels import SceneLabels
from harness.series.soak.journal import HeadLine, PlayLine

_STATUS = {
    PlayKind.PASS: model2.Status.PASSED,
    PlayKind.KNOWN: model2.Status.SKIPPED,
    PlayKind.FAIL: model2.Status.FAILED,
    PlayKind.MISSING: model2.Status.FAILED,
    PlayKind.NOT_PROVOKED: model2.Status.BROKEN,
    PlayKind.INCONCLUSIVE: model2.Status.BROKEN,
}
# As pytest would say it, so that the same categories take it (`allure_results.CATEGORIES`).
_SAID = {
    PlayKind.KNOWN: "XFAIL",
    PlayKind.MISSING: "ConsentViolation (a known one did not happen again)",
    PlayKind.NOT_PROVOKED: "Inconclusive (not provoked)",
    PlayKind.INCONCLUSIVE: "Inconclusive",
}
_UNLABELLED = SceneLabels()
_WORDS = (layout.RULING_TEXT, "Ruling in words", "text/plain", "txt")
_PAGE = (layout.PAGE, "Ruling page", "text/html", "html")


def write_play(
    results: Path,
    night: Path,
    head: HeadLine,
    plays: Sequence[PlayLine],
    scene: SceneLabels = _UNLABELLED,
) -> None:
    """Write the result of the last of a night's `plays`, with copies of its evidence.

    `night`: the folder that the evidence of each is counted from. `scene`: what its file says for
    reports. Of a pass the ruling in words
    alone is copied, of all else what people open. Raises `OSError` where it cannot be written.
    """
    results.mkdir(parents=True, exist_ok=True)
    play = plays[-1]
    turn = sum(each.scene == play.scene for each in plays)
    case = f"{head.rig}/{head.device}/{play.scene}"
    key = uuid5(NAMESPACE_URL, f"{case}/{turn}/{play.began_unix_s}")
    result = model2.TestResult(
        uuid=str(key),
        historyId=_digest(f"{case}/{turn}"),
        testCaseId=_digest(case),
        fullName=f"soak: {play.scene}, play {turn}",
        name=f"{play.scene}, play {turn} of the night",
        status=_STATUS[play.kind],
        stage="finished",
        labels=_labels(head, play, scene),
        links=[
            model2.Link(type="link", url=link.url, name=link.name or link.url)
            for link in scene.links
        ],
        parameters=[
            # Plays of a scene are no retries of each other: Allure would show the last alone.
            model2.Parameter(name="play", value=str(turn)),
            model2.Parameter(name="device", value=head.device),
            model2.Parameter(name="firmware", value=head.firmware, excluded=True),
        ],
        start=round(play.began_unix_s * 1000),
        stop=round((play.began_unix_s + play.took_s) * 1000),
        attachments=_attachments(results, night / play.evidence, play, key),
    )
    if play.kind is not PlayKind.PASS:
        result.statusDetails = model2.StatusDetails(message=f"{_said(play)}: {play.headline}")
    write_item(results / f"{key}-result.json", result)


def write_beside(
    results: Path, night: Path, texts: Mapping[str, tuple[str, str]], trouble: str | None = None
) -> None:
    """Write what belongs to no single play, as attachments of the whole report.

    `night`: the folder or file that they tell of. `texts`: by name, each with its type and text.
    Those of the same folder are replaced. `trouble`: what the report as a whole should say.
    """
    results.mkdir(parents=True, exist_ok=True)
    key = uuid5(NAMESPACE_URL, str(night.absolute()))
    attached = []
    for name, (kind, text) in texts.items():
        source = f"{uuid5(key, name)}-attachment.{_EXTENSIONS.get(kind, 'txt')}"
        write_private(results / source, text.encode())
        attached.append(model2.GlobalAttachment(name=name, source=source, type=kind))
    told = [] if trouble is None else [model2.GlobalError(message=trouble)]
    write_item(results / f"{key}-globals.json", model2.Globals(attachments=attached, errors=told))


_EXTENSIONS = {"text/markdown": "md", "application/json": "json", "text/html": "html"}


def _said(play: PlayLine) -> str:
    violation = "ConsentViolation" if play.classes else "ExpectationUnmet"
    return _SAID.get(play.kind, violation)


def _labels(head: HeadLine, play: PlayLine, labels: SceneLabels) -> list[model2.Label]:
    folder, _, scene = play.scene.rpartition("/")
    told = [("parentSuite", f"A night on {head.rig}"), ("feature", folder or scene)]
    told += [("story", scene), ("framework", "sayso"), *(("tag", cls) for cls in play.classes)]
    told += [("violation", cls) for cls in play.classes[:1]]
    told += [(k, v) for k, v in (("owner", labels.owner), ("severity", labels.severity)) if v]
    return [model2.Label(name=name, value=value) for name, value in told]


def _attachments(results: Path, folder: Path, play: PlayLine, key: UUID) -> list[model2.Attachment]:
    """Copies of files of the evidence, as far as there are any."""
    wanted = (_WORDS,) if play.kind is PlayKind.PASS else (_PAGE, *EVIDENCE_FILES)
    attached = []
    for name, title, kind, extension in wanted if play.evidence else ():
        source = f"{uuid5(key, name)}-attachment.{extension}"
        if (folder / name).exists():
            shutil.copyfile(folder / name, results / source)
        if (results / source).exists():  # copied before, where the evidence was given up since
            attached.append(model2.Attachment(name=title, source=source, type=kind))
    return attached


def _digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def write_item(path: Path, item: Any) -> None:
    """Write one of Allure's own things as it reads them."""
    content = attr.asdict(item, filter=lambda _, value: value or value is False)
    write_private(path, json.dumps(content, ensure_ascii=False).encode())
