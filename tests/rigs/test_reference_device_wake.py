"""The wake-word engines on committed voices, in rooms, at several levels."""

import numpy as np
import pyroomacoustics as pra
import pytest
from numpy.typing import NDArray

from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm
from rigs.reference_device.spotter import Opinion, SecondOpinion, WakeSpotter
from rigs.reference_device.wake import ENGINES, make_engine
from tests.rigs.corpus_clips import DANA, MARK, PORTLAND, line

_ROOM_M = (5.5, 4.2, 2.6)
_SOUND_ALIKE = line(MARK, PORTLAND[1][2])


def impulse_response(t60_s: float, seed: int) -> NDArray[np.float64]:
    """From a random place in a living room to another; unit energy."""
    absorption, order = pra.inverse_sabine(t60_s, _ROOM_M)
    room = pra.ShoeBox(
        _ROOM_M,
        fs=SPEECH_RATE_HZ,
        materials=pra.Material(absorption),
        max_order=min(order, 12),
    )
    places = np.random.default_rng(seed)
    room.add_source(places.uniform([0.5, 0.5, 1.0], [3.0, 3.5, 1.7]))
    room.add_microphone(places.uniform([3.3, 0.8, 0.8], [5.0, 3.5, 1.2]))
    room.compute_rir()
    response = np.asarray(room.rir[0][0], np.float64)
    return np.asarray(response / np.sqrt(np.sum(response**2)), np.float64)


_RESPONSES = [impulse_response(t60_s, n) for n, t60_s in enumerate((0.3, 0.35, 0.4, 0.4))]


def perturbed(pcm: Pcm, number: int) -> Pcm:
    """In another room, at another level, shifted, with noise 30 dB under it."""
    random = np.random.default_rng(number)
    heard = np.convolve(pcm.astype(np.float64), _RESPONSES[number % len(_RESPONSES)])
    heard *= 10 ** (-(number % 5) * 4 / 20)
    noise = np.sqrt(np.mean(heard**2)) * 10 ** (-30 / 20)
    sound = np.zeros(SPEECH_RATE_HZ + 8000 + len(heard) + 1600)
    start = SPEECH_RATE_HZ + int(random.integers(1600))
    sound[start : start + len(heard)] = heard
    sound += random.standard_normal(len(sound)) * noise
    return np.clip(np.round(sound), -32768, 32767).astype(np.int16)


def wakes(name: str, pcm: Pcm) -> int:
    """How often an engine wakes in a sound."""
    spotter = WakeSpotter(make_engine(name))
    blocks = [pcm[at : at + 160] for at in range(0, len(pcm), 160)]
    return sum(spotter.spot(block) is not None for block in blocks)


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("voice", [DANA, MARK])
def test_one_word_wakes_once(name: str, voice: str) -> None:
    for number in range(4):
        assert wakes(name, perturbed(line(voice, "Alexa."), number)) == 1


@pytest.mark.parametrize("name", ENGINES)
def test_plain_talk_does_not_wake(name: str) -> None:
    for number, (_, voice, text) in enumerate(PORTLAND):
        if "unacceptable" not in text:
            assert wakes(name, perturbed(line(voice, text), number)) == 0


def test_the_sound_alike_wakes_the_first_engine_in_most_rooms() -> None:
    woke = sum(wakes("microwakeword", perturbed(_SOUND_ALIKE, number)) > 0 for number in range(8))
    assert woke >= 4


def test_the_second_engine_is_never_fooled_by_the_sound_alike() -> None:
    for number in range(24):
        assert wakes("porcupine", perturbed(_SOUND_ALIKE, number)) == 0


@pytest.mark.parametrize("voice", [DANA, MARK])
def test_a_second_opinion_agrees_on_the_true_word(voice: str) -> None:
    for number in range(6):
        assert opinion_on(perturbed(line(voice, "Alexa."), number)) is Opinion.AGREES


def test_a_second_opinion_disagrees_in_bounded_time() -> None:
    silence = np.zeros(32_000, np.int16)
    second = SecondOpinion(lambda: make_engine("porcupine"), silence)
    said = [second.hear(silence[:160]) for _ in range(40)]
    assert said[:39] == [Opinion.UNDECIDED] * 39
    assert said[39] is Opinion.DISAGREES


def opinion_on(pcm: Pcm) -> Opinion:
    """What the second engine says once the first has woken."""
    spotter = WakeSpotter(make_engine("microwakeword"))
    second: SecondOpinion | None = None
    for at in range(0, len(pcm), 160):
        block = pcm[at : at + 160]
        if second is None and spotter.spot(block) is not None:
            buffered = pcm[max(0, at + 160 - 32_000) : at + 160]
            second = SecondOpinion(lambda: make_engine("porcupine"), buffered)
            block = block[:0]
        if second is not None and (said := second.hear(block)) is not Opinion.UNDECIDED:
            return said
    return Opinion.UNDECIDED
