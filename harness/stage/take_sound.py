"""What one take's recording holds: prompts, speech that nobody scripted, recordings played back.

What cannot be looked at is a trouble of the take, and no error.
"""

from collections.abc import Sequence

from harness.errors import RigError
from harness.model.timeline import LineSpoken, PromptHeard
from harness.stage.by_voice import ByVoice, HeardByVoice
from harness.stage.prompts_heard import Heard, PromptSearch
from harness.stage.session import Take
from harness.stage.take_clock import TakeClock
from harness.stage.unscripted import Told, UnscriptedSpeech


class TakeSound:
    """Listens to one take again."""

    def __init__(self, take: Take, clock: TakeClock) -> None:
        self._take, self._clock = take, clock

    def heard(self) -> Heard | str:
        """What the device said, and how well what was played could be taken out; else why not."""
        scene = self._clock.scene()
        if not scene:
            return "the scene was not played"
        try:
            return PromptSearch(self._take, scene, self._clock.seconds).run()
        except (RigError, ValueError, IndexError) as error:
            return str(error)

    def unscripted(self, heard: Heard) -> Told:
        """What else was said; a trouble of the take where that could not be looked at."""
        if not heard.unexplained:
            return Told()
        clock = self._clock
        try:
            search = UnscriptedSpeech(self._take, clock.scene(), clock.seconds, heard.paths)
            return search.run(heard.unexplained, heard.prompts)
        except (RigError, ValueError, IndexError) as error:
            self._take.troubles.append(f"speech that nobody scripted was not looked at: {error}")
            return Told()

    def by_voice(
        self, lines: Sequence[LineSpoken], prompts: Sequence[PromptHeard], told: Told
    ) -> HeardByVoice:
        """What the device played back when it was asked for what was recorded."""
        clock, line = self._clock, self._clock.line
        if line is None:
            return HeardByVoice((), (), told)
        try:
            search = ByVoice(
                self._take, clock.index, lambda s: line.at(clock.index(s)), clock.scene_end()
            )
            return search.look(lines, prompts, told, clock.at)
        except (RigError, ValueError, IndexError) as error:
            self._take.troubles.append(f"what the device played back was not looked at: {error}")
            return HeardByVoice((), (), told)
