"""The corpus: which file holds which line in which voice.

Several folders may be searched in order, so that somebody's own lines lie beside the shipped
ones. Rendering what is missing is `harness.scene.corpus_build`'s.
"""

import hashlib
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import CorpusError
from harness.forms.problems import closest
from harness.forms.shipped import HOME
from harness.scene.manifest import MANIFEST_NAME, Clip, Manifest, SoundFile, read_manifest

Wanted = tuple[str, str]
"""A voice (`engine:name`) and a text."""

_FOLDER_NAME = "audio_corpus"
SHIPPED_FOLDER = HOME / _FOLDER_NAME


@dataclass(frozen=True, slots=True)
class _Shelf:
    """One folder and its manifest."""

    folder: Path
    manifest: Manifest


class Corpus:
    """Looks up clips and sounds in one or more folders, the first that has it wins."""

    def __init__(self, shelves: Sequence[_Shelf]) -> None:
        self._shelves = tuple(shelves)

    @classmethod
    def load(cls, *folders: Path) -> "Corpus":
        """The corpus in these folders, searched in order; the shipped one where none is given.

        Raises `CorpusError` for a folder without a valid manifest.
        """
        chosen = folders or (SHIPPED_FOLDER,)
        return cls([_Shelf(folder, read_manifest(folder)) for folder in chosen])

    @classmethod
    def around(cls, scene: Path) -> "Corpus":
        """The corpus of a scene's own surroundings, then the shipped one."""
        own = corpus_around(scene)
        return cls.load(*dict.fromkeys((own or SHIPPED_FOLDER, SHIPPED_FOLDER)))

    @property
    def folders(self) -> tuple[Path, ...]:
        """The folders, in the order in which they are searched."""
        return tuple(shelf.folder for shelf in self._shelves)

    def find(self, voice: str, text: str) -> tuple[Path, Clip] | None:
        """The folder and entry of a line; None where no folder has it."""
        wanted = (voice, spoken_text(text))
        for shelf in self._shelves:
            for clip in shelf.manifest.clips:
                if (clip.voice, clip.text) == wanted:
                    return shelf.folder, clip
        return None

    def clip(self, voice: str, text: str) -> Path:
        """The file in which `voice` says `text`; `CorpusError` when there is none."""
        found = self.find(voice, text)
        if found is None:
            other = self._other_voice(voice)
            raise CorpusError(
                f"no clip of {voice} saying {spoken_text(text)!r} in {self._places()}{other}"
                f"{' If not, ' if other else '; '}render it with `sayso corpus build SCENE`"
            )
        return _present(found[0] / found[1].file)

    def sound(self, name: str) -> Path:
        """The file of a background sound; `CorpusError` when there is none."""
        known: list[str] = []
        for shelf in self._shelves:
            for sound in shelf.manifest.sounds:
                if sound.key == name:
                    return _present(shelf.folder / sound.file)
                known.append(sound.key)
        raise CorpusError(
            f"no background sound {name!r} in {self._places()}; there is "
            f"{', '.join(known) or 'none'}. Give a file of your own with `clip:`."
        )

    def missing(self, wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
        """Those lines that no folder has, each once, in the order given."""
        unique = dict.fromkeys((voice, spoken_text(text)) for voice, text in wanted)
        return tuple(pair for pair in unique if self.find(*pair) is None)

    def entries(self) -> tuple[tuple[Path, SoundFile], ...]:
        """Every clip and sound with its folder."""
        return tuple(
            (shelf.folder, entry)
            for shelf in self._shelves
            for entry in (*shelf.manifest.clips, *shelf.manifest.sounds)
        )

    def _other_voice(self, voice: str) -> str:
        """A suggestion where no clip at all is of this voice; empty where one is."""
        voices = {clip.voice for shelf in self._shelves for clip in shelf.manifest.clips}
        return "" if voice in voices else closest(voice, sorted(voices))

    def _places(self) -> str:
        return " or ".join(str(folder / MANIFEST_NAME) for folder in self.folders)


def corpus_around(scene: Path) -> Path | None:
    """The nearest `audio_corpus` with a manifest in the folders above a scene file; None for none.

    So lines that somebody rendered for scenes of their own lie beside these, wherever that is.
    """
    for folder in scene.absolute().parents:
        if (folder / _FOLDER_NAME / MANIFEST_NAME).is_file():
            return folder / _FOLDER_NAME
    return None


def spoken_text(text: str) -> str:
    """A text as clips are looked up by: white space run together, nothing else changed."""
    return " ".join(text.split())


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _present(path: Path) -> Path:
    if not path.is_file():
        raise CorpusError(
            f"{path} is in the manifest but not on disk; get it back from git "
            f"(`git checkout -- {shlex.quote(path.name)}` in its folder) or render it anew with "
            "`sayso corpus build --force SCENE`"
        )
    return path
