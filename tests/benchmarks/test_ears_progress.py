"""A run of the benchmark of the ears that was cut short goes on where it ended."""

from pathlib import Path

import pytest

from audio_corpus.prompts.recordings import Recording, without
from benchmarks.ears.naming import plainly_named
from benchmarks.ears.progress import Progress, in_turns
from benchmarks.ears.rooms import ROOMS


def recordings(count: int) -> list[Recording]:
    return without("tune", count, 600.0)


def test_at_any_time_every_group_is_as_far_as_the_others() -> None:
    groups = {"few": recordings(4), "many": recordings(10)}
    order = in_turns(groups)
    assert sorted(one.name for group, one in order if group == "few") == sorted(
        one.name for one in groups["few"]
    )
    assert len(order) == 14
    for end in range(len(order)):
        shares = [sum(g == name for g, _ in order[:end]) / len(groups[name]) for name in groups]
        assert abs(shares[0] - shares[1]) <= 0.25


def test_what_was_seen_is_not_seen_again(tmp_path: Path) -> None:
    wanted = in_turns({"without 1": recordings(3)})
    begun = Progress(("test", 1), {name: room(True) for name, room in ROOMS.items()})
    begun.done.add(wanted[0][1].name)
    begun.keep(tmp_path / "kept")
    found = Progress.kept(tmp_path / "kept", ("test", 1))
    assert found.left(wanted) == wanted[1:]
    assert found.told(wanted) == "1 of 3 without 1"
    assert list(found.rooms) == list(ROOMS)


def test_a_run_with_other_arguments_is_another_run(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="begin without --resume"):
        Progress.kept(tmp_path / "kept", ())
    Progress(("test", 1), {}).keep(tmp_path / "kept")
    with pytest.raises(SystemExit, match="other arguments"):
        Progress.kept(tmp_path / "kept", ("test", 8))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Thomas Reed, right?", "Thomas Reed"),
        ("Send it to Tomas Reed?", "Thomas Reed"),
        ("Total capital.", None),
        ("", None),
    ],
)
def test_a_plain_reader_takes_the_name_that_is_spelt_most_alike(
    text: str, name: str | None
) -> None:
    assert plainly_named(text, ("Thomas Reed", "Tyrone Kaplan")) == name
