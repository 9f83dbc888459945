"""Makes a corpus: renders what is missing, brings it into form, and rewrites the manifest.

Flows in: lines that somebody wants, the *takes* of a folder (`takes.json`: how a line is to be
spoken where an engine's own way is misheard) and its background sounds (`sounds.json`).
Flows out: FLAC files and a manifest.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from harness.errors import CorpusError
from harness.scene.clips import (
    ACTIVE_LEVEL_DBFS,
    CLIP_RATE_HZ,
    END_SILENCE_S,
    Samples,
    finished_sound,
    finished_speech,
    write_clip,
)
from harness.scene.corpus import SHIPPED_FOLDER, Corpus, Wanted, file_sha256, spoken_text
from harness.scene.corpus_tools import Progress, Rendered, Renderer, cache_folder
from harness.scene.manifest import (
    MANIFEST_NAME,
    Clip,
    Form,
    Manifest,
    ParameterValue,
    Recipe,
    Sound,
    read_manifest,
    write_manifest,
)
from harness.scene.voices import Voice, parse_voice

FORM = Form(
    rate_hz=CLIP_RATE_HZ,
    channels=1,
    bits=16,
    active_level_dbfs=ACTIVE_LEVEL_DBFS,
    end_silence_s=END_SILENCE_S,
)
_SOUND_LICENCE = "Apache-2.0"


class RendersJobs(Protocol):
    """What the builder needs of a renderer."""

    def render(self, jobs: Sequence[dict[str, Any]], progress: Progress) -> Iterator[Rendered]:
        """The raw sound of each job, in order."""
        ...


def default_renderer() -> Renderer:
    """The renderer of this checkout, caching where the environment says."""
    project = SHIPPED_FOLDER.parent
    return Renderer(project, cache_folder(os.environ, project))


def build(
    folder: Path,
    wanted: Sequence[Wanted],
    renderer: RendersJobs,
    progress: Progress,
    *,
    force: bool = False,
    search: Sequence[Path] = (),
) -> tuple[Clip, ...]:
    """Add to the corpus in `folder` every wanted line that neither it nor `search` has.

    `force`: render all of them again. Returns the new clips. The folder is made where it is not
    there. Raises `CorpusError` for a line that cannot be rendered; what was rendered before it
    is kept, in the manifest too.
    """
    with _open(folder) as (clips, _sounds):
        have = Corpus.load(*[f for f in (folder, *search) if (f / MANIFEST_NAME).is_file()])
        unique = tuple(dict.fromkeys((voice, spoken_text(text)) for voice, text in wanted))
        todo = unique if force else have.missing(unique)
        jobs = [_job(parse_voice(voice), text, _takes(folder)) for voice, text in todo]
        made = []
        for job, raw in zip(jobs, renderer.render(jobs, progress), strict=True):
            clip = _finish(folder, job, raw)
            clips[clip.voice, clip.text] = clip
            made.append(clip)
    return tuple(made)


def build_sounds(
    folder: Path, renderer: RendersJobs, progress: Progress, *, force: bool = False
) -> tuple[Sound, ...]:
    """Make the background sounds of the folder's `sounds.json` that are missing."""
    path = folder / "sounds.json"
    recipes = json.loads(path.read_text("utf-8"))["sounds"] if path.is_file() else []
    made = []
    with _open(folder) as (_clips, sounds):
        for recipe in recipes:
            if force or recipe["key"] not in sounds:
                sound = _sound(folder, recipe, renderer, progress)
                sounds[sound.key] = sound
                made.append(sound)
    return tuple(made)


def wanted_of_scripts(folder: Path) -> tuple[Wanted, ...]:
    """Every line of the `scripts/*.json` of a corpus folder, with the voice of who says it."""
    wanted = []
    for path in sorted((folder / "scripts").glob("*.json")):
        script = json.loads(path.read_text("utf-8"))
        if script.get("clips", True):
            wanted += [(script["cast"][who], text) for who, text in script["lines"]]
    return tuple(wanted)


def empty_corpus(folder: Path) -> None:
    """Make a corpus with nothing in it, for lines of one's own; what is there stays."""
    with _open(folder):
        pass


@contextmanager
def _open(folder: Path) -> Iterator[tuple[dict[Wanted, Clip], dict[str, Sound]]]:
    """The entries of a folder to be changed; written back also when something fails midway."""
    (folder / "clips").mkdir(parents=True, exist_ok=True)
    if (folder / MANIFEST_NAME).is_file():
        manifest = read_manifest(folder)
    else:
        manifest = Manifest(version=1, form=FORM, clips=(), sounds=())
        write_manifest(folder, manifest)
    if manifest.form != FORM:
        raise CorpusError(
            f"{folder / MANIFEST_NAME}: its clips have another form than this version makes; "
            "build into a new folder"
        )
    clips = {(clip.voice, clip.text): clip for clip in manifest.clips}
    sounds = {sound.key: sound for sound in manifest.sounds}
    try:
        yield clips, sounds
    finally:
        after = Manifest(
            version=1, form=FORM, clips=tuple(clips.values()), sounds=tuple(sounds.values())
        )
        write_manifest(folder, after)


def _takes(folder: Path) -> dict[Wanted, dict[str, ParameterValue]]:
    path = folder / "takes.json"
    if not path.is_file():
        return {}
    takes = json.loads(path.read_text("utf-8"))["takes"]
    return {(take["voice"], take["text"]): take["parameters"] for take in takes}


def _job(
    voice: Voice, text: str, takes: Mapping[Wanted, dict[str, ParameterValue]]
) -> dict[str, Any]:
    parameters = {"speed": 1.0, **takes.get((str(voice), text), {})}
    return {
        "id": _key(str(voice), text),
        "engine": voice.engine.name,
        "name": voice.name,
        "text": text,
        **parameters,
    }


def _finish(folder: Path, job: Mapping[str, Any], raw: Rendered) -> Clip:
    """Bring a line into form, write it, and say what it is."""
    voice = parse_voice(f"{job['engine']}:{job['name']}")
    try:
        speech = finished_speech(raw.samples, raw.rate_hz)
    except CorpusError as error:
        raise CorpusError(f"{voice} {job['text']!r}: {error}") from error
    taken = {k: v for k, v in job.items() if k not in ("id", "engine", "name", "text")}
    recipe = Recipe(engine=voice.engine.name, versions=raw.versions, parameters=taken)
    return Clip(
        voice=str(voice),
        text=job["text"],
        licence=voice.engine.licence,
        recipe=recipe,
        **_written(folder, job["id"], speech),
    )


def _sound(
    folder: Path, recipe: Mapping[str, Any], renderer: RendersJobs, progress: Progress
) -> Sound:
    make: Callable[..., tuple[Samples, Recipe, str]]
    make = _speech_sound if "script" in recipe else _recipe_sound
    samples, made_by, licence = make(folder, recipe, renderer, progress)
    written = _written(folder, recipe["key"], samples)
    return Sound(about=recipe["about"], licence=licence, recipe=made_by, **written)


def _recipe_sound(
    folder: Path, recipe: Mapping[str, Any], renderer: RendersJobs, progress: Progress
) -> tuple[Samples, Recipe, str]:
    job = {
        "id": recipe["key"],
        "engine": "recipe",
        "name": recipe["recipe"],
        "parameters": recipe["parameters"],
    }
    (raw,) = renderer.render([job], progress)
    parameters = {"recipe": recipe["recipe"], **recipe["parameters"]}
    made_by = Recipe(engine="recipe", versions=raw.versions, parameters=parameters)
    return finished_sound(raw.samples, raw.rate_hz), made_by, _SOUND_LICENCE


def _speech_sound(
    folder: Path, recipe: Mapping[str, Any], renderer: RendersJobs, progress: Progress
) -> tuple[Samples, Recipe, str]:
    """All lines of a script one after the other, with a pause after each."""
    script = json.loads((folder / recipe["script"]).read_text("utf-8"))
    jobs = [_job(parse_voice(script["cast"][who]), text, {}) for who, text in script["lines"]]
    pause = np.zeros(round(recipe["pause_s"] * CLIP_RATE_HZ), np.float32)
    parts: list[Samples] = []
    versions: dict[str, str] = {}
    for raw in renderer.render(jobs, progress):
        parts += [finished_speech(raw.samples, raw.rate_hz), pause]
        versions |= raw.versions
    voice = parse_voice(next(iter(script["cast"].values())))
    parameters = {"voice": str(voice), "script": recipe["script"], "pause_s": recipe["pause_s"]}
    made_by = Recipe(engine=voice.engine.name, versions=versions, parameters=parameters)
    return np.concatenate(parts), made_by, voice.engine.licence


def _written(folder: Path, key: str, samples: Samples) -> dict[str, Any]:
    file = f"clips/{key}.flac"
    write_clip(folder / file, samples)
    return {
        "key": key,
        "file": file,
        "rate_hz": CLIP_RATE_HZ,
        "seconds": round(samples.size / CLIP_RATE_HZ, 6),
        "sha256": file_sha256(folder / file),
    }


def _key(voice: str, text: str) -> str:
    """A readable file name that is unique for voice and text."""
    words = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:40].strip("-")
    digest = hashlib.sha256(f"{voice}|{text}".encode()).hexdigest()[:6]
    return f"{voice.replace(':', '-').replace('+', '-')}-{words}-{digest}"
