"""V38: speech that nobody can hear wakes a device whose microphone squares a little of it."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from scipy.signal import oaconvolve

from audio_corpus.ultrasound import LOWEST_HZ, RATE_HZ, ultrasound
from harness.bench.rigfile import load_rig
from harness.bench.room_paths import room_paths
from harness.scene.clips import active_level_dbfs
from harness.series.zoo import load_catalogue
from rigs.reference_device.actions import Light, UploadSound
from rigs.reference_device.core import Device
from rigs.reference_device.options import make_parts, parse
from rigs.reference_device.sound_format import BLOCK_FRAMES, DownSampler
from tests.rigs.corpus_clips import CONTACTS, ROOT
from tests.rigs.scene_player import scene

CATALOGUE = {device.name: device for device in load_catalogue(ROOT / "rigs/zoo/catalogue.yaml")}
BAD = CATALOGUE["square-law-microphone"]
(LINE,) = scene(BAD.scene).lines
SQUARE_LAW = BAD.rig["device"]["microphone"]["square_law"]


def at_the_microphone(square_law: float) -> list[object]:
    """What the device does in the virtual rig's room, its microphone linear or not so."""
    file = load_rig(ROOT / "rigs" / "virtual.yaml")
    clip, _ = soundfile.read(LINE.clip, dtype="float32")
    gain_db = file.sound.speech_level_db + LINE.level_db - active_level_dbfs(clip, RATE_HZ)
    path = room_paths(file, RATE_HZ)[("window", "device")]
    quiet = np.zeros(RATE_HZ)
    air = oaconvolve(np.concatenate([quiet, clip * 10 ** (gain_db / 20), quiet]), path)
    air += np.random.default_rng(1).standard_normal(len(air)) * 10 ** (file.room.noise_db / 20)
    heard = air + square_law * air**2
    pcm = np.clip(np.round(heard * 32767), -32768, 32767).astype(np.int16)
    parts = make_parts(parse(["--firmware", BAD.firmware]), Path("unused"))
    device, down = Device(parts, CONTACTS), DownSampler()
    blocks = range(0, len(pcm), BLOCK_FRAMES)
    return [
        action
        for at in blocks
        for action in device.step(down.process(pcm[at : at + BLOCK_FRAMES]), at / RATE_HZ)
    ]


def test_a_microphone_that_squares_obeys() -> None:
    done = at_the_microphone(SQUARE_LAW)
    assert Light("listening") in done
    assert any(isinstance(action, UploadSound) for action in done)


def test_a_linear_microphone_hears_nothing() -> None:
    assert BAD.twin_rig == {"device": {"microphone": {"square_law": 0}}}
    assert at_the_microphone(0.0) == []


def test_nothing_of_it_is_where_people_hear() -> None:
    clip, rate_hz = soundfile.read(LINE.clip)
    power = np.abs(np.fft.rfft(clip)) ** 2
    audible = np.fft.rfftfreq(len(clip), 1 / rate_hz) < LOWEST_HZ - 100.0
    assert 10 * np.log10(power[audible].sum() / power.sum()) < -70.0


def test_the_clip_is_what_the_recipe_makes() -> None:
    clip, rate_hz = soundfile.read(LINE.clip)
    (source,) = (ROOT / "audio_corpus" / "clips").glob("kokoro-am_michael-alexa-*.flac")
    speech, speech_hz = soundfile.read(source)
    assert (rate_hz, speech_hz) == (RATE_HZ, RATE_HZ)
    assert clip == pytest.approx(ultrasound(speech), abs=2 / 32768)
