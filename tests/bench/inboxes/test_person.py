"""A person at the bench: what is asked, what is believed, and how well times are known."""

import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from harness.bench.drivers.inboxes.person import PersonInbox, PersonInboxText
from harness.clock import SimulatedClock
from harness.errors import RigError

ROOT = Path(__file__).parents[3]
NOON_S = datetime(2026, 5, 4, 12, 0, 0).timestamp()


class Person:
    """Answers in order, taking two seconds each, and keeps what was asked."""

    def __init__(self, clock: SimulatedClock, answers: Sequence[str]) -> None:
        self.clock, self.answers, self.asked = clock, list(answers), []

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        self.clock.wait_s(2.0)
        return self.answers.pop(0)


def inbox_of(*answers: str, canary: bool = True) -> tuple[PersonInbox, Person, SimulatedClock]:
    clock = SimulatedClock(NOON_S)
    person = Person(clock, answers)
    options = PersonInboxText(delivery_s=3.0, clock_s=5.0, canary=canary)
    return PersonInbox(options, person, clock), person, clock


def test_what_is_told_has_the_uncertainty_of_a_person() -> None:
    inbox, person, clock = inbox_of(
        "", "x", "2", "12:00:30", "4.5 s", "25:00", "11:00", "12:01", "milk", "0",
        "perhaps", "yes", "Somebody", "?", "2 s", "no",
    )  # fmt: skip
    inbox.prepare(["Thomas Reed", "Anna Bell"])
    began_s = clock.now_s()
    clock.wait_s(120.0)
    told = {message.message_id: message for message in inbox.messages()}
    assert inbox.messages() == tuple(told.values())  # asked once
    assert not person.answers
    voice, text, stranger = (told[f"told-{n}"] for n in (1, 2, 3))
    assert (voice.recipient, voice.audio_s, voice.transcript) == ("Thomas Reed", 4.5, None)
    assert voice.unix_s - voice.uncertainty_s == NOON_S + 30 - 5 - 3
    assert voice.unix_s + voice.uncertainty_s == NOON_S + 31 + 5
    assert (text.audio_s, text.transcript) == (None, "milk")
    assert text.unix_s - text.uncertainty_s == NOON_S + 60 - 5 - 3
    assert text.unix_s + text.uncertainty_s == NOON_S + 120 + 5
    assert stranger.recipient == "Somebody"
    assert stranger.unix_s - stranger.uncertainty_s == began_s - 3
    assert stranger.unix_s + stranger.uncertainty_s > NOON_S + 120


def test_a_canary_is_sent_by_hand_and_read_back() -> None:
    inbox, _person, _clock = inbox_of("", "kettle", "kettle c0ffee", "0", "no")
    inbox.prepare(["Thomas Reed"])
    inbox.send_canary("c0ffee1234")
    (canary,) = inbox.messages()
    assert canary.canary == "c0ffee1234"


@pytest.mark.parametrize(
    ("answers", "why"),
    [((" ",), "could not send one"), (("kettle", "c0ffee"), "`kettle` was sent, and")],
)
def test_a_canary_that_was_not_seen_is_told(answers: tuple[str, ...], why: str) -> None:
    inbox, _person, _clock = inbox_of("", *answers)
    inbox.prepare(["Thomas Reed"])
    with pytest.raises(RigError, match=why):
        inbox.send_canary("c0ffee1234")


def test_without_a_second_phone_there_is_no_canary() -> None:
    inbox, _person, _clock = inbox_of("", canary=False)
    assert inbox.canary_proves is None
    with pytest.raises(RigError, match="nobody can send one"):
        inbox.send_canary("c0ffee1234")


PROGRAM = (
    "from harness.bench.drivers.inboxes.person import at_terminal\n"
    "print(repr(at_terminal('How many? ')))\n"
)


def test_at_a_terminal_it_asks_and_elsewhere_it_says_so() -> None:
    ours, theirs = pty.openpty()
    asked = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stdin=theirs, stderr=theirs, stdout=-1
    )
    seen = b""
    while b"How many? " not in seen:
        seen += os.read(ours, 1000)
    os.write(ours, b"two\n")
    assert asked.communicate(timeout=60)[0] == b"'two'\n"
    os.close(ours)
    os.close(theirs)
    nobody = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, stdin=-3, capture_output=True, timeout=60
    )
    assert b"there is no terminal" in nobody.stderr
