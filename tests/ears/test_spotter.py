"""Prompts are found where they are, told apart, and never found where they are not."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import oaconvolve

from harness.bench.ports.sound import Samples
from harness.bench.rigfile import load_rig
from harness.bench.room_paths import room_paths
from harness.ears.band import RATE_HZ, band
from harness.ears.prompts import PromptBook
from harness.ears.spotter import Spotted, Spotter, spot, template
from harness.errors import RigError
from harness.scene.clips import read_clip
from rigs.reference_device.render_prompts import main as render_prompts

ROOT = Path(__file__).parents[2]
CARD_HZ = 48_000
# They differ in one syllable.
CONTACTS = ("Thomas Reed", "Thomas Green", "Tamsin Reed")
CONVERSATION = (
    "so-what-did-the-contractor", "it-is-unacceptable", "well-thomas-was-the-one", "right-and-he",
    "they-did-four-boxes", "only-one-that", "good-then-we-could", "on-saturday-morning", "he-does",
)  # fmt: skip


@pytest.fixture(scope="module")
def paths() -> Mapping[tuple[str, str], Samples]:
    return room_paths(load_rig(ROOT / "rigs" / "virtual.yaml"), CARD_HZ)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The prompts of the reference device itself, by flite."""
    out = tmp_path_factory.mktemp("prompts")
    contacts = out / "contacts.json"
    contacts.write_text(json.dumps(CONTACTS))
    asked = ["--firmware", "guarded", "--contacts", str(contacts), "--out", str(out)]
    assert render_prompts(asked) == 0
    return out


@pytest.fixture(scope="module")
def book(folder: Path, paths: Mapping[tuple[str, str], Samples]) -> PromptBook:
    return PromptBook.load(folder, CARD_HZ, paths["device", "listener"])


@pytest.fixture(scope="module")
def talk(paths: Mapping[tuple[str, str], Samples]) -> Samples:
    """Conversation at the listener's place, some 25 s."""
    clips = ROOT / "audio_corpus" / "clips"
    found = [next(clips.glob(f"kokoro-*-{name}*.flac")) for name in CONVERSATION]
    dry = np.concatenate([read_clip(path, CARD_HZ) for path in found])
    heard: Samples = oaconvolve(dry, paths["table", "listener"]).astype(np.float32)
    return heard


def level_db(samples: Samples) -> float:
    return float(10 * np.log10(np.mean(np.square(samples, dtype=np.float64))))


def heard_at(
    book: PromptBook, key: str, into: Samples, at: int, path: Samples, snr_db: float
) -> list[Spotted]:
    """What is found when a prompt sounds in `into`, so much above what it covers."""
    sound = oaconvolve(read_clip(book.prompts[key].file, CARD_HZ), path).astype(np.float32)
    covered = into[at : at + len(sound)]
    gain = 10 ** ((level_db(covered) + snr_db - level_db(sound)) / 20)
    mixed = into.copy()
    mixed[at : at + len(sound)] += sound * np.float32(gain)
    return book.spot(mixed, CARD_HZ)


def test_conversation_holds_no_prompt(book: PromptBook, talk: Samples) -> None:
    assert len(talk) > 20 * CARD_HZ and len(book.prompts) >= 8
    assert book.spot(talk, CARD_HZ) == []


def test_every_prompt_is_found_under_talk_and_only_it(
    book: PromptBook, talk: Samples, paths: Mapping[tuple[str, str], Samples]
) -> None:
    path = paths["device", "listener"]
    for number, key in enumerate(book.prompts):
        at = int((2.0 + 1.37 * number) * CARD_HZ) + number
        around, lead = talk[at - CARD_HZ : at + 5 * CARD_HZ], CARD_HZ
        (found,) = heard_at(book, key, around, lead, path, 5.0)
        # Two contacts called Thomas: "Which Thomas?" is one sound with two entries.
        assert book.prompts[found.key].text == book.prompts[key].text
        assert found.start_s == pytest.approx(1.0 + np.argmax(np.abs(path)) / CARD_HZ, abs=0.002)


def test_names_that_differ_in_a_syllable_are_told_apart(book: PromptBook) -> None:
    spoken = [key for key, prompt in book.prompts.items() if prompt.named_contact is not None]
    assert len(spoken) >= len(CONTACTS)
    quiet = np.random.default_rng(3).standard_normal(6 * CARD_HZ).astype(np.float32) * 1e-4
    for key in spoken:
        sound = read_clip(book.prompts[key].file, CARD_HZ)
        recording = quiet.copy()
        recording[CARD_HZ : CARD_HZ + len(sound)] += sound
        dry = PromptBook(list(book.prompts.values()), CARD_HZ)
        (found,) = dry.spot(recording, CARD_HZ)
        assert found.key == key


def test_a_prompt_cut_short_is_not_heard(book: PromptBook) -> None:
    key = next(k for k, p in book.prompts.items() if p.states_act)
    sound = read_clip(book.prompts[key].file, CARD_HZ)
    recording = np.zeros(6 * CARD_HZ, dtype=np.float32)
    half = len(sound) // 2
    recording[CARD_HZ : CARD_HZ + half] = sound[:half]
    dry = PromptBook(list(book.prompts.values()), CARD_HZ)
    assert key not in [found.key for found in dry.spot(recording, CARD_HZ)]


def test_silence_and_noise_hold_nothing(book: PromptBook) -> None:
    noise = np.random.default_rng(5).standard_normal(10 * CARD_HZ).astype(np.float32)
    for recording in (np.zeros(CARD_HZ, np.float32), noise, noise[:100], noise * np.float32(1e-4)):
        assert book.spot(recording, CARD_HZ) == []


# Synthetic sounds --------------------------------------------------------------------------------


def babble(seconds: float, seed: int) -> Samples:
    """Noise whose loudness comes and goes like syllables."""
    noise = np.random.default_rng(seed)
    count = int(seconds * RATE_HZ)
    swell = 1.1 + np.sin(2 * np.pi * 4.0 * np.arange(count) / RATE_HZ)
    return (noise.standard_normal(count) * swell * 0.05).astype(np.float32)


WANTED, NOISE = babble(1.2, 1), babble(4.0, 2)


@settings(max_examples=20)
@given(st.floats(-50, 20), st.floats(0, 2.5))
def test_the_level_makes_no_difference(gain_db: float, at_s: float) -> None:
    recording = NOISE * np.float32(0.3)
    at = int(at_s * RATE_HZ)
    recording[at : at + len(WANTED)] += WANTED
    one = template("x", WANTED, RATE_HZ)
    (reference,) = spot(band(recording, RATE_HZ), [one])
    gain = np.float32(10 ** (gain_db / 20))
    (found,) = spot(band(recording * gain, RATE_HZ), [one])
    assert found.start_s == reference.start_s == pytest.approx(at_s, abs=1 / RATE_HZ)
    assert found.score == pytest.approx(reference.score, abs=1e-3)


@pytest.mark.parametrize("late", range(6))
def test_the_place_between_two_samples_makes_no_difference(late: int) -> None:
    fine = np.repeat(WANTED, 6)  # at 48 kHz; what matters is that it is the same sound throughout
    recording = np.zeros(3 * CARD_HZ, dtype=np.float32)
    recording[CARD_HZ + late : CARD_HZ + late + len(fine)] = fine
    (found,) = spot(band(recording, CARD_HZ), [template("x", fine, CARD_HZ)])
    assert found.score > 0.9
    assert found.start_s == pytest.approx(1.0 + late / CARD_HZ, abs=0.3 / RATE_HZ)


@pytest.mark.parametrize("ppm", [-200, -80, 120, 250])
def test_a_device_with_a_clock_of_its_own(ppm: int) -> None:
    fine = np.repeat(babble(3.2, 3), 6)
    later = np.interp(np.arange(len(fine)) * (1 + ppm * 1e-6), np.arange(len(fine)), fine)
    recording = np.random.default_rng(4).standard_normal(5 * CARD_HZ).astype(np.float32) * 1e-3
    recording[CARD_HZ : CARD_HZ + len(fine)] += later.astype(np.float32)
    (found,) = spot(band(recording, CARD_HZ), [template("x", fine, CARD_HZ)])
    assert found.score > 0.85
    assert found.start_s == pytest.approx(1.0, abs=1.5e-4)


def test_one_stretch_of_another_sound_is_another_prompt() -> None:
    wanted, other = babble(2.0, 5), babble(0.3, 6)
    said = wanted.copy()
    said[8_000 : 8_000 + len(other)] = other
    templates = [template("x", wanted, RATE_HZ)]
    for noise_db in (-60, -20, -6):
        hiss = NOISE * np.float32(10 ** (noise_db / 20))
        there, not_there = hiss.copy(), hiss.copy()
        there[4_000 : 4_000 + len(wanted)] += wanted
        not_there[4_000 : 4_000 + len(said)] += said
        assert [f.key for f in spot(band(there, RATE_HZ), templates)] == ["x"]
        assert spot(band(not_there, RATE_HZ), templates) == []


def test_a_prompt_right_before_something_far_louder() -> None:
    recording = NOISE * np.float32(0.1)
    recording[4_000 : 4_000 + len(WANTED)] += WANTED
    after = 4_000 + len(WANTED)
    recording[after:] += babble(4.0, 7)[: len(recording) - after] * np.float32(50.0)
    (found,) = spot(band(recording, RATE_HZ), [template("x", WANTED, RATE_HZ)])
    assert found.start_s == pytest.approx(0.5, abs=1e-3)


@settings(max_examples=10)
@given(st.integers(60, 9_000))
def test_what_is_fresh_is_found_wherever_the_search_ends(later: int) -> None:
    recording = NOISE * np.float32(0.5)
    recording[4_000 : 4_000 + len(WANTED)] += WANTED
    ends = 4_000 + len(WANTED)
    spotter = Spotter([template("x", WANTED, RATE_HZ)])
    heard = band(recording, RATE_HZ)[: ends + later]
    assert len(spotter.spot(heard, later + 40)) == 1
    assert spotter.spot(heard, later - 40) == []


# Prompts on file ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[{}]", '[{"id": "x", "role": "sing"}]'],
    ids=["empty", "map", "bare", "role"],
)
def test_a_listing_that_makes_no_sense(tmp_path: Path, text: str) -> None:
    (tmp_path / "prompts.json").write_text(text)
    with pytest.raises(RigError, match=r"prompts\.json"):
        PromptBook.load(tmp_path, CARD_HZ)


def test_prompts_at_another_rate_are_refused(folder: Path) -> None:
    with pytest.raises(RigError, match="48000 Hz"):
        PromptBook.load(folder, 16_000)
