"""Whose a recording is, told by what one play played and heard."""

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.account.recordings.play_log import PlayLog, PlayRecorded
from harness.model.account import Whose

_RATE_HZ = 16_000
_BEGAN_S = 1_000_000.0


def _talk(seed: int, seconds: float) -> np.ndarray:
    """What sounds enough like talk: bands that come and go, ten times a second."""
    dice = np.random.default_rng(seed)
    parts = []
    for _ in range(round(10 * seconds)):
        tones = dice.uniform(200, 3_400, 8)[:, None] * np.arange(_RATE_HZ // 10)
        parts.append(np.sin(2 * np.pi * tones / _RATE_HZ).sum(axis=0) * dice.uniform(0.2, 1.0))
    return np.asarray(0.05 * np.concatenate(parts), dtype=np.float32)


def _ogg(sound: np.ndarray) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, sound, _RATE_HZ, format="OGG", subtype="OPUS")
    return file.getvalue()


@pytest.fixture
def recorded(tmp_path: Path) -> PlayRecorded:
    """Half a minute, in which something is said from 5 s on."""
    track = np.zeros(30 * _RATE_HZ, dtype=np.float32)
    track[5 * _RATE_HZ : 9 * _RATE_HZ] = _talk(1, 4.0)
    soundfile.write(tmp_path / "played.flac", track, _RATE_HZ, subtype="PCM_24")
    return PlayRecorded(tmp_path, (("played.flac", -1.0),), _BEGAN_S, _BEGAN_S + 30.0)


def test_what_was_played_is_ours_and_what_was_not_is_foreign(recorded: PlayRecorded) -> None:
    with PlayLog(lambda: recorded) as log:
        whose, why = log(_ogg(_talk(1, 4.0)), _BEGAN_S + 5.0, 0.0)
        assert whose is Whose.OURS and why == "it was played or heard in this play, at 4.0 s"
        assert log(_ogg(_talk(2, 4.0)), _BEGAN_S + 10.0, 0.0)[0] is Whose.FOREIGN


@pytest.mark.parametrize(
    ("at_unix_s", "unsure_s"),
    [(None, 0.0), (_BEGAN_S - 60.0, 0.0), (_BEGAN_S + 2.0, 0.0), (_BEGAN_S + 15.0, 54_000.0),
     (_BEGAN_S + 90.0, 0.0)],
)  # fmt: skip
def test_outside_of_the_play_nothing_is_foreign(
    recorded: PlayRecorded, at_unix_s: float | None, unsure_s: float
) -> None:
    with PlayLog(lambda: recorded) as log:
        whose, why = log(_ogg(_talk(2, 4.0)), at_unix_s, unsure_s)
    assert whose is Whose.UNKNOWN and "this play" in why


def test_what_is_no_sound_is_unreadable_and_a_log_that_is_gone_tells_nothing(
    recorded: PlayRecorded,
) -> None:
    with PlayLog(lambda: recorded) as log:
        assert log(b"no sound", None, 0.0)[0] is Whose.UNREADABLE
    (recorded.folder / "played.flac").unlink()
    with PlayLog(lambda: recorded) as log:
        whose, why = log(_ogg(_talk(1, 4.0)), _BEGAN_S + 5.0, 0.0)
    assert whose is Whose.UNKNOWN and "cannot be asked" in why
    none = PlayRecorded(recorded.folder, (), _BEGAN_S, _BEGAN_S)
    with PlayLog(lambda: none) as log:
        assert log(_ogg(_talk(1, 4.0)), None, 0.0)[0] is Whose.UNKNOWN
