"""The owner at the bench: what is asked becomes facts, what is not answered becomes a trouble."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from harness.account.facts import account_facts
from harness.account.owner import Owner
from harness.errors import RigError
from harness.model.account import (
    DeletionAsked,
    EntryHeard,
    EntryKind,
    ExportItem,
    ExportRead,
    ExportTried,
    HistoryEntry,
    HistoryRead,
    QueueRead,
    Replayed,
    SettingsRead,
    Whose,
)
from harness.model.case import Limits
from harness.model.script import (
    Asked,
    AtTime,
    Deed,
    Doing,
    Household,
    Order,
    Script,
    Which,
)
from harness.model.timeline import Event
from tests.account.clouds import START_S, TOKEN, Home

DAY_S = 86_400.0


def script(*afterwards: Asked) -> Script:
    home = Household(("Thomas Reed",), account="home-7")
    return Script("a/b", "A scene", home, (), (), afterwards=afterwards)


def doing(deed: Deed, **order: object) -> Doing:
    return Doing(deed.value, deed, AtTime(0.0), None, None, Order(**order))  # type: ignore[arg-type]


def owner_of(home: Home, *afterwards: Asked) -> Owner:
    owner = Owner(home.account, script(*afterwards), Limits())
    owner.begin({})
    return owner


def facts_of(owner: Owner) -> list[Event]:
    return list(account_facts(owner.told, lambda unix_s: unix_s - START_S))


def of(kind: type, events: Sequence[Event]) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def test_a_day_after_a_deletion_everything_was_looked_at(tmp_path: Path) -> None:
    home = Home(tmp_path, "keeps_replica")
    owner = owner_of(home, Asked.SETTINGS, Asked.HISTORY, Asked.EXPORT)
    home.talks()
    owner.do(doing(Deed.DELETE_HISTORY))
    owner.do(doing(Deed.WAIT_CLOUD_DAY))
    owner.look(tmp_path)
    assert owner.missing() == ()
    facts = facts_of(owner)
    (deletion,) = of(DeletionAsked, facts)
    before, after = of(HistoryRead, facts)
    (export,) = of(ExportRead, facts)
    assert isinstance(deletion, DeletionAsked) and isinstance(export, ExportRead)
    assert isinstance(before, HistoryRead) and isinstance(after, HistoryRead)
    assert before.at_s <= deletion.at_s
    assert min(after.at_s, export.at_s) >= deletion.at_s + DAY_S
    entries = of(HistoryEntry, facts)
    assert {e.read_at_s for e in entries if isinstance(e, HistoryEntry)} == {before.at_s}
    items = of(ExportItem, facts)
    assert len(items) == 3
    assert all(isinstance(i, ExportItem) and i.whose is Whose.OURS for i in items)
    assert len(of(Replayed, facts)) == 3
    assert not any(r.returned for r in of(Replayed, facts) if isinstance(r, Replayed))
    assert len(of(ExportTried, facts)) == 5
    assert [d.message_id for d in owner.told.senders] == ["m1"]  # known before it was deleted


def test_messages_and_recordings_are_told_apart(tmp_path: Path) -> None:
    home = Home(tmp_path)
    owner = owner_of(home, Asked.HISTORY)
    home.talks()
    owner.look(tmp_path)
    entries = [e for e in facts_of(owner) if isinstance(e, HistoryEntry)]
    kinds = [entry.about for entry in entries]
    assert kinds == [EntryKind.RECORDING, EntryKind.RECORDING, EntryKind.MESSAGE]
    assert (entries[0].from_s, entries[0].until_s) == (0.0, 1.5)
    assert entries[2].recipient == "Thomas Reed"


@pytest.mark.parametrize(("which", "left"), [(Which.LAST, 2), (Which.SCENE, 0)])
def test_one_or_the_scenes_recordings_are_deleted(tmp_path: Path, which: Which, left: int) -> None:
    home = Home(tmp_path)
    owner = owner_of(home, Asked.HISTORY)
    home.talks()
    owner.do(doing(Deed.DELETE_HISTORY, which=which))
    assert len(home.account.history().items) == left
    assert len(owner.told.deleted[0][1]) == 3 - left


def test_settings_are_read_before_and_after_they_change(tmp_path: Path) -> None:
    owner = owner_of(Home(tmp_path), Asked.SETTINGS)
    owner.do(doing(Deed.SET_ACCOUNT, communications=False, human_review=True))
    told = [e for e in facts_of(owner) if isinstance(e, SettingsRead)]
    allowed = [(e.communications, e.review_opted_in) for e in told]
    assert allowed == [(True, False), (False, True)]


def test_a_scene_that_never_came_to_its_end_has_asked_nothing(tmp_path: Path) -> None:
    owner = owner_of(Home(tmp_path), Asked.HISTORY, Asked.EXPORT)
    assert "history, export" in owner.missing()[0]


def test_an_export_that_lacks_what_the_history_lists_is_a_trouble(tmp_path: Path) -> None:
    home = Home(tmp_path, "mixes_tenants")
    owner = owner_of(home, Asked.HISTORY, Asked.EXPORT)
    home.talks()
    owner.look(tmp_path)
    assert "lacks 3 of the recordings" in owner.missing()[0]
    items = [item for item in facts_of(owner) if isinstance(item, ExportItem)]
    assert items and all(item.whose is Whose.FOREIGN for item in items)


def test_nothing_to_delete_is_a_trouble(tmp_path: Path) -> None:
    owner = owner_of(Home(tmp_path), Asked.HISTORY)
    owner.do(doing(Deed.DELETE_HISTORY))
    owner.look(tmp_path)
    assert owner.missing() == ("there was nothing to delete",)


def test_what_does_not_answer_is_told_and_the_rest_asked(tmp_path: Path) -> None:
    home = Home(tmp_path)
    owner = owner_of(home, Asked.HISTORY, Asked.REVIEW)

    class Silent(type(home.account)):  # type: ignore[misc]
        """Tells no history."""

        def history(self) -> None:
            raise RigError("account: it gives no history")

    owner = Owner(Silent(home.account._carrier, TOKEN, home.clock), script(*Asked), Limits())
    owner.begin({})
    owner.look(tmp_path)
    assert any("gives no history" in trouble for trouble in owner.missing())
    facts = facts_of(owner)
    assert of(QueueRead, facts) and not of(HistoryRead, facts)


def test_each_sound_of_the_history_is_asked_for_once_and_told(tmp_path: Path) -> None:
    home = Home(tmp_path)
    owner = owner_of(home, Asked.HISTORY, Asked.EXPORT)
    home.talks()
    owner.do(doing(Deed.DELETE_HISTORY, which=Which.LAST))
    owner.look(tmp_path)
    heard = [e for e in facts_of(owner) if isinstance(e, EntryHeard)]
    assert len(heard) == 3 and all(e.whose is Whose.OURS for e in heard)


def test_a_strangers_sound_in_the_history_is_told(tmp_path: Path) -> None:
    home = Home(tmp_path, "mixes_sounds")
    owner = owner_of(home, Asked.HISTORY)
    home.clock.wait_s(1.0)  # what the neighbour said lies before
    home.talks()
    owner.look(tmp_path)
    heard = [e for e in facts_of(owner) if isinstance(e, EntryHeard)]
    assert [e.whose for e in heard] == [Whose.FOREIGN, Whose.OURS, Whose.OURS]
