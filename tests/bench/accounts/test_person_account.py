"""A person asked what the maker's app shows: what is asked, believed, and how well it is known."""

from collections.abc import Sequence
from datetime import datetime

import pytest

from harness.bench.drivers.accounts.person import PersonAccount, PersonAccountText
from harness.bench.ports.account import AccountSettings
from harness.clock import SimulatedClock
from harness.errors import RigError

NOON_S = datetime(2026, 5, 4, 12, 0, 0).timestamp()


class Person:
    """Answers in order, taking two seconds each, and keeps what was asked."""

    def __init__(self, clock: SimulatedClock, answers: Sequence[str]) -> None:
        self.clock, self.answers, self.asked = clock, list(answers), list[str]()

    def __call__(self, question: str) -> str:
        self.asked.append(question)
        self.clock.wait_s(2.0)
        return self.answers.pop(0)


def account_of(*answers: str) -> tuple[PersonAccount, Person]:
    clock = SimulatedClock(NOON_S)
    person = Person(clock, ["", *answers])
    account = PersonAccount(PersonAccountText(clock_s=0.0), person, clock)
    account.prepare("home-7", {})
    clock.wait_s(180.0)
    return account, person


def test_minutes_are_told_as_minutes() -> None:
    account, person = account_of(
        "yes", "two", "2", "25:00", "12:01", "", "send a message", "yes", "12:02:10", "Thomas Reed",
        "", "no",
    )  # fmt: skip
    history = account.history()
    assert history.saving is True and not person.answers
    minute, second = history.items
    assert (minute.at_unix_s, minute.at_uncertainty_s) == (NOON_S + 90.0, 30.0)
    assert (minute.kind, minute.transcript, minute.has_audio) == (
        "interaction",
        "send a message",
        True,
    )
    assert (second.at_uncertainty_s, second.kind, second.recipient) == (
        0.5,
        "message",
        "Thomas Reed",
    )
    assert second.transcript is None and not second.has_audio


def test_what_the_app_does_not_show_is_unknown() -> None:
    account, _ = account_of("maybe", "?", "no")
    assert account.settings() == AccountSettings(None, False)


def test_what_could_not_be_done_is_said() -> None:
    account, person = account_of("yes", "no")
    account.change(AccountSettings(communications=False))
    assert "messages and calls off" in person.asked[-1]
    with pytest.raises(RigError, match="could not be done"):
        account.delete(())


def test_a_person_is_no_source_of_exports_or_queues() -> None:
    account, _ = account_of()
    assert account.sources == frozenset("CQ")
    assert account.review_queue() is None
    with pytest.raises(RigError, match="export"):
        account.request_export()
    with pytest.raises(RigError, match="cannot be let pass"):
        account.let_pass(24.0)


@pytest.mark.parametrize(
    ("before", "said"),
    [((), "perhaps"), (("yes",), "many"), (("yes",), "501"), (("yes",), "\u00b2"),
     (("yes", "1"), "at noon")],
)  # fmt: skip
def test_a_person_who_is_not_understood_is_not_asked_for_ever(
    before: tuple[str, ...], said: str
) -> None:
    account, person = account_of(*before, *[said] * 9)
    with pytest.raises(RigError, match=r"5 answers made no sense.*Play the scene again"):
        account.history()
    assert len(person.answers) == 4
