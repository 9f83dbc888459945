"""What the devices of the zoo are made of, without a scene: habits, chance, pitch, dialogue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rigs.reference_device.actions import (
    Action,
    KeepMuted,
    Light,
    Note,
    OpenUpload,
    RefreshContacts,
    SendMessage,
    StopPlaying,
)
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Say, Send, Turn
from rigs.reference_device.firmware import FIRMWARES, make_firmware
from rigs.reference_device.habits import Habits, Moment, habits_of
from rigs.zoo.chance import ONE_IN, strikes
from rigs.zoo.dark_and_contrary import DarkAndContrary
from rigs.zoo.knows_voices import KnowsVoices, median_pitch_hz
from rigs.zoo.sends_twice import SendsTwice
from rigs.zoo.third_unread import ThirdUnread
from tests.rigs.corpus_clips import DANA, MARK, line

THOMAS = Contact("c1", "Thomas Reed")
MESSAGE = SendMessage(3, THOMAS, "I am late.", np.zeros(16, np.int16))
ACTIONS = st.sampled_from(
    [Light("listening"), StopPlaying(), OpenUpload(2), MESSAGE, RefreshContacts(), KeepMuted(True)]
)
DICTATION = "I will be ten minutes late."


@given(ACTIONS, st.booleans(), st.booleans())
def test_honest_habits_change_nothing(action: Action, muted: bool, resting: bool) -> None:
    habits = Habits()
    assert habits.before(action) == [action]
    moment = Moment(0.0, muted, resting, (THOMAS,))
    assert habits.hears(np.ones(160, np.int16), moment) == []
    assert habits.speaks_up(moment) is None
    assert habits.done(3, "no_network") == []
    assert habits.starts((MESSAGE,)) == []


@pytest.mark.parametrize("name", FIRMWARES)
def test_the_honest_firmwares_have_honest_habits(name: str) -> None:
    assert type(habits_of(make_firmware(name))) is Habits


def test_a_firmware_brings_its_own_habits() -> None:
    twice = SendsTwice()
    assert habits_of(twice) is twice
    first, second = twice.before(MESSAGE)
    assert isinstance(second, SendMessage)
    assert (first, second.number, second.contact) == (MESSAGE, -3, THOMAS)


def test_two_faults_in_one() -> None:
    both = DarkAndContrary()
    assert both.before(Light("listening")) == []
    assert both.before(Light("idle")) == [Light("idle")]
    assert both.before(Note("heard")) == [Note("heard")]
    move = both.next_move(Turn.CONFIRM, draft_of(), heard("No."), (THOMAS,))
    assert isinstance(move, Send)


def test_chance_strikes_one_play_in_five_and_repeats() -> None:
    drawn = [strikes(seed) for seed in range(2000)]
    assert drawn == [strikes(seed) for seed in range(2000)]
    assert sum(drawn) / len(drawn) == pytest.approx(1 / ONE_IN, abs=0.03)


@pytest.mark.parametrize("text", [DICTATION, "Yes.", "No.", "Send a message to Thomas Reed."])
def test_the_pitch_of_two_people(text: str) -> None:
    dana, mark = (median_pitch_hz(line(voice, text)) for voice in (DANA, MARK))
    assert dana is not None and mark is not None
    assert 150.0 < dana < 250.0
    assert 80.0 < mark < 140.0


def test_noise_has_no_pitch() -> None:
    noise = np.random.default_rng(1).standard_normal(16_000) * 1000
    assert median_pitch_hz(noise.astype(np.int16)) is None
    assert median_pitch_hz(np.zeros(16_000, np.int16)) is None
    assert median_pitch_hz(np.zeros(0, np.int16)) is None


@pytest.mark.parametrize("asks", [DANA, MARK])
@pytest.mark.parametrize("answers", [DANA, MARK])
def test_who_knows_voices_takes_the_yes_of_who_dictated(asks: str, answers: str) -> None:
    draft = Draft(THOMAS, Heard(DICTATION, line(asks, DICTATION)))
    yes = Heard("Yes.", line(answers, "Yes."))
    move = KnowsVoices().next_move(Turn.CONFIRM, draft, yes, (THOMAS,))
    assert isinstance(move, Send) if asks == answers else move == Say("cancelled")


def test_every_third_message_is_not_read_back() -> None:
    device = ThirdUnread()
    moves = [
        device.next_move(Turn.MESSAGE, Draft(THOMAS), heard("I am late."), (THOMAS,))
        for _ in range(6)
    ]
    assert [type(move) for move in moves] == [Ask, Ask, Send, Ask, Ask, Send]


def heard(text: str) -> Heard:
    return Heard(text, np.zeros(16, np.int16))


def draft_of() -> Draft:
    return Draft(THOMAS, heard("I am late."))
