"""The log of one play: what it played and heard, to be asked whose a recording is.

The same landmarks and the same limits as for the log of many runs. What was recorded before this
play began, or after it had ended, is in a gap: of that it can say nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from harness.account.recordings.attribution import Attributor
from harness.account.recordings.log import Gap, RunSound, SoundLog
from harness.account.recordings.sounds import read_sound
from harness.errors import RigError, UserError
from harness.model.account import Whose

_CLOCKS_S = 5.0
_RUN = "this play"


@dataclass(frozen=True, slots=True)
class PlayRecorded:
    """What a play recorded. `tracks`: files in `folder`, each with its first second on the run's
    clock; `from_unix_s`, `until_unix_s`: when.
    """

    folder: Path
    tracks: tuple[tuple[str, float], ...]
    from_unix_s: float
    until_unix_s: float

    def gaps(self) -> tuple[Gap, ...]:
        """All other time; a few seconds at each end, since the account's clock is another one."""
        return (
            Gap("nothing before this play is in it", None, self.from_unix_s + _CLOCKS_S),
            Gap("nothing after this play is in it", self.until_unix_s - _CLOCKS_S, None),
        )


class PlayLog:
    """Asked by calling it. The index is made when it is first asked, and goes away on leaving."""

    def __init__(self, recorded: Callable[[], PlayRecorded]) -> None:
        """`recorded` waits for the recordings to be on the disk; nothing is read yet."""
        self._recorded = recorded
        self._scratch = TemporaryDirectory(prefix="sayso-play-log-")
        self._attributor: Attributor | None = None
        self._asked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.cleanup()

    def __call__(self, audio: bytes, at_unix_s: float | None, unsure_s: float) -> tuple[Whose, str]:
        """Whose a recording is, and why; the file as it came."""
        self._asked += 1
        path = Path(self._scratch.name) / f"recording-{self._asked}"
        path.write_bytes(audio)
        try:
            sound = read_sound(path)
            found = self._opened().of(sound, at_unix_s, unsure_s)
        except (UserError, OSError) as error:
            return Whose.UNREADABLE, str(error)
        except RigError as error:
            return Whose.UNKNOWN, f"the recordings of this play cannot be asked: {error}"
        finally:
            path.unlink()
        where = "" if found.at_s is None else f", at {found.at_s:.1f} s"
        return found.whose, found.why + where

    def _opened(self) -> Attributor:
        if self._attributor is None:
            told = self._recorded()
            if not told.tracks:
                raise RigError("this play kept none")
            log = SoundLog(Path(self._scratch.name) / "log")
            log.add(RunSound(_RUN, told.folder, "0" * 64, None, told.tracks, ()))
            self._attributor = Attributor(log.opened({_RUN: told.folder}), told.gaps())
        return self._attributor
