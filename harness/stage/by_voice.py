"""What the device played back when somebody asked it for what was recorded, out of one take."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.account.by_voice import AskedByVoice, PlayedBack, Span, played_back, replays
from harness.account.recordings.sounds import read_sound
from harness.ears.apart import LISTENER
from harness.ears.band import RATE_HZ, Samples, band
from harness.errors import RigError, UserError
from harness.model.account import Replayed
from harness.model.script import Act, PromptRole
from harness.model.timeline import LineSpoken, PromptHeard, SpeechHeard
from harness.sound.level import level_db
from harness.stage.session import Take
from harness.stage.unscripted import UNFILED, Told

PLAYED_BACK = "played-back"
"""The id of a prompt that is a recording."""

_LEAST_S = 1.0


@dataclass(frozen=True, slots=True)
class HeardByVoice:
    """What is known of recordings by asking for them, what of the device's speech they were, and
    what else was said.
    """

    replays: tuple[Replayed, ...]
    prompts: tuple[PromptHeard, ...]
    told: Told


class ByVoice:
    """Looks into one take. `index` turns seconds of the run into indices of its recording, `unix_s`
    into Unix time; the scene ends at `end_s`.
    """

    def __init__(
        self,
        take: Take,
        index: Callable[[float], int],
        unix_s: Callable[[float], float],
        end_s: float,
    ) -> None:
        self._take, self._index, self._unix_s, self._end_s = take, index, unix_s, end_s

    def look(
        self,
        lines: Sequence[LineSpoken],
        prompts: Sequence[PromptHeard],
        told: Told,
        account_s: Callable[[float], float],
    ) -> HeardByVoice:
        """Go through all that was asked for. `account_s`: the run's time of an account's Unix time.

        Of what is told, speech that is a recording played back is left out.
        """
        replayed: list[Replayed] = []
        prompts_back: list[PromptHeard] = []
        came: list[PlayedBack] = []
        recordings = self._recordings() if self._asking(lines) else {}
        for line in self._asking(lines):
            asked = self._asked(line, lines, prompts, told)
            if asked is None:
                continue
            found = played_back(asked, recordings)
            at_s = account_s(self._owner_unix_s(asked.from_s))
            replayed += replays(asked, found, list(recordings), at_s)
            prompts_back += [_prompt(asked, each) for each in _longest(found)]
            came += found
        return HeardByVoice(tuple(replayed), tuple(prompts_back), _without(told, came))

    def _owner_unix_s(self, at_s: float) -> float:
        assert self._take.owner is not None
        return self._take.owner.told.account_unix_s(self._unix_s(at_s))

    def _asking(self, lines: Sequence[LineSpoken]) -> list[LineSpoken]:
        if self._take.owner is None:
            return []
        script = self._take.script
        return [line for line in lines if Act.REPLAY in script.line(line.line_id).acts]

    def _asked(
        self,
        line: LineSpoken,
        lines: Sequence[LineSpoken],
        prompts: Sequence[PromptHeard],
        told: Told,
    ) -> AskedByVoice | None:
        """None where something else was said at once: then what came out is not to be told."""
        until_s = min((o.start_s for o in lines if o.start_s >= line.end_s), default=self._end_s)
        if until_s - line.end_s < _LEAST_S:
            return None
        first, last = self._index(line.end_s), self._index(until_s)
        microphone = self._take.rig.microphone
        sound = band(microphone.read(LISTENER, first, last - first), microphone.rate_hz)

        def inside(span: Span) -> bool:
            return span[1] > line.end_s and span[0] < until_s

        answered = any(inside((p.start_s, p.end_s)) for p in prompts)
        return AskedByVoice(line.end_s, sound, answered, tuple(filter(inside, _riddles(told))))

    def _recordings(self) -> Mapping[str, Samples]:
        """The sound of all that the history has ever given, by the id of its entry."""
        assert self._take.owner is not None
        sounds: dict[str, Samples] = {}
        with TemporaryDirectory(prefix="sayso-by-voice-") as scratch:
            path = Path(scratch) / "recording"
            for _, item, audio in self._take.owner.told.heard:
                path.write_bytes(audio)
                try:
                    sounds[item.id] = read_sound(path)
                except (UserError, RigError, OSError) as error:
                    self._take.troubles.append(f"{item.id} of the history: {error}")
        return sounds


def _longest(found: Sequence[PlayedBack]) -> list[PlayedBack]:
    """Of recordings that are one sound, the longest: a message is handed in twice."""
    kept: list[PlayedBack] = []
    for each in sorted(found, key=lambda one: one.start_s - one.end_s):
        if not any(other.explains((each.start_s, each.end_s)) for other in kept):
            kept.append(each)
    return kept


def _prompt(asked: AskedByVoice, back: PlayedBack) -> PromptHeard:
    """A recording played back is what the device answers."""
    start = round((back.start_s - asked.from_s) * RATE_HZ)
    sound = asked.sound[max(0, start) : round((back.end_s - asked.from_s) * RATE_HZ)]
    return PromptHeard(
        prompt_id=PLAYED_BACK,
        text="(a recording of this account)",
        role=PromptRole.ANSWER,
        states_act=False,
        named_contact=None,
        says_full_name=False,
        start_s=back.start_s,
        end_s=back.end_s,
        named_by_s=back.end_s,
        score=1.0,
        level_db=level_db(sound),
    )


def _riddles(told: Told) -> list[Span]:
    """Speech that is on no file: nobody knows whether it is a recording."""
    prompts = [(prompt.start_s, prompt.end_s) for prompt in told.prompts]
    return prompts + [(speech.start_s, speech.end_s) for speech in told.speech]


def _without(told: Told, came: Sequence[PlayedBack]) -> Told:
    def kept(each: PromptHeard | SpeechHeard) -> bool:
        return not any(back.explains((each.start_s, each.end_s)) for back in came)

    prompts = tuple(p for p in told.prompts if p.prompt_id != UNFILED or kept(p))
    return Told(prompts, tuple(filter(kept, told.speech)), told.clips)
