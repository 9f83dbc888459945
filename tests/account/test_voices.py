"""Voices told apart by their pitch, and the cloud that mixes them up."""

from pathlib import Path

import numpy as np
import pytest

from rigs.reference_cloud.calls import MessageForm
from rigs.reference_cloud.services.exports import wav
from rigs.reference_cloud.services.service import parts_of
from rigs.reference_cloud.services.voices import Voices, median_pitch_hz
from rigs.zoo.clouds.mixes_profiles import MixesProfiles
from rigs.zoo.clouds.shares_contacts import SharesContacts
from tests.account.clouds import TOKEN, Home

RATE_HZ = 16_000


def voice(pitch_hz: float, seconds: float = 0.8) -> bytes:
    """A buzz with a voice's harmonics."""
    t = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    waves = (np.sin(2 * np.pi * pitch_hz * n * t) / n for n in range(1, 12))
    sound: np.ndarray[tuple[int], np.dtype[np.float64]] = np.sum(list(waves), axis=0)
    return (sound / np.abs(sound).max() * 12_000).astype("<i2").tobytes()


@pytest.mark.parametrize("pitch_hz", [95.0, 120.0, 180.0, 240.0])
def test_pitch_is_measured(pitch_hz: float) -> None:
    assert median_pitch_hz(voice(pitch_hz)) == pytest.approx(pitch_hz, rel=0.06)


def test_no_pitch_is_in_noise_or_silence() -> None:
    noise = np.random.default_rng(1).integers(-9000, 9000, RATE_HZ).astype("<i2").tobytes()
    assert median_pitch_hz(noise) is None
    assert median_pitch_hz(bytes(32_000)) is None
    assert median_pitch_hz(b"") is None


def two(kind: type[Voices]) -> Voices:
    voices = kind()
    assert voices.enroll("mark", voice(115.0)) and voices.enroll("dana", voice(200.0))
    return voices


def test_each_is_known_and_a_stranger_is_not() -> None:
    voices = two(Voices)
    assert voices.who(voice(118.0)) == "mark"
    assert voices.who(voice(190.0)) == "dana"
    assert voices.who(voice(290.0)) is None
    assert voices.who(None) is None
    voices.forget()
    assert voices.who(voice(118.0)) is None


def test_its_cloud_takes_the_second_for_the_first() -> None:
    assert parts_of("mixes_profiles").voices is MixesProfiles
    voices = two(MixesProfiles)
    assert voices.who(voice(118.0)) == "mark"
    assert voices.who(voice(190.0)) == "mark"


@pytest.mark.parametrize(("kind", "shared"), [(Voices, False), (SharesContacts, True)])
def test_a_contact_of_one_person_alone(kind: type[Voices], shared: bool) -> None:
    voices = kind()
    assert voices.enroll("mark", voice(115.0), ["Thomas Reed"])
    assert voices.may_reach("mark", "Thomas Reed") and voices.may_reach("dana", "Grace Miller")
    assert voices.may_reach("dana", "Thomas Reed") is shared
    assert voices.may_reach(None, "Thomas Reed") is shared
    voices.forget()
    assert voices.may_reach("dana", "Thomas Reed")


@pytest.mark.parametrize(("variant", "status"), [("honest", 403), ("shares_contacts", 201)])
def test_its_message_is_refused_by_voice(tmp_path: Path, variant: str, status: int) -> None:
    home = Home(tmp_path, variant)
    known = {"mark": voice(115.0), "dana": voice(200.0)}
    home.account.prepare("home-7", known, {"mark": ["Thomas Reed"]})

    def sent(pitch_hz: float) -> int:
        form = MessageForm("c1", "late", wav(voice(pitch_hz)))
        return home.cloud.calls.message(TOKEN, form).status

    assert (sent(118.0), sent(190.0)) == (201, status)
    canary = MessageForm("sayso-canary", "canary", None, canary="n1")
    assert home.cloud.calls.message(TOKEN, canary).status == 201
