"""The truth beside a recording of the test set is what the recording was made of."""

from dataclasses import replace

import numpy as np
import pytest

from audio_corpus.prompts.build import render
from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.mix import PIECE_S, Heard, Mix, Piece
from audio_corpus.prompts.recordings import (
    SNRS_DB,
    Conditions,
    Recording,
    Said,
    found,
    spread,
    without,
)
from audio_corpus.prompts.texts import prompts

RATE_HZ = 16_000
LINES = [line for line in prompts("tune") if line.voice == "flite:awb"][:10:3]
SAID = (
    Said(3.1, LINES[0]),
    Said(3.0, chirp="wake"),
    Said(6.2, LINES[1]),
    Said(10.33, LINES[2]),
)
PLAIN = Conditions(talkers=2, television=True)
HARD = Conditions(
    talkers=2, television=True, dishes="room", t60_s=0.8, drift_ppm=180.0, distortion=0.05,
    device_ppm=40.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(tmp_path_factory.mktemp("clips"))
    render(LINES, made, lambda done, of, what: None)
    return made


def recording(conditions: Conditions, said: tuple[Said, ...] = SAID, name: str = "a") -> Recording:
    in_order = tuple(sorted(said, key=lambda one: one.at_s))
    return Recording(name, "tune", 15.0, conditions, in_order)


def mixed(one: Recording, store: Store) -> tuple[Piece, list[Heard]]:
    """A recording in one piece, and everything heard in it."""
    pieces = list(Mix(one, store, RATE_HZ).pieces())
    assert [piece.start for piece in pieces] == [
        number * round(PIECE_S * RATE_HZ) for number in range(len(pieces))
    ]
    tracks = ("recording", "beside", "stimulus", "device", "noise")
    joined = {name: np.concatenate([getattr(piece, name) for piece in pieces]) for name in tracks}
    references = {
        place: np.concatenate([piece.references[place] for piece in pieces])
        for place in pieces[0].references
    }
    heard = [each for piece in pieces for each in piece.heard]
    return Piece(0, references=references, heard=(), **joined), heard


@pytest.mark.parametrize("snr_db", SNRS_DB)
@pytest.mark.parametrize("conditions", [PLAIN, HARD], ids=["plain", "hard"])
def test_the_device_is_as_far_over_everything_else_as_was_asked(
    snr_db: float, conditions: Conditions, store: Store
) -> None:
    said = (SAID[0], *SAID[2:])
    whole, heard = mixed(recording(replace(conditions, snr_db=snr_db), said), store)
    assert [each.said.line for each in heard] == LINES[:3]
    for each in heard:
        span = slice(each.onset, each.end)
        ratio = np.mean(whole.device[span] ** 2) / np.mean(whole.others[span] ** 2)
        assert 10 * np.log10(ratio) == pytest.approx(snr_db, abs=0.1)


def test_a_recording_is_the_sum_of_its_parts(store: Store) -> None:
    whole, heard = mixed(recording(HARD), store)
    assert len(whole.recording) == 15 * RATE_HZ and len(heard) == 4
    assert np.abs(whole.recording - (whole.others + whole.device)).max() < 1e-6
    assert np.abs(whole.recording).max() < 1.0


def test_a_prompt_begins_where_the_truth_says(store: Store) -> None:
    """Without a room, the device's track is its clip, softer and later by the direct way."""
    said = tuple(one for one in SAID if one.line is not None)
    whole, heard = mixed(recording(Conditions(t60_s=0.0), said), store)
    for each in heard:
        assert each.said.line is not None
        clip = store.speech(each.said.line, RATE_HZ)
        near = whole.device[each.begins - 400 : each.begins + len(clip) + 400]
        lag = int(np.argmax(np.abs(np.correlate(near, clip, "valid"))))
        assert abs(lag - 400) <= 1
        before = whole.device[each.begins : each.onset - RATE_HZ // 200]
        said_power = np.mean(whole.device[each.onset : each.end] ** 2)
        assert before.size == 0 or np.mean(before**2) < said_power / 100
        assert not whole.device[each.begins - 800 : each.begins - 60].any()


def test_a_loud_recording_is_cut_off_at_full_scale_and_the_truth_is_not(store: Store) -> None:
    whole, _ = mixed(recording(replace(PLAIN, microphone_db=24.0)), store)
    assert np.abs(whole.recording).max() == 1.0 < np.abs(whole.others + whole.device).max()


def test_the_same_recording_has_the_same_bytes_and_another_has_not(store: Store) -> None:
    one, again = (mixed(recording(HARD), store)[0] for _ in range(2))
    other, _ = mixed(recording(HARD, name="b"), store)
    assert one.recording.tobytes() == again.recording.tobytes()
    assert one.beside.tobytes() == again.beside.tobytes()
    assert one.recording.tobytes() != other.recording.tobytes()


def test_a_device_that_says_nothing_is_not_there(store: Store) -> None:
    (hour,) = without("tune", 1, seconds=10.0)
    quiet = replace(hour, conditions=replace(hour.conditions, talkers=2))
    whole, heard = mixed(quiet, store)
    assert not heard and not whole.device.any() and whole.stimulus.any()


def test_the_device_is_louder_beside_it_than_at_the_listener(store: Store) -> None:
    open_air = Conditions(talkers=1, snr_db=20.0, t60_s=0.0)
    whole, heard = mixed(recording(open_air, SAID[:1]), store)
    span = slice(heard[0].onset, heard[0].end)
    near, far = (np.mean(track[span] ** 2) for track in (whole.beside, whole.recording))
    assert near > 2 * far


def test_groups_say_every_prompt_once_and_draw_from_the_whole_range() -> None:
    for group in (found("test", 5.0), spread("test")):
        lines = [said.line for one in group for said in one.said if said.line is not None]
        assert sorted(map(str, lines)) == sorted(map(str, prompts("test")))
        assert len({one.name for one in group}) == len(group)
    conditions = [one.conditions for one in spread("test") + without("test", 100)]
    assert {one.talkers for one in conditions} == {1, 2, 3}
    assert {one.dishes for one in conditions} == {None, "played", "room"}
    assert {one.snr_db for one in conditions} == set(SNRS_DB)
    for name, low, high in (
        ("t60_s", 0.25, 0.75),
        ("drift_ppm", -150, 150),
        ("distortion", 0.005, 0.045),
    ):
        values = [getattr(one, name) for one in conditions]
        assert min(values) < low and max(values) > high
    assert any(said.chirp for one in spread("test") for said in one.said)
