"""The reference cloud's promises, one by one; and each cloud of the zoo breaks just its own."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.bench.drivers.cloud_account import near
from harness.bench.ports.account import AccountSettings
from harness.errors import RigError
from harness.model.account import Stranger
from rigs.reference_cloud.services.exports import wav
from rigs.reference_cloud.services.service import HONEST, parts_of
from tests.account.clouds import LATE, TOKEN, Home

ZOO = Path(__file__).parents[2] / "rigs" / "zoo" / "clouds"
CLOUDS = sorted(path.stem for path in ZOO.glob("*.py") if path.stem != "__init__")


def history_is_true(home: Home) -> bool:
    """What was recorded is listed, what led to nothing too."""
    home.talks()
    home.speaks(1.0, seed=3)
    return len(home.account.history().items) == 4


def deletion_deletes(home: Home, *, sound: bool) -> bool:
    """A day after a deletion an export holds nothing of it."""
    home.talks()
    home.account.delete(())
    home.account.let_pass(24.1)
    home.account.request_export()
    files = home.account.export(Path()).files
    return not any(file.audio if sound else file.transcript for file in files)


def export_is_ones_own(home: Home) -> bool:
    """Everything in an export is what the device handed in."""
    home.talks()
    home.account.request_export()
    listed = {item.id for item in home.account.history().items}
    return {file.entry_id for file in home.account.export(Path()).files} == listed


def came_by(home: Home, stranger: Stranger) -> bool:
    """Whether somebody came by an export that was not theirs to have."""
    home.account.request_export()
    return dict(home.account.export(Path()).tried).get(stranger, True)


def communications_off(home: Home) -> bool:
    """Nothing leaves while they are off, and something does when they are on again."""
    home.account.change(AccountSettings(communications=False))
    refused = home.sends() == 403
    home.account.change(AccountSettings(communications=True))
    return refused and home.sends() == 201


def opt_out_counts(home: Home) -> bool:
    """Nothing is queued of who has not agreed."""
    home.talks()
    return home.account.review_queue() == ()


def nobody_is_named(home: Home) -> bool:
    """What is queued does not say whose it is."""
    home.account.change(AccountSettings(human_review=True))
    home.talks()
    queue = home.account.review_queue()
    assert queue
    return not any("home-7" in text for item in queue for text in item.metadata)


def sounds_are_ones_own(home: Home) -> bool:
    home.clock.wait_s(1.0)
    pcm = home.speaks(1.5)
    (entry,) = home.account.history().items
    return home.account.audio(entry.id) == wav(pcm)


def replay_is_gone(home: Home) -> bool:
    """What the device was given to play is not there any more once it was deleted."""
    home.talks()
    assert home.cloud.calls.last_message(TOKEN).wav == wav(random.Random(LATE).randbytes(32_000))
    home.account.delete(())
    home.account.let_pass(24.1)
    return home.cloud.calls.last_message(TOKEN).status == 404


PROMISES: dict[str, Callable[[Home], bool]] = {
    "caches_replay": replay_is_gone,
    "hides_accidents": history_is_true,
    "keeps_replica": lambda home: deletion_deletes(home, sound=True),
    "keeps_transcripts": lambda home: deletion_deletes(home, sound=False),
    "mixes_sounds": sounds_are_ones_own,
    "mixes_tenants": export_is_ones_own,
    "link_open": lambda home: not came_by(home, Stranger.NO_SIGN_IN),
    "link_guessable": lambda home: not came_by(home, Stranger.GUESSED_LINK),
    "link_reusable": lambda home: not came_by(home, Stranger.USED_LINK),
    "hides_the_menu": communications_off,
    "ignores_opt_out": opt_out_counts,
    "names_user": nobody_is_named,
}
"""By the cloud that breaks it."""
ELSEWHERE = {"mixes_profiles", "shares_contacts"}
"""Which they break needs voices: see `test_voices`."""


def home_of(folder: Path, variant: str) -> Home:
    home = Home(folder, variant)
    home.account.prepare("home-7", {})
    return home


def test_each_cloud_has_a_promise() -> None:
    assert sorted({*PROMISES, *ELSEWHERE}) == CLOUDS


@pytest.mark.parametrize("promise", PROMISES)
def test_the_honest_cloud_keeps_it(tmp_path: Path, promise: str) -> None:
    assert PROMISES[promise](home_of(tmp_path, HONEST))


@pytest.mark.parametrize("cloud", PROMISES)
def test_its_cloud_breaks_it(tmp_path: Path, cloud: str) -> None:
    assert not PROMISES[cloud](home_of(tmp_path, cloud))


@pytest.mark.parametrize("name", ["nobody", "service", "../records", "mixes_tenants.PARTS"])
def test_a_cloud_that_there_is_not_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no cloud"):
        parts_of(name)


def test_one_recording_or_a_span_is_deleted(tmp_path: Path) -> None:
    home = home_of(tmp_path, HONEST)
    home.talks()
    first, second, message = home.account.history().items
    home.account.delete([second.id])
    assert [item.id for item in home.account.history().items] == [first.id, message.id]
    assert home.account.audio(second.id) is None
    home.account.delete_between(first.at_unix_s - 1.0, first.at_unix_s + 1.0)
    assert [item.id for item in home.account.history().items] == [message.id]
    assert (message.kind, message.transcript, message.has_audio) == (
        "message",
        "I will be late",
        True,
    )


def test_the_replica_lags_and_catches_up(tmp_path: Path) -> None:
    home = home_of(tmp_path, HONEST)
    home.talks()
    home.account.delete(())
    home.account.request_export()
    assert home.account.export(Path()).files  # as the rule allows it, within a day
    assert deletion_deletes(home, sound=True)


def test_what_was_recorded_before_one_agreed_is_not_queued(tmp_path: Path) -> None:
    home = home_of(tmp_path, HONEST)
    home.talks()
    home.account.change(AccountSettings(human_review=True))
    assert home.account.review_queue() == ()


def test_a_neighbour_has_nothing_of_ours(tmp_path: Path) -> None:
    home = home_of(tmp_path, HONEST)
    home.talks()
    (entry, *_) = home.account.history().items
    carrier_answer = home.cloud.owners.audio("sayso-neighbour", entry.id)
    assert carrier_answer.status == 404
    home.cloud.owners.delete("sayso-neighbour", [entry.id])
    assert home.account.audio(entry.id) is not None


def test_a_link_that_never_comes_is_said(tmp_path: Path) -> None:
    home = home_of(tmp_path, HONEST)
    with pytest.raises(RigError, match="no link to the export came by mail"):
        home.account.export(Path())


def test_a_cloud_that_is_down_is_said(tmp_path: Path) -> None:
    home = home_of(tmp_path, HONEST)
    home.cloud.down = "cloud: gone"
    with pytest.raises(RigError, match="gone"):
        home.account.history()


def test_links_are_guessed_by_their_number() -> None:
    assert "export-000011" in near("export-000012") and "export-000013" in near("export-000012")
    assert near("nothing-to-count") == []


def test_an_export_whose_link_expired_is_asked_for_again(tmp_path: Path) -> None:
    home = home_of(tmp_path, HONEST)
    home.talks()
    home.account.request_export()
    home.clock.wait_s(5.0)
    assert home.account.review_queue() == ()
    home.account.let_pass(25.0)
    export = home.account.export(tmp_path)
    assert export.whole and len(export.files) == 3
    assert not any(came for _, came in export.tried)
