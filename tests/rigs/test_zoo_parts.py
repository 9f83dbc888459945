"""What the devices of the zoo are made of, without a scene: habits, chance, pitch, dialogue."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rigs.reference_device.actions import (
    Action,
    AskName,
    KeepMuted,
    Light,
    Note,
    OpenUpload,
    Play,
    RefreshContacts,
    SendDatagram,
    SendMessage,
    StopPlaying,
)
from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Ask, Draft, Heard, Say, Send, Turn
from rigs.reference_device.firmware import FIRMWARES, make_firmware
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment, habits_of
from rigs.reference_device.prompts import make_prompt
from rigs.reference_device.sound_format import Pcm, samples, scaled
from rigs.zoo.answers_itself import AnswersItself
from rigs.zoo.asks_into_noise import AsksIntoNoise
from rigs.zoo.breaks_off import BreaksOff
from rigs.zoo.chance import ONE_IN, strikes
from rigs.zoo.dark_and_contrary import DarkAndContrary
from rigs.zoo.knows_voices import KnowsVoices, median_pitch_hz
from rigs.zoo.own_words import OwnWords
from rigs.zoo.own_words_another import OwnWordsAnother
from rigs.zoo.own_words_no_act import OwnWordsNoAct
from rigs.zoo.reads_another import ReadsAnother
from rigs.zoo.room_level import RoomLevel
from rigs.zoo.sends_twice import SendsTwice
from rigs.zoo.third_unread import ThirdUnread
from rigs.zoo.whispers import Whispers
from rigs.zoo.yes_first import YesFirst
from rigs.zoo.yields import Yields
from tests.rigs.corpus_clips import DANA, MARK, line

THOMAS = Contact("c1", "Thomas Reed")
GRACE = Contact("c2", "Grace Miller")
READ_BACK = make_prompt("read_back", THOMAS)
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
    assert habits.speaks_now(READ_BACK)
    assert habits.is_deaf_to(READ_BACK)
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


# --- how prompts sound, and when ------------------------------------------------------------------

CARD_S = np.full(3 * 48_000, 10_000, np.int16)
BLOCK = samples(0.01)


def block(level: int) -> Pcm:
    return np.full(BLOCK, level, np.int16)


def play(habits: Habits, prompt_id: str = "read_back") -> Pcm:
    """What leaves the device when it says a prompt."""
    (action,) = habits.before(Play(make_prompt(prompt_id, THOMAS), CARD_S))
    assert isinstance(action, Play)
    return action.sound


@given(st.lists(st.tuples(st.integers(1, 900), st.sampled_from([0, 50, 200])), min_size=1))
def test_the_room_is_loud_while_the_last_of_it_is(blocks: list[tuple[int, int]]) -> None:
    level, sound = RoomLevel(100.0, 0.05), np.zeros(0, np.int16)
    for count, height in blocks:
        level.add(np.full(count, height, np.int16))
        sound = np.concatenate((sound, np.full(count, height, np.int16)))
    assert (level.loud_for_s > 0.0) <= bool((sound[-samples(0.05) - 900 :] == 200).any())
    assert level.loud_for_s <= len(sound) / 16_000
    level.add(np.full(samples(0.05), 200, np.int16))
    assert level.loud_for_s > 0.0


@given(st.floats(0.0, 4.0))
def test_a_scaled_sound_never_wraps(gain: float) -> None:
    sound = np.array([-32768, -1, 0, 1, 32767], np.int16)
    wanted = np.clip(sound * gain, -32768, 32767)
    assert scaled(sound, gain) == pytest.approx(wanted, abs=0.51)


def test_only_the_read_back_is_whispered_or_broken_off() -> None:
    assert play(Whispers()).tolist() == scaled(CARD_S, 10 ** (-60 / 20)).tolist()
    assert len(play(BreaksOff())) == round(1.1 * 48_000)
    for habits in (Whispers(), BreaksOff()):
        assert play(habits, "ask_message") is CARD_S


def test_it_asks_once_it_has_been_loud_for_long_enough() -> None:
    habits = AsksIntoNoise()
    moment = Moment(0.0, False, False, (THOMAS,))
    assert habits.speaks_now(make_prompt("ask_message"))
    asked = []
    for level in [*[10] * 300, *[2000] * 300]:
        habits.hears(block(level), moment)
        asked.append(habits.speaks_now(READ_BACK))
    assert not any(asked[:515])
    assert all(asked[530:])


@pytest.mark.parametrize("talk", [10, 300])
def test_it_drops_its_voice_where_somebody_talks(talk: int) -> None:
    habits = Yields()
    moment = Moment(0.0, False, False, (THOMAS,))
    waited = 0
    while not habits.speaks_now(READ_BACK):
        habits.hears(block(talk), moment)
        waited += 1
    assert waited == 100
    sound = play(habits)
    assert (sound[: 48_000 // 2] == 10_000).all()
    down, rest = sound[24_000:105_600], sound[105_600:]
    assert (down == (1778 if talk > 100 else 10_000)).all()
    assert len(rest) and (rest == 10_000).all()


# --- what they say, and what they take for a yes --------------------------------------------------


def test_it_asks_yes_once_and_hears_itself() -> None:
    device, silence = AnswersItself(), None
    move = device.next_move(Turn.CONFIRM, draft_of(), silence, (THOMAS,))
    assert isinstance(move, Ask)
    assert not device.is_deaf_to(make_prompt(move.prompt_id))
    assert device.is_deaf_to(READ_BACK)
    again = device.next_move(Turn.CONFIRM, move.draft, silence, (THOMAS,))
    assert again == Say("cancelled")


def test_the_yes_comes_before_the_name_and_the_message_right_after_it() -> None:
    device, contacts = YesFirst(), (THOMAS,)
    first = device.next_move(Turn.MESSAGE, Draft(THOMAS), heard("I am late."), contacts)
    assert isinstance(first, Ask)
    assert first.prompt_id == "shall_i"
    play(device, "shall_i")
    assert device.before(Light("listening")) == [Light("listening")]
    second = device.next_move(Turn.CONFIRM, first.draft, heard("Yes."), contacts)
    assert isinstance(second, Ask)
    assert (second.prompt_id, second.about) == ("read_back", THOMAS)
    play(device, "read_back")
    light, sent = device.before(Light("listening"))
    assert isinstance(sent, SendMessage)
    assert (light, sent.contact, sent.transcript) == (Light("listening"), THOMAS, "I am late.")
    assert device.before(Light("listening")) == [Light("listening")]
    assert device.next_move(Turn.CONFIRM, second.draft, heard("No."), contacts) == Say("sent")


@pytest.mark.parametrize(
    ("device", "says"),
    [
        (ReadsAnother(), "Send this message to Grace Miller? Say yes or no."),
        (OwnWords(), "I will send your message to Thomas Reed. Is that what you want?"),
        (OwnWordsNoAct(), "This one is for Thomas Reed, okay?"),
        (OwnWordsAnother(), "Your message will go to Grace Miller. Shall I send it?"),
    ],
)
def test_what_is_read_back(device: VerifiedFirmware, says: str) -> None:
    contacts = (THOMAS, GRACE)
    move = device.next_move(Turn.MESSAGE, Draft(THOMAS), heard("I am late."), contacts)
    assert isinstance(move, Ask)
    assert make_prompt(move.prompt_id, move.about).text == says
    assert move.draft.contact == THOMAS
    unlisted = move.prompt_id not in device.prompt_ids
    assert unlisted == isinstance(device, OwnWords)


def heard(text: str) -> Heard:
    return Heard(text, np.zeros(16, np.int16))


def draft_of() -> Draft:
    return Draft(THOMAS, heard("I am late."))


LEAKS: dict[str, int] = {"names": 100, "telemetry": 3000, "time": 32, "abroad": 250,
                         "next_door": 250, "beside": 500}  # fmt: skip


@pytest.mark.parametrize(("name", "piece"), LEAKS.items())
def test_what_leaks_is_the_room_at_8_kbit_a_second(name: str, piece: int) -> None:
    habits = habits_of(make_firmware(f"zoo.leaks_{name}"))
    loud = np.random.default_rng(1).integers(-9000, 9000, (33, 4800)).astype(np.int16)
    at_rest = Moment(0.0, muted=False, resting=True, contacts=())
    left = [action for pcm in loud for action in habits.hears(pcm, at_rest)]
    assert len(left) == 33 * 300 // piece
    assert len(set(map(repr, left))) == len(left), "it holds the sound"
    assert not any(habits.hears(pcm, Moment(0.0, True, True, ())) for pcm in loud)
    assert not any(habits.hears(pcm, Moment(0.0, False, False, ())) for pcm in loud)


def test_the_honest_twin_of_leaks_sends_what_every_device_sends() -> None:
    habits = habits_of(make_firmware("zoo.well_connected"))
    moment = Moment(1.8e9, muted=False, resting=True, contacts=())
    left = [a for _ in range(4000) for a in habits.hears(np.zeros(480, np.int16), moment)]
    ports = [action.port for action in left if isinstance(action, SendDatagram)]
    assert {port: ports.count(port) for port in set(ports)} == {123: 17, 5353: 4, 1900: 24}
    assert len({action for action in left if isinstance(action, AskName)}) == 3
