"""The corpus's own environment and the synthesisers in it, run as a program of their own.

Nothing here is needed to play a scene whose clips are there. `Renderer` makes the environment
from `audio_corpus/requirements.lock`, fetches the Kokoro voices, and runs `render.py`.
"""

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from harness.errors import CorpusError
from harness.forms.shipped import in_checkout
from harness.scene.clips import Samples
from harness.scene.voices import ENGINES

Progress = Callable[[int, int, str], None]
"""Told how many of how many steps are done, and what is being done now."""

KOKORO_PACKAGE = "kokoro-js@1.2.1"
_KOKORO_FILE = "kokoro-js-1.2.1.tgz"
_KOKORO_SHA256 = "1f0d0383ef0349af0bd9440d81dc12abbea3a5392eb645283eda876f537f5860"
_STAMP = "requirements.sha256"


@dataclass(frozen=True, slots=True)
class Rendered:
    """Raw speech or sound of one job: mono samples, their rate, and the versions used."""

    job_id: str
    samples: Samples
    rate_hz: int
    versions: dict[str, str]


def cache_folder(environment: Mapping[str, str], project: Path) -> Path:
    """Where downloads are kept: `$XDG_CACHE_HOME/sayso`, else `.cache/sayso` of a checkout, and of
    its user where Sayso was installed."""
    base = environment.get("XDG_CACHE_HOME")
    own = project if in_checkout(project) else Path.home()
    return (Path(base) if base else own / ".cache") / "sayso"


class Renderer:
    """Runs the synthesisers of `project`; downloads are kept in `cache`."""

    def __init__(self, project: Path, cache: Path) -> None:
        self._tools = project / "audio_corpus"
        self._venv = (project if in_checkout(project) else cache) / ".venv-corpus"
        self._cache = cache

    def render(self, jobs: Sequence[dict[str, Any]], progress: Progress) -> Iterator[Rendered]:
        """Render the jobs one by one; raises `CorpusError` at the first that cannot be."""
        if not jobs:
            return
        engines = {str(job["engine"]) for job in jobs}
        _require_programs(engines)
        self._ensure_environment(progress)
        voices = self._kokoro_voices(progress) if "kokoro" in engines else None
        with tempfile.TemporaryDirectory(prefix="sayso-corpus-") as folder:
            yield from self._run(jobs, voices, Path(folder), progress)

    def _run(
        self, jobs: Sequence[dict[str, Any]], voices: Path | None, folder: Path, progress: Progress
    ) -> Iterator[Rendered]:
        asked = folder / "jobs.json"
        request = {"kokoro_voices": str(voices) if voices else None, "jobs": list(jobs)}
        asked.write_text(json.dumps(request), encoding="utf-8")
        command = [str(self._python), str(self._tools / "render.py"), str(folder)]
        errors = folder / "errors.txt"
        with asked.open("rb") as source, errors.open("wb") as trouble:
            run = subprocess.Popen(command, stdin=source, stdout=subprocess.PIPE, stderr=trouble)
            try:
                yield from _finished_jobs(run, jobs, folder, errors, progress)
            finally:
                run.kill()  # does nothing to one that has ended; none outlives its builder
                run.communicate()

    def _ensure_environment(self, progress: Progress) -> None:
        """Make `.venv-corpus` unless it is there and made from this very lock file."""
        lock = self._tools / "requirements.lock"
        wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
        stamp = self._venv / _STAMP
        if stamp.is_file() and stamp.read_text("ascii") == wanted:
            return
        progress(0, 1, "installing the synthesisers, once")
        _checked([sys.executable, "-m", "venv", "--clear", str(self._venv)], "make .venv-corpus")
        install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(lock)]
        _checked([str(self._python), *install], "install the synthesisers")
        stamp.write_text(wanted, "ascii")

    def _kokoro_voices(self, progress: Progress) -> Path:
        """The packed npm package with Kokoro's voices, from the cache or from npm."""
        path = self._cache / _KOKORO_FILE
        if not path.is_file():
            progress(0, 1, "fetching the voices of Kokoro, once")
            if shutil.which("npm") is None:
                raise CorpusError(
                    "the voices of Kokoro come from npm, which is not installed: "
                    f"`sudo apt install npm`, or put {_KOKORO_FILE} into {self._cache}"
                )
            self._cache.mkdir(parents=True, exist_ok=True)
            pack = ["npm", "pack", KOKORO_PACKAGE, "--pack-destination", str(self._cache)]
            _checked(pack, f"fetch {KOKORO_PACKAGE}")
        if hashlib.sha256(path.read_bytes()).hexdigest() != _KOKORO_SHA256:
            raise CorpusError(f"{path} is not {KOKORO_PACKAGE} as pinned; delete it and try again")
        return path

    @property
    def _python(self) -> Path:
        return self._venv / "bin" / "python"


def _finished_jobs(
    run: subprocess.Popen[bytes],
    jobs: Sequence[dict[str, Any]],
    folder: Path,
    errors: Path,
    progress: Progress,
) -> Iterator[Rendered]:
    """Each job's result as soon as it is there."""
    assert run.stdout is not None  # PIPE was asked for
    for number, job in enumerate(jobs):
        progress(number, len(jobs), _what(job))
        line = run.stdout.readline()
        if not line:
            last = errors.read_text("utf-8", "replace").strip().splitlines()[-1:]
            raise CorpusError(
                f"could not render {_what(job)}: {''.join(last) or 'the renderer ended'}; what "
                "was rendered before it is kept"
            )
        done = json.loads(line)
        samples = np.asarray(np.load(folder / f"{done['id']}.npy"), np.float32)
        yield Rendered(done["id"], samples, done["rate_hz"], done["versions"])
    progress(len(jobs), len(jobs), "rendered")


def _what(job: Mapping[str, Any]) -> str:
    return f'{job["engine"]}:{job["name"]} "{job["text"]}"' if "text" in job else str(job["name"])


def _require_programs(engines: set[str]) -> None:
    """Raise `CorpusError` naming every apt package that is missing for these engines."""
    needed = {ENGINES[name].program for name in engines if name in ENGINES} - {None}
    missing = sorted(program for program in needed if program and shutil.which(program) is None)
    if missing:
        raise CorpusError(
            f"rendering needs {' and '.join(missing)}: `sudo apt install {' '.join(missing)}`"
        )


def _checked(command: Sequence[str], deed: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        last = "".join(done.stderr.strip().splitlines()[-1:])
        raise CorpusError(
            f"could not {deed}: {last or f'exit code {done.returncode}'}. It needs a network the "
            "first time; clips that are already there play without."
        )
