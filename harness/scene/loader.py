"""A scene file in, a `Script` out, or one `SceneError` that says all that is wrong with it."""

from collections.abc import Callable, Iterable
from pathlib import Path

from harness.errors import CorpusError, SceneError
from harness.forms.problems import Problems, closest, listed
from harness.forms.strict import validated
from harness.forms.yaml_positions import Document, Place, read_yaml
from harness.model.script import (
    AfterLine,
    AfterPrompt,
    AtTime,
    Background,
    CastMember,
    Doing,
    ExpectedMessage,
    Household,
    Line,
    Script,
    When,
)
from harness.scene.checks import SceneChecks
from harness.scene.deed_checks import entry_id
from harness.scene.scene_schema import BackgroundText, LineText, SceneText, WhenText
from harness.scene.sources import ClipSource, check_clip


def load_scene(path: Path, corpus: ClipSource, require_clips: bool = True) -> Script:
    """Read, check and cast a scene.

    `require_clips`: whether every line and sound must have a recording that can be played; without
    it a missing one is left as an empty path. Raises `SceneError` with every problem found.
    """
    document, problems = read_yaml(path, SceneError)
    scene = validated(SceneText, document, problems)
    if scene is not None:
        SceneChecks(scene, document, problems).run()
    problems.raise_if_any()
    assert scene is not None
    script = _Casting(scene, document, problems, corpus, require_clips).script()
    problems.raise_if_any()
    return script


def scene_id(path: Path) -> str:
    """`folder/name` of a file: `scenarios/portland/kitchen.scene.yaml` is portland/kitchen."""
    whole = path.absolute()
    name = whole.name.removesuffix(".yaml").removesuffix(".scene")
    return f"{whole.parent.name or 'root'}/{name}"


def check_positions(script: Script, positions: Iterable[str]) -> None:
    """Raise `SceneError` unless everybody who speaks, and every sound, has a place on the rig."""
    there = list(positions)
    speaking = {line.who for line in script.lines}
    asked = [(f"{m.name} sits", m.position) for m in script.cast if m.name in speaking]
    asked += [(f"the sound {sound.sound} plays", sound.position) for sound in script.background]
    missing = [(what, position) for what, position in asked if position not in there]
    if not missing:
        return
    told = "; ".join(f"{what} at `{position}`" for what, position in missing)
    raise SceneError(
        f"{script.id}: {told}{closest(missing[0][1], there)}\n"
        f"This rig has loudspeakers at {listed(there)}. Add the position to "
        "`sound: loudspeakers:` of the rig file, or change `at:` in the scene."
    )


class _Casting:
    """Turns a checked scene into a script, finding the recording of every line."""

    def __init__(
        self,
        scene: SceneText,
        document: Document,
        problems: Problems,
        corpus: ClipSource,
        require_clips: bool,
    ) -> None:
        self._scene = scene
        self._document = document
        self._problems = problems
        self._corpus = corpus
        self._require_clips = require_clips

    def script(self) -> Script:
        """The whole script; problems with recordings are noted."""
        scene = self._scene
        return Script(
            id=scene_id(self._document.path),
            title=scene.title,
            household=Household(**dict(scene.household)),
            cast=tuple(
                CastMember(name, one.voice, one.role, one.at, one.profile, one.contacts)
                for name, one in scene.cast.items()
            ),
            lines=tuple(self._line(index, line) for index, line in scene.spoken()),
            background=tuple(
                Background(
                    each.sound,
                    each.at,
                    each.level_db,
                    self._found(
                        ("background", i, "sound" if each.clip is None else "clip"),
                        self._sound_finder(each),
                    ),
                )
                for i, each in enumerate(scene.background)
            ),
            expected_messages=tuple(ExpectedMessage(each.to) for each in scene.expect.messages),
            expect_answer=scene.expect.answered,
            watch_s=scene.watch_s,
            demands=scene.demands,
            doings=self._doings(),
            afterwards=tuple(dict.fromkeys(scene.afterwards)),
        )

    def _doings(self) -> tuple[Doing, ...]:
        ids = [entry_id(index, entry) for index, entry in enumerate(self._scene.lines)]
        return tuple(
            Doing(
                ids[index],
                deed.do,
                _when(deed.when),
                ids[index - 1] if index else None,
                None if deed.how is None else deed.how.condition(),
                deed.order(),
            )
            for index, deed in self._scene.deeds()
        )

    def _line(self, index: int, line: LineText) -> Line:
        place: Place = ("lines", index, "says" if line.clip is None else "clip")
        return Line(
            id=entry_id(index, line),
            who=line.who,
            says=line.says,
            to=line.to,
            acts=line.act,
            names=line.names,
            when=_when(line.when),
            level_db=line.level_db,
            clip=self._found(place, self._clip_finder(line)),
            inaudible=line.inaudible,
        )

    def _clip_finder(self, line: LineText) -> Callable[[], Path]:
        voice = self._scene.cast[line.who].voice
        return self._beside(line.clip) or (lambda: self._corpus.clip(voice, line.says))

    def _sound_finder(self, sound: BackgroundText) -> Callable[[], Path]:
        return self._beside(sound.clip) or (lambda: self._corpus.sound(sound.sound))

    def _beside(self, clip: str | None) -> Callable[[], Path] | None:
        """Finds a recording beside the scene file; None where none is named."""
        if clip is None:
            return None
        path = self._document.path.absolute().parent / clip
        return lambda: path

    def _found(self, place: Place, find: Callable[[], Path]) -> str:
        """The path of a recording that can be played; empty, and a problem, where there is none."""
        try:
            path = find()
            check_clip(path)
        except CorpusError as error:
            if self._require_clips:
                self._problems.add(self._document.mark(place), str(error))
            return ""
        return str(path)


def _when(when: WhenText) -> When:
    """The one kind of time that the checks have left over."""
    if when.at_s is not None:
        return AtTime(when.at_s)
    pause_s = when.pause_s or 0.0
    if when.after_prompt is None:
        return AfterLine(pause_s)
    return AfterPrompt(when.after_prompt, pause_s, when.within_s or 0.0)
