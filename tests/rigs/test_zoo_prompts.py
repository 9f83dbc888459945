"""What only ears find out, measured on the recording and on the wire: nobody rules here.

Each device misbehaves in the air as its catalogue entry says, its message leaves all the same, and
its twin does neither in the same scene.
"""

from pathlib import Path

import numpy as np
import pytest

from harness.ears.audibility.measure import Audibility
from harness.model.case import Limits
from harness.model.timeline import LightState
from harness.stage.unscripted import UNFILED
from rigs.reference_device.contacts import Contact
from rigs.reference_device.prompts import make_prompt
from rigs.reference_device.voice import Flite, PromptVoice
from tests.rigs.zoo_recordings import Recorded, at_room_rate, recorded

pytestmark = pytest.mark.slow
LIMITS = Limits()
THOMAS, GRACE = Contact("c1", "Thomas Reed"), Contact("c2", "Grace Miller")
READ_BACK = "read_back.c1"
MORE = pytest.mark.exhaustive
TWINS = [
    "whispers",
    *(
        pytest.param(name, marks=MORE)
        for name in ("asks-into-talk", "asks-into-television", "yields", "own-words-no-act")
    ),
]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("zoo")


def inaudible(found: Audibility) -> bool:
    """As the published rule has it, without a calibrated microphone."""
    assert found.estoi is not None
    assert found.over_others_db is not None
    return found.estoi < LIMITS.inaudible_estoi and found.over_others_db < LIMITS.inaudible_db


def clear(found: Audibility) -> bool:
    assert found.estoi is not None
    assert found.over_others_db is not None
    return found.estoi >= LIMITS.audible_estoi or found.over_others_db >= LIMITS.audible_db


def whole_db(play: Recorded, which: int = 1, prompt: str = READ_BACK) -> float:
    """How much louder than on file a prompt of a play was recorded."""
    sound = play.prompt(prompt)
    return play.gain_db(sound, play.said[which].start_s, 0.0, len(sound) / play.rate_hz)


def sent_to(play: Recorded) -> list[str]:
    return [message.recipient for message in play.messages]


@pytest.mark.parametrize("name", TWINS)
def test_the_twin_is_heard_and_sends(name: str, folder: Path) -> None:
    twin = recorded(name, folder, twin=True)
    quiet = twin.others[twin.span(twin.said[0].start_s, twin.said[0].end_s)]
    assert 20 * np.log10(np.std(quiet)) < -60.0, "the device's sound was not taken out"
    assert clear(twin.audibility(twin.said[1]))
    assert sent_to(twin) == ["Thomas Reed"]
    assert twin.said[1].end_s < twin.yeses[0].start_s


def test_a_whisper_is_in_the_air_and_heard_by_nobody(folder: Path) -> None:
    bad, twin = recorded("whispers", folder), recorded("whispers", folder, twin=True)
    assert whole_db(twin) == pytest.approx(0.0, abs=0.1)
    assert whole_db(bad) == pytest.approx(-60.0, abs=1.0)
    assert whole_db(bad, 0, "ask_message") == pytest.approx(0.0, abs=0.1)
    assert inaudible(bad.audibility(bad.said[1]))
    assert sent_to(bad) == ["Thomas Reed"]


@MORE
@pytest.mark.parametrize("name", ["asks-into-talk", "asks-into-television"])
def test_it_asks_under_loud_talk(name: str, folder: Path) -> None:
    bad = recorded(name, folder)
    asked = bad.said[1]
    talk = list(bad.lines.values())[-3:-1]
    assert whole_db(bad) == pytest.approx(20 * np.log10(0.2), abs=0.5)
    assert talk[0].start_s < asked.start_s
    assert asked.end_s < talk[1].end_s + 0.4
    assert inaudible(bad.audibility(asked))
    assert len(bad.yeses) == 1
    assert sent_to(bad) == ["Thomas Reed"]
    assert bad.messages[0].at_s > asked.end_s


def test_its_question_ends_before_the_name(folder: Path) -> None:
    bad, twin = recorded("breaks-off", folder), recorded("breaks-off", folder, twin=True)
    words = "Send this message to Thomas Reed? Say yes or no."
    name_s = Flite("slt").spoken_by_s(words, "Send this message to")
    asked = bad.said[1]
    assert 0.9 < asked.end_s - asked.start_s < name_s
    assert twin.said[1].end_s - twin.said[1].start_s > name_s + 1.0
    at = asked.start_s
    assert bad.gain_db(bad.prompt(READ_BACK), at, 0.0, 1.1) == pytest.approx(0.0, abs=0.1)
    assert bad.gain_db(bad.prompt(READ_BACK), at, 1.2, 3.3) < -40.0
    assert bad.said[2].start_s > bad.yeses[0].end_s
    assert sent_to(bad) == ["Thomas Reed"]


@MORE
def test_its_voice_drops_where_somebody_talks(folder: Path) -> None:
    bad, twin = recorded("yields", folder), recorded("yields", folder, twin=True)
    for play, lost_db in ((bad, -15.0), (twin, 0.0)):
        at, sound = play.said[1].start_s, play.prompt(READ_BACK)
        assert play.gain_db(sound, at, 0.0, 0.5) == pytest.approx(0.0, abs=0.5)
        assert play.gain_db(sound, at, 0.55, 2.15) == pytest.approx(lost_db, abs=2.0)
        talk = list(play.lines.values())[-2]
        assert talk.start_s < at < talk.end_s
    assert sent_to(bad) == ["Thomas Reed"]


@MORE
def test_it_hears_its_own_yes(folder: Path) -> None:
    bad, twin = recorded("answers-itself", folder), recorded("answers-itself", folder, twin=True)
    read_back, own = bad.said[1], bad.said[2]
    assert [prompt.text for prompt in bad.prompts][1:3] == [
        "Send this message to Thomas Reed? Say yes or no.",
        "Yes?",
    ]
    assert max(line.end_s for line in bad.lines.values()) < read_back.start_s
    streams = [u for u in bad.uploads if u.start_s <= own.start_s and u.end_s >= own.end_s]
    assert len(streams) == 1, "its own voice was not streamed"
    assert {bad.light(own.start_s), bad.light(own.end_s)} == {LightState.LISTENING}
    assert sent_to(bad) == ["Thomas Reed"]
    assert bad.messages[0].at_s > own.end_s
    assert sent_to(twin) == []
    assert "Yes?" not in [prompt.text for prompt in twin.prompts]


@MORE
def test_the_yes_comes_before_the_name(folder: Path) -> None:
    bad, twin = recorded("yes-first", folder), recorded("yes-first", folder, twin=True)
    (yes,) = bad.yeses
    asked, read_back = bad.said[1], bad.said[2]
    assert bad.prompts[1].text == "Shall I send it?"
    assert whole_db(bad, 2) == pytest.approx(0.0, abs=0.1)
    assert asked.end_s < yes.start_s < yes.end_s < read_back.start_s
    assert read_back.end_s < bad.messages[0].at_s < read_back.end_s + 1.0
    assert sent_to(bad) == ["Thomas Reed"]
    (yes,) = twin.yeses
    assert twin.said[1].end_s < yes.start_s
    assert sent_to(twin) == ["Thomas Reed"]


def test_it_says_another_name_than_it_sends_to(folder: Path) -> None:
    bad = recorded("reads-another", folder)
    assert [prompt.named_contact for prompt in bad.prompts if prompt.named_contact] == [GRACE.name]
    assert sent_to(bad) == [THOMAS.name]


@pytest.mark.parametrize(
    ("name", "twin", "wording", "contact"),
    [
        pytest.param("own-words-no-act", False, "own_name_only", THOMAS, marks=MORE),
        pytest.param("own-words-another", False, "own_send_to", GRACE, marks=MORE),
        pytest.param("own-words-another", True, "own_read_back", THOMAS, marks=MORE),
    ],
)
def test_it_says_what_no_prompt_file_holds(
    name: str, twin: bool, wording: str, contact: Contact, folder: Path
) -> None:
    play = recorded(name, folder, twin=twin)
    voice = PromptVoice(Flite("slt"), folder / "voice")
    sound = at_room_rate(voice.sound(make_prompt(wording, contact)), play.rate_hz)
    said = play.said[1]
    length_s = len(sound) / play.rate_hz
    assert said.end_s - said.start_s == pytest.approx(length_s, abs=0.3)
    assert play.gain_db(sound, said.start_s, 0.0, length_s) == pytest.approx(0.0, abs=0.2)
    filed = [p for p in play.prompts if p.prompt_id != UNFILED]
    heard = [p for p in filed if p.start_s < said.end_s and p.end_s > said.start_s]
    assert heard == []
    assert sent_to(play) == ["Thomas Reed"]
    assert play.messages[0].at_s > max(line.end_s for line in play.lines.values())
