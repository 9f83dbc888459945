"""The texts of the test set: as many as promised, and nothing of test in tune."""

import pytest

from audio_corpus.prompts.clips import read_manifest
from audio_corpus.prompts.sources import TALKERS
from audio_corpus.prompts.texts import SPLITS, Split, names, prompts, talk, voices, wordings
from harness.model.script import PromptRole
from harness.scene.voices import parse_voice


def test_forty_wordings_and_two_hundred_names() -> None:
    assert len({one.text for one in wordings()}) == len({one.id for one in wordings()}) == 40
    assert len(set(names())) == 200
    assert len(voices("test")) >= 6
    assert {one.role for one in wordings()} <= {role.value for role in PromptRole}


def test_nothing_of_tune_is_in_test() -> None:
    tune, test = prompts("tune"), prompts("test")
    for what in ("voice", "wording", "name", "text"):
        shared = {getattr(line, what) for line in tune} & {getattr(line, what) for line in test}
        assert shared <= {None}, what
    assert not {line.text for line in talk("tune")} & {line.text for line in talk("test")}


def test_no_device_ever_talks_or_is_on_television() -> None:
    stimulus = {*TALKERS, *(line.voice for split in SPLITS for line in talk(split))}
    devices = {line.voice for split in SPLITS for line in prompts(split)}
    assert not stimulus & devices
    for voice in stimulus | devices:
        parse_voice(voice)


@pytest.mark.parametrize("split", SPLITS)
def test_each_wording_and_each_name_is_said(split: Split) -> None:
    lines = prompts(split)
    assert {line.name for line in lines} - {None} == set(names(split))
    assert {line.wording for line in lines} == set(wordings(split))
    assert all(line.name is None or line.name in line.text for line in lines)
    assert len(set(lines)) == len(lines)


def test_the_manifest_knows_every_line_and_no_other() -> None:
    every = {
        (line.voice, line.text) for split in SPLITS for line in (*prompts(split), *talk(split))
    }
    known = read_manifest()
    assert set(known) == every
    assert all(0 <= one.sounds[0] < one.sounds[1] <= one.samples for one in known.values())
