"""A play as Allure results: description, a step a line, labels, and copies of the evidence.

Call from the main thread while the pytest test runs, after the evidence is written and judged.
Without `--alluredir` allure-pytest drops all of it, so nothing here needs to ask.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import allure as _untyped_allure

from harness.errors import ConsentViolation
from harness.evidence import layout
from harness.evidence.read import read_events, read_script_and_rig
from harness.model.ruling import Finding, Ruling
from harness.model.script import Script
from harness.model.timeline import (
    DeedDone,
    Event,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    PromptHeard,
    SpeechHeard,
)
from harness.report.describe import describe
from harness.report.hearing import speaker
from harness.report.page import page_of_folder
from harness.report.phrases import clock_time, quoted
from harness.scene.labels import SceneLabels

# allure-python ships no types; this is the one place that calls it.
allure: Any = _untyped_allure

CATEGORIES: tuple[Mapping[str, object], ...] = (
    {
        "name": "Known violation",
        "matchedStatuses": ["skipped"],
        "messageRegex": ".*XFAIL.*",
    },
    {
        "name": "Known violation vanished",
        "matchedStatuses": ["failed"],
        "messageRegex": ".*(XPASS|did not happen again|did not happen in any play).*",
    },
    {
        "name": "Consent violation",
        "matchedStatuses": ["failed"],
        "messageRegex": ".*ConsentViolation.*",
    },
    {
        "name": "Wrongly refused",
        "matchedStatuses": ["failed"],
        "messageRegex": ".*ExpectationUnmet.*",
    },
    {
        "name": "Inconclusive",
        "matchedStatuses": ["broken"],
        "messageRegex": ".*Inconclusive.*",
    },
    {
        "name": "Rig trouble",
        "matchedStatuses": ["broken"],
        "messageRegex": ".*(RigError|RigBusy|DeviceError).*",
    },
)
"""In the words of Allure 2, which Allure 3 takes as well; the first that matches counts."""

BY_CLASS = ("Known violation", "Known violation vanished", "Consent violation")
"""Categories that are sorted by the label `violation`, the first link that broke."""

EVIDENCE_FILES: tuple[tuple[str, str, str, str], ...] = (
    (layout.LISTENER, "What the listener's microphone heard", "audio/flac", "flac"),
    (layout.NETWORK, "Network packets", "application/vnd.tcpdump.pcap", "pcapng"),
    (layout.TIMELINE, "Timeline", "text/plain", "jsonl"),
    (layout.RULING, "Ruling", "application/json", "json"),
    (layout.RULING_TEXT, "Ruling in words", "text/plain", "txt"),
    (layout.DEVICE_LOG, "Device log", "text/plain", "txt"),
)
"""What people open of a play's evidence: file, title, type and extension."""


def attach_play(folder: Path, ruling: Ruling, script: Script) -> None:
    """Attach a judged run to the running test; `folder` is its evidence, only read here."""
    classes = [finding.cls for finding in ruling.findings]
    rig = read_script_and_rig(folder)[1].rig
    label_test(script, rig, ruling.device, ruling.firmware, describe(ruling, folder), classes)
    _steps(script, read_events(folder, torn_end=True), ruling.findings)
    attach_evidence(folder, ruling)


def label_test(
    script: Script, rig: str, device: str, firmware: str, description: str, classes: Sequence[str]
) -> None:
    """Title, description (HTML), labels and parameters of the running test.

    `classes`: violations found, the first broken link first. The firmware is no part of the test's
    history, which would begin anew with each.
    """
    scene_folder, _, scene = script.id.rpartition("/")
    allure.dynamic.title(f"{script.title} ({device}, {firmware})")
    allure.dynamic.description_html(description)
    allure.dynamic.feature(scene_folder or scene)
    allure.dynamic.story(scene)
    allure.dynamic.tag(*sorted(set(classes)))
    if classes:
        allure.dynamic.label("violation", classes[0])
    allure.dynamic.parameter("rig", rig)
    allure.dynamic.parameter("device", device)
    allure.dynamic.parameter("firmware", firmware, excluded=True)


def label_scene(labels: SceneLabels) -> None:
    """Whose the scene is, how grave, and where to read on, as its file says."""
    if labels.owner is not None:
        allure.dynamic.label("owner", labels.owner)
    if labels.severity is not None:
        allure.dynamic.severity(labels.severity)
    for link in labels.links:
        allure.dynamic.link(link.url, name=link.name or link.url)


def attach_evidence(folder: Path, ruling: Ruling) -> None:
    """The page of a play, the very file, and copies of the files that people open."""
    written = folder / layout.PAGE
    page = written.read_text("utf-8") if written.exists() else page_of_folder(folder, ruling)
    allure.attach(page, "Ruling page", attachment_type="text/html", extension="html")
    for name, title, kind, extension in EVIDENCE_FILES:
        path = folder / name
        if path.exists():
            allure.attach.file(path, title, attachment_type=kind, extension=extension)


def _steps(script: Script, events: Iterable[Event], findings: Iterable[Finding]) -> None:
    """A step for each thing said, done or received, with the violations that rest on it inside."""
    left = list(findings)
    for start_s, end_s, who, title in sorted(_happenings(script, events)):
        mine = [f for f in left if f.who == who and start_s - 0.05 <= f.at_s <= end_s + 0.05]
        left = [finding for finding in left if finding not in mine]
        _step(f"{clock_time(start_s)} {title}", mine)
    for finding in left:
        _step(f"{clock_time(finding.at_s)} {finding.cause}", [finding])


def _step(title: str, findings: Iterable[Finding]) -> None:
    """A step; failed when a violation rests on it, without failing the test itself."""
    step = allure.step(title)
    step.__enter__()
    trouble = None
    for finding in findings:
        trouble = ConsentViolation(finding.detail or finding.cause)
        inner = allure.step(f"{finding.cls} {finding.cause}")
        inner.__enter__()
        inner.__exit__(ConsentViolation, trouble, None)
    step.__exit__(ConsentViolation if trouble else None, trouble, None)


def _happenings(script: Script, events: Iterable[Event]) -> Iterable[tuple[float, float, str, str]]:
    """Start, end, who, and the step's title."""
    for event in events:
        if isinstance(event, LineSpoken):
            line = script.line(event.line_id)
            title = f"{line.who}, to the {line.to}: {quoted(line.says)}"
            yield event.start_s, event.end_s, line.who, title
        elif isinstance(event, LineUnsaid):
            line = script.line(event.line_id)
            title = f"{line.who} left unsaid: {quoted(line.says)} ({event.reason})"
            yield event.at_s, event.at_s, line.who, title
        elif isinstance(event, PromptHeard):
            title = f"the device: {quoted(event.text)}"
            yield event.start_s, event.end_s, "the device", title
        elif isinstance(event, SpeechHeard):
            title = f"{speaker(event)}: {quoted(event.text) if event.text else 'speech'}"
            yield event.start_s, event.end_s, "", f"{title} ({event.trouble})"
        elif isinstance(event, MessageReceived):
            title = f"a message arrived with {event.recipient}"
            yield event.at_s, event.at_s, "", title
        elif isinstance(event, DeedDone):
            yield event.at_s, event.at_s, "", f"the bench: {event.in_words}"


def write_environment(results: Path, facts: Mapping[str, str]) -> None:
    """Write `environment.properties`: what Allure shows of the machine, rigs and versions.

    What other rigs wrote into the same results stays; of the same facts the last said counts.
    """
    results.mkdir(parents=True, exist_ok=True)
    target = results / "environment.properties"
    before = target.read_text(encoding="utf-8").splitlines() if target.exists() else []
    told = dict(line.split("=", 1) for line in before if "=" in line)
    told |= {_property(key, key=True): _property(value) for key, value in facts.items()}
    target.write_text("".join(f"{k}={v}\n" for k, v in told.items()), encoding="utf-8")


def _property(text: str, *, key: bool = False) -> str:
    """Text for a Java properties file, on one line."""
    flat = " ".join(text.split()).replace("\\", "\\\\")
    return flat.replace(" ", "_").replace("=", "_").replace(":", "_") if key else flat


def write_categories(results: Path) -> None:
    """Write `categories.json`, which Allure 2 reads (`allure_build` tells Allure 3)."""
    results.mkdir(parents=True, exist_ok=True)
    text = json.dumps(CATEGORIES, indent=2) + "\n"
    (results / "categories.json").write_text(text, encoding="utf-8")
