"""Rendering of the test set's lines: each by its synthesiser, kept as soon as it is there."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.texts import Line, digest
from audio_corpus.rendering import programs
from harness.scene.corpus_build import RendersJobs, default_renderer
from harness.scene.corpus_tools import Progress, Rendered

# What of the two programs is needed is in numpy and the standard library; the others have an
# environment of their own.
_PROGRAMS = {"flite": ("flite", programs.flite), "espeak": ("espeak-ng", programs.espeak)}
_VERSIONS = "versions.json"


class Programs:
    """Renders by flite and espeak-ng, as they are installed."""

    def render(self, jobs: Sequence[dict[str, Any]], progress: Progress) -> Iterator[Rendered]:
        """The raw sound of each job, in order."""
        for number, job in enumerate(jobs):
            progress(number, len(jobs), f"{job['engine']}:{job['name']} {job['text']!r}")
            program, speak = _PROGRAMS[job["engine"]]
            samples, rate_hz = speak(job["name"], job["text"], job["speed"])
            versions = {program: programs.version_of(program)} if number == 0 else {}
            yield Rendered(job["id"], samples, rate_hz, versions)


def render(lines: Sequence[Line], store: Store, progress: Progress) -> None:
    """Render lines and keep them; `CorpusError` for one that cannot be. What was done is kept."""
    plain = [line for line in lines if line.engine in _PROGRAMS]
    _render(plain, Programs(), store, progress)
    _render([line for line in lines if line not in plain], default_renderer(), store, progress)


def _render(lines: Sequence[Line], renderer: RendersJobs, store: Store, progress: Progress) -> None:
    jobs = [_job(line) for line in lines]
    for line, raw in zip(lines, renderer.render(jobs, progress), strict=True):
        store.add(line, raw)
        _remember_versions(store, raw.versions)


def _job(line: Line) -> dict[str, Any]:
    engine, _, name = line.voice.partition(":")
    key = digest(str(line))[:20]
    return {"id": key, "engine": engine, "name": name, "text": line.text, "speed": 1.0}


def _remember_versions(store: Store, versions: dict[str, str]) -> None:
    known = versions_here(store)
    if not versions.items() <= known.items():
        (store.folder / _VERSIONS).write_text(json.dumps(known | versions))


def versions_here(store: Store) -> dict[str, str]:
    """The versions of what rendered the clips in a store."""
    path = store.folder / _VERSIONS
    found: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
    return found
