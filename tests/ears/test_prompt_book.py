"""Tones are on file beside what is said, and both are found, over each other too."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from harness.bench.drivers.simulated_rig import RATE_HZ
from harness.ears.prompts import PromptBook
from harness.errors import RigError
from harness.model.script import PromptKind, PromptRole
from tests.stage.simulated_scene import paths, prompt, write_prompts

ROW = {
    "id": "wakes",
    "text": "[it listens]",
    "file": "wakes.wav",
    "kind": "tone",
    "role": "listening",
    "states_act": False,
    "named_contact": None,
    "says_full_name": False,
    "named_by_s": None,
}


def filed(folder: Path, **changes: object) -> Path:
    soundfile.write(folder / "wakes.wav", prompt("listening"), RATE_HZ, subtype="FLOAT")
    (folder / "prompts.json").write_text(json.dumps([{**ROW, **changes}]))
    return folder


def test_a_row_of_a_tone(tmp_path: Path) -> None:
    book = PromptBook.load(filed(tmp_path), RATE_HZ)
    wakes = book.prompts["wakes"]
    assert (wakes.kind, wakes.role) == (PromptKind.TONE, PromptRole.LISTENING)
    assert book.is_tone("wakes")
    assert book.longest_s == pytest.approx(len(prompt("listening")) / RATE_HZ, abs=0.06)
    silence = np.zeros(2 * RATE_HZ, np.float32)
    assert book.spot(silence, RATE_HZ) == []
    assert book.spot_left(silence[::2]) == book.spot_broken_off(silence[::2], []) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "read_back"},
        {"role": "ask_which"},
        {"states_act": True},
        {"named_contact": "Thomas Reed"},
        {"named_by_s": 0.2},
        {"kind": "song"},
    ],
)
def test_a_tone_says_no_words(tmp_path: Path, changes: dict[str, object]) -> None:
    with pytest.raises(RigError, match=r"prompts\.json"):
        PromptBook.load(filed(tmp_path, **changes), RATE_HZ)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (np.zeros_like, "nothing but silence"),
        (lambda sound: np.full_like(sound, np.nan), "no numbers"),
        (lambda sound: np.append(sound[1:], np.float32(np.inf)), "no numbers"),
        (lambda sound: sound[: RATE_HZ // 20], "at least 0.1 s"),
    ],
    ids=["silence", "nan", "infinite", "truncated"],
)
def test_a_prompt_that_holds_no_sound_is_refused(
    tmp_path: Path,
    change: Callable[[NDArray[np.float32]], NDArray[np.float32]],
    wrong: str,
) -> None:
    folder = filed(tmp_path, kind="speech", role="other")
    soundfile.write(folder / "wakes.wav", change(prompt("sent")), RATE_HZ, subtype="FLOAT")
    with pytest.raises(RigError, match=wrong) as told:
        PromptBook.load(folder, RATE_HZ)
    assert "wakes.wav" in str(told.value)


@pytest.mark.parametrize("kept", [0, 3, 30])
def test_a_prompt_whose_file_was_cut_off_is_refused(tmp_path: Path, kept: int) -> None:
    folder = filed(tmp_path)
    file = folder / "wakes.wav"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(RigError, match=r"wakes\.wav"):
        PromptBook.load(folder, RATE_HZ)


def test_what_is_no_tone_cannot_be_on_file_as_one(tmp_path: Path) -> None:
    folder = filed(tmp_path)
    soundfile.write(folder / "wakes.wav", prompt("sent"), RATE_HZ, subtype="FLOAT")
    with pytest.raises(RigError, match="`wakes`: what its recording holds is noise or speech"):
        PromptBook.load(folder, RATE_HZ)


def test_both_are_found_over_each_other(tmp_path: Path) -> None:
    path = paths()["device", "listener"]
    book = PromptBook.load(write_prompts(tmp_path, ("sent", "listening")), RATE_HZ, path)
    dry = np.zeros(3 * RATE_HZ, np.float32)
    for key, at, gain in (("sent", RATE_HZ, 1.0), ("listening", RATE_HZ + 4_000, 2.0)):
        dry[at : at + len(prompt(key))] += np.float32(gain) * prompt(key)
    recording = np.convolve(dry, path)[: len(dry)].astype(np.float32)
    found = book.spot(recording, RATE_HZ)
    assert [f.key for f in found] == ["sent", "listening"]
    late_s = int(np.argmax(np.abs(path))) / RATE_HZ
    assert found[1].start_s == pytest.approx(1.25 + late_s, abs=0.02)
    fact = book.heard(found[1], 10.0, -30.0)
    assert (fact.tone, fact.role, fact.named_contact) == (True, PromptRole.LISTENING, None)
    assert not book.heard(found[0], 10.0, -30.0).tone


SPOKEN = {"kind": "speech", "role": "read_back", "text": "Send it to Thomas Reed?"}
SPOKEN |= {"states_act": True, "named_contact": "Thomas Reed", "says_full_name": True}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"states_act": "false"}, "must be true or false"),
        ({"says_full_name": 1}, "must be true or false"),
        ({"text": "Okay?"}, "is not in its text"),
        ({"text": "Send it to Thomas Reeding?"}, "is not in its text"),
        ({"named_contact": None}, "whose name"),
        ({"named_by_s": -1.0}, "0 or more"),
        ({"named_by_s": float("nan")}, "0 or more"),
        ({"named_by_s": 9.0}, "before its end"),
        ({"named_by_s": 0.1}, "sooner than anybody can say"),
        ({"name_by_s": 0.4}, "`name_by_s` is not a key"),
        ({"text": "Shall I send this whole message to Thomas Reed now, yes or no?"}, "follow"),
    ],
)
def test_what_a_prompt_says_of_itself_must_hold_together(
    tmp_path: Path, changes: dict[str, object], told: str
) -> None:
    folder = filed(tmp_path, **SPOKEN)
    soundfile.write(folder / "wakes.wav", prompt("sent"), RATE_HZ, subtype="FLOAT")
    assert PromptBook.load(folder, RATE_HZ).prompts["wakes"].says_full_name
    (folder / "prompts.json").write_text(json.dumps([{**ROW, **SPOKEN, **changes}]))
    with pytest.raises(RigError, match=told):
        PromptBook.load(folder, RATE_HZ)


@pytest.mark.parametrize("name", ["Thomas Reed", "Zoë O\u2019Brien-Núñez", "李 小龙"])
def test_a_full_name_is_found_in_any_writing(tmp_path: Path, name: str) -> None:
    row = {**ROW, **SPOKEN, "text": f"To {name.upper()}'s phone?", "named_contact": name}
    (tmp_path / "prompts.json").write_text(json.dumps([row]))
    soundfile.write(tmp_path / "wakes.wav", prompt("sent"), RATE_HZ, subtype="FLOAT")
    assert PromptBook.load(tmp_path, RATE_HZ).prompts["wakes"].named_contact == name
