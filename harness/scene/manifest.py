"""The corpus manifest: what each clip is, where it comes from, and how to make it again.

`manifest.json` lies in the folder of a corpus; its JSON Schema is `manifest_schema()`, published
as docs/schemas/corpus.schema.json.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from harness.errors import CorpusError

MANIFEST_NAME = "manifest.json"

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
ParameterValue = float | str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Recipe(_Strict):
    """How a clip was made: the engine, the exact versions of its parts, and its parameters."""

    engine: str
    versions: dict[str, str]
    parameters: dict[str, ParameterValue]


class SoundFile(_Strict):
    """What is promised of a file.

    `key`: unique name. `file`: path in the corpus folder. `seconds`: length. `sha256`: of the
    file. `licence`: SPDX identifier; the text is in `licences/`.
    """

    key: str
    file: str
    rate_hz: int
    seconds: float
    sha256: Sha256
    licence: str
    recipe: Recipe


class Clip(SoundFile):
    """A line spoken by a voice."""

    voice: str
    text: str


class Sound(SoundFile):
    """A background sound, without a seam where it loops; `key` is what a scene calls it."""

    about: str


class Form(_Strict):
    """The form of every file: mono 16-bit FLAC, and the level of speech and sounds.

    `active_level_dbfs`: active speech level (ITU-T P.56) of clips; sounds that are not speech
    have this power. `end_silence_s`: the most silence at either end of a clip.
    """

    rate_hz: int
    channels: Literal[1]
    bits: Literal[16]
    active_level_dbfs: float
    end_silence_s: float


class Manifest(_Strict):
    """A whole corpus."""

    version: Literal[1]
    form: Form
    clips: tuple[Clip, ...]
    sounds: tuple[Sound, ...]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a corpus folder; `CorpusError` where it cannot be read or is not valid."""
    path = folder / MANIFEST_NAME
    try:
        # From JSON, since strict mode then takes lists for tuples.
        return Manifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise CorpusError(
            f"{path}: cannot be read ({error.strerror}); `sayso corpus build` makes a corpus"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise CorpusError(
            f"{path}: {place}: {first['msg']}; `sayso corpus build` writes the manifest anew"
        ) from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write a manifest, in an order of its own, so that the same corpus gives the same bytes."""
    ordered = manifest.model_copy(
        update={
            "clips": tuple(sorted(manifest.clips, key=lambda clip: (clip.voice, clip.text))),
            "sounds": tuple(sorted(manifest.sounds, key=lambda sound: sound.key)),
        }
    )
    text = json.dumps(ordered.model_dump(mode="json"), indent=1, ensure_ascii=False, sort_keys=True)
    path = folder / MANIFEST_NAME
    draft = path.with_suffix(".new")
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)  # never half a manifest


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of `manifest.json`."""
    return Manifest.model_json_schema()
