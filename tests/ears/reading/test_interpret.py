"""What a text means to a household: whom it names, what it is for, what stays in doubt."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ears.reading import Doubt, Lexicon, Meaning, Reading, Word, interpret
from harness.model.script import Household, PromptRole

CONTACTS = (
    "Thomas Reed",
    "Anna Kowalski",
    "Anna Lopez",
    "Maria Gonzalez",
    "Mark Wright",
    "Will Young",
    "Sean Murphy",
    "Grace Nguyen",
    "Stephen Hughes",
    "Ann Lee",
    "Zoë Müller",
    "Patrick O'Brien",
    "Dr. Leila Haddad",
    "Mum",
    "Wei Zhang",
)
HOME = Lexicon(Household(CONTACTS))
READ_BACK, OTHER = PromptRole.READ_BACK, PromptRole.OTHER


def meant(*texts: str, lexicon: Lexicon = HOME, confidence: float = 0.9) -> Meaning:
    return interpret(Reading(texts[0], confidence, alternatives=texts[1:]), lexicon)


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("Send this message to Thomas Reed? Say yes or no.", "Thomas Reed"),
        ("Sending to Anna Kowalski. Okay?", "Anna Kowalski"),
        ("Do you want me to send this to Maria Gonzalez?", "Maria Gonzalez"),
        ("Should I send it to Sean Murphy?", "Sean Murphy"),
        ("Ready to send your message to Grace Nguyen. Should I?", "Grace Nguyen"),
        ("This will be sent to Anna Lopez. Do you agree?", "Anna Lopez"),
        ("I have Stephen Hughes. Send the message?", "Stephen Hughes"),
        ("Okay, text Ann Lee, right?", "Ann Lee"),
        ("Send it to Zoe Muller, yes or no?", "Zoë Müller"),
        ("Send to Patrick O'Brien?", "Patrick O'Brien"),
        ("I'll send this to Leila Haddad, correct?", "Dr. Leila Haddad"),
        ("Send this to Mum?", "Mum"),
        ("Say yes to send this to Thomas Reed or no to cancel.", "Thomas Reed"),
        # As recognisers write what they have never seen.
        ("Send this message to Thomas Read? Say yes or no.", "Thomas Reed"),
        ("Sending to Anna Kovalsky, okay?", "Anna Kowalski"),
        ("Sending to Ana Kowalsky. Okay?", "Anna Kowalski"),
        ("Do you want me to send this to Maria Gonzales?", "Maria Gonzalez"),
        ("Should I send it to Shawn Murphy?", "Sean Murphy"),
        ("Should I send it to Steven Hughes?", "Stephen Hughes"),
        ("Send to Patrick O Brien?", "Patrick O'Brien"),
        ("Send this to tom as reed?", "Thomas Reed"),
    ],
)
def test_a_read_back_with_act_and_full_name(text: str, contact: str) -> None:
    found = meant(text)
    assert (found.role, found.states_act, found.named_contact) == (READ_BACK, True, contact)
    assert found.says_full_name and found.readable


@pytest.mark.parametrize(
    ("text", "contact", "full"),
    [
        ("Thomas Reed, right?", "Thomas Reed", True),
        ("Thomas, right?", "Thomas Reed", False),
        ("Thomas. Right?", "Thomas Reed", False),
        ("Did you say Maria?", "Maria Gonzalez", False),
        ("Is Grace Nguyen correct?", "Grace Nguyen", True),
        ("Was that Kowalski?", "Anna Kowalski", False),
        ("Anna Kowalski?", "Anna Kowalski", True),
    ],
)
def test_a_name_without_the_act(text: str, contact: str, full: bool) -> None:
    found = meant(text)
    assert (found.role, found.states_act) == (READ_BACK, False)
    assert (found.named_contact, found.says_full_name) == (contact, full)
    assert found.readable


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("To whom?", PromptRole.ASK_RECIPIENT),
        ("To whom.", PromptRole.ASK_RECIPIENT),
        ("Two whom?", PromptRole.ASK_RECIPIENT),
        ("Who should I send it to?", PromptRole.ASK_RECIPIENT),
        ("Okay. Who's it for?", PromptRole.ASK_RECIPIENT),
        ("What's the name of the contact?", PromptRole.ASK_RECIPIENT),
        ("Which Anna? Say the full name.", PromptRole.ASK_WHICH),
        ("Anna Kowalski or Anna Lopez?", PromptRole.ASK_WHICH),
        ("What's the message?", PromptRole.ASK_MESSAGE),
        ("What would you like to say?", PromptRole.ASK_MESSAGE),
        ("Say your message after the tone.", PromptRole.ASK_MESSAGE),
        ("Sent.", PromptRole.SENT),
        ("Your message has been sent.", PromptRole.SENT),
        ("Okay, message sent.", PromptRole.SENT),
        ("OK, cancelled.", PromptRole.CANCELLED),
        ("Okay, I won't send it.", PromptRole.CANCELLED),
        ("I am here.", PromptRole.ANSWER),
        ("Sorry, I can't help with that.", PromptRole.ANSWER),
        ("How can I help?", PromptRole.ASK_REQUEST),
        ("Sorry, the message was not sent.", OTHER),
        ("By the way. You can ask me anything. Just say: Alexa.", OTHER),
        ("Sorry, I can't reach the network.", OTHER),
        ("Send it?", READ_BACK),
    ],
)
def test_what_a_prompt_is_for(text: str, role: PromptRole) -> None:
    found = meant(text)
    assert (found.role, found.named_contact, found.doubts) == (role, None, frozenset())
    assert found.states_act is (role is READ_BACK)


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Your message has been sent to Thomas Reed.", PromptRole.SENT),
        ("Okay, I won't send anything to Thomas Reed.", PromptRole.CANCELLED),
        ("I couldn't send your message to Thomas Reed.", OTHER),
        ("I did not send the message to Thomas Reed.", OTHER),
        ("Not sending to Thomas Reed.", PromptRole.CANCELLED),
        ("What's the message for Thomas Reed?", PromptRole.ASK_MESSAGE),
        ("What should I send to Thomas Reed?", PromptRole.ASK_MESSAGE),
    ],
)
def test_telling_or_asking_of_something_else_states_no_act(text: str, role: PromptRole) -> None:
    found = meant(text)
    assert (found.role, found.states_act, found.named_contact) == (role, False, "Thomas Reed")


@pytest.mark.parametrize(
    "text",
    [
        "Anna, right?",
        "Send this to Anna?",
        "Thom?",
        "Send this message to Thom",
        "Send this message to Thomas Green?",
        "Sending to Bob Stone. Okay?",
        "Bob Stone, right?",
        "Send this to Anna Schmidt?",
        "Send this to Maria Rodriguez?",
        "Send this to Thomas Reed and Anna Lopez?",
        "Did you mean Thomas Reed, not Sean Murphy?",
    ],
)
def test_a_name_that_could_be_two_or_no_contacts_is_nobody(text: str) -> None:
    found = meant(text)
    assert found.named_contact is None
    assert not found.says_full_name
    assert Doubt.NAME in found.doubts


@pytest.mark.parametrize(
    "text",
    [
        "Annoying, right?",
        "Will you send it?",
        "Mark my words, right?",
        "You are right.",
        "Reading the news.",
        "It is going to be a grey morning.",
        "What a summer!",
        "By the way, it is late.",
    ],
)
def test_names_inside_other_words_are_no_names(text: str) -> None:
    assert meant(text).named_contact is None


def test_whom_a_name_could_be_is_said() -> None:
    assert {"Anna Kowalski", "Anna Lopez"} <= set(meant("Send this to Anna?").rivals)


@pytest.mark.parametrize("others", [("Thomas Read",), ("Tomas Reid",), ("Thomas Rede", "Bob Ito")])
def test_homophones_are_never_told_apart_by_spelling(others: tuple[str, ...]) -> None:
    lexicon = Lexicon(Household(("Thomas Reed", *others)))
    for text in ("Send this to Thomas Reed?", f"Send this to {others[0]}?"):
        found = meant(text, lexicon=lexicon)
        assert found.named_contact is None
        assert Doubt.NAME in found.doubts


def test_contacts_that_the_household_calls_alike_are_never_told_apart() -> None:
    alike = Household(("Erin Vance", "Aaron Bence"), sound_alike=(("Erin Vance", "Aaron Bence"),))
    found = meant("Send this to Erin Vance?", lexicon=Lexicon(alike))
    assert found.named_contact is None
    assert set(found.rivals) == {"Erin Vance", "Aaron Bence"}


def test_a_first_name_is_not_taken_for_a_full_name_that_sounds_like_the_question() -> None:
    """ "Mark, right?" and "Mark Wright" are the same sounds."""
    found = meant("Mark, right?")
    assert found.named_contact == "Mark Wright"
    assert not found.says_full_name and Doubt.FULL_NAME in found.doubts
    two = Lexicon(Household(("Mark Wright", "Mark Lopez")))
    assert meant("Mark, right?", lexicon=two).named_contact is None


@pytest.mark.parametrize("text", ["", "   ", "...", "?"])
def test_nothing_read_is_unreadable(text: str) -> None:
    found = meant(text)
    assert found.doubts == {Doubt.WORDS}
    assert (found.role, found.named_contact, found.states_act) == (OTHER, None, False)


def test_readings_that_have_nothing_in_common_are_unreadable() -> None:
    assert meant("Send this to Thomas Reed?", "oh", "", confidence=0.1).doubts == {Doubt.WORDS}


def test_the_act_must_stand_in_most_texts() -> None:
    good, bad = "Send this to Thomas Reed, yes or no?", "And this to Thomas Reed, yes or no?"
    assert meant(good, good, good, good, bad).states_act
    found = meant(good, bad, bad, good, bad)
    assert not found.states_act and Doubt.ACT in found.doubts


def test_sent_read_for_send_is_a_doubt_and_no_act() -> None:
    found = meant("Sent this message to Thomas Reed? Say yes or no.")
    assert not found.states_act and not found.readable


def test_an_act_outside_a_question_is_never_claimed() -> None:
    """A real one: "I couldn't send your message to ..."."""
    found = meant("I put it, send your message to Thomas Reed.")
    assert not found.states_act and not found.readable
    assert meant("Your message to Thomas Reed is right, send it now.").states_act is False


def test_an_ending_too_much_beside_the_name_does_no_harm() -> None:
    found = meant(
        "You want to text Maria Gonzalez correctly.", "You want to text Maria Gonzalez correct?"
    )
    assert found.named_contact == "Maria Gonzalez"


def test_one_text_that_differs_does_not_change_the_name() -> None:
    right, wrong = "Sending to Anna Kowalski, okay?", "Sending to Anna Lopez, okay?"
    assert meant(right, right, right, right, wrong).named_contact == "Anna Kowalski"
    assert meant(right, right, wrong, wrong).named_contact is None
    assert meant(wrong, wrong, wrong, right).named_contact != "Anna Kowalski"


def test_when_act_and_name_had_been_spoken() -> None:
    def timed(text: str) -> Reading:
        words = tuple(Word(w, 0.3 * i, 0.3 * i + 0.3) for i, w in enumerate(text.split()))
        return Reading(text, 0.9, words)

    first = interpret(timed("Send this to Thomas Reed? Say yes or no."), HOME)
    assert first.named_by_s == pytest.approx(1.5)
    later = interpret(timed("I have Thomas Reed. Send the message?"), HOME)
    assert later.named_by_s == pytest.approx(1.5)
    assert interpret(timed("Thomas Reed, right?"), HOME).named_by_s is None
    assert meant("Send this to Thomas Reed?").named_by_s is None


WORDINGS = st.sampled_from(
    ["Send this to {}?", "{}, right?", "Sending to {}. Okay?", "Is that for {}? Send it?"]
)


@settings(max_examples=60)
@given(st.sampled_from(CONTACTS), WORDINGS, st.sampled_from([str.upper, str.lower, str.title]))
def test_neither_case_nor_punctuation_matters_to_the_name(contact: str, wording: str, case) -> None:  # type: ignore[no-untyped-def]
    text = case(wording.format(contact))
    assert meant(text).named_contact == contact
    assert meant(text.replace(",", "").replace(".", "")).named_contact == contact


@settings(max_examples=60)
@given(st.sampled_from(CONTACTS), WORDINGS)
def test_who_is_no_contact_is_never_somebody_else(contact: str, wording: str) -> None:
    others = Lexicon(Household(tuple(name for name in CONTACTS if name != contact)))
    assert meant(wording.format(contact), lexicon=others).named_contact is None


_MADE_OF = (
    "you",
    "will",
    "send",
    "it",
    "to",
    "this",
    "message",
    "okay",
    "right",
    "yes",
    "no",
    "who",
)


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(_MADE_OF),
        min_size=1,
        max_size=8,
    )
)
def test_words_that_prompts_are_made_of_name_nobody_by_full_name(words: list[str]) -> None:
    found = meant(
        " ".join(words), lexicon=Lexicon(Household(("Thomas Reed", "Will Yu", "Anna Lo")))
    )
    assert found.named_contact is None
