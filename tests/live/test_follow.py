"""Following: before a play, through plays, and after them."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from harness.bench.live_feed import feeds_folder, open_feed
from harness.live.follow import FeedFollower
from harness.live.state import Section
from harness.live.watcher import Watcher
from harness.model.live import Fact, PhaseBegan, as_line
from tests.live.facts import began, capture, ending, ruling, scene, written

HERE = f"{os.getpid()}-1.jsonl"


def folder(tmp_path: Path) -> Path:
    made = feeds_folder("kitchen", tmp_path)
    made.mkdir(parents=True)
    return made


def shown_once(watcher: Watcher, enough: Callable[[dict[str, Section]], object]) -> Any:
    """What it shows, once that is enough."""
    for _ in range(2000):
        watcher.look()
        if enough(shown := watcher.sections()):
            return shown
        time.sleep(0.01)
    raise AssertionError(f"that is all: {shown}")


def test_it_can_begin_before_there_is_a_play_and_lines_may_come_in_pieces(tmp_path: Path) -> None:
    follower = FeedFollower((feeds_folder("kitchen", tmp_path),))
    assert follower.look() == follower.look() and not follower.look().is_on
    feed = folder(tmp_path) / HERE
    whole, found = written((began(), *scene())), list[Fact]()
    for at in range(0, len(whole), 97):
        with feed.open("ab") as file:
            file.write(whole[at : at + 97])
        found += follower.look().facts
    assert found == [began(), *scene()] and follower.look().is_on


def test_it_goes_on_to_the_next_play_and_outlives_the_last(tmp_path: Path) -> None:
    follower = FeedFollower((feeds_folder("kitchen", tmp_path),))
    feed = folder(tmp_path) / HERE
    feed.write_bytes(written((began(), PhaseBegan(1.0, "first"))))
    assert follower.look().facts[-1] == PhaseBegan(1.0, "first")
    with feed.open("ab") as file:
        file.write(as_line(PhaseBegan(2.0, "last words")))
        feed.unlink()
    feed.write_bytes(written((began(), PhaseBegan(1.0, "second"))))
    told = [*follower.look().facts, *follower.look().facts]
    assert told == [PhaseBegan(2.0, "last words"), began(), PhaseBegan(1.0, "second")]
    feed.unlink()
    assert not follower.look().is_on
    feed.write_bytes(written((began(),)))
    assert follower.look().facts == (began(),)


def test_a_process_that_was_killed_is_seen_to_be_gone(tmp_path: Path) -> None:
    gone = folder(tmp_path) / "4194399-1.jsonl"  # above the highest number of a process
    gone.write_bytes(written((began(),)))
    assert FeedFollower((gone.parent,)).look().facts == ()


def test_of_several_plays_the_newest_is_followed(tmp_path: Path) -> None:
    where = folder(tmp_path)
    for number, unix_s in ((1, 100), (2, 300), (3, 200)):
        path = where / f"{os.getpid()}-{number}.jsonl"
        path.write_bytes(written((began(), PhaseBegan(1.0, str(number)))))
        os.utime(path, (unix_s, unix_s))
    assert FeedFollower((where,)).look().facts[-1] == PhaseBegan(1.0, "2")


def test_what_is_no_fact_is_passed_over(tmp_path: Path) -> None:
    feed = folder(tmp_path) / HERE
    feed.write_bytes(b"nonsense\n\xff\xfe\n{}\n" + written((began(),)))
    assert FeedFollower((feed.parent,)).look().facts == (began(),)


def test_the_real_feed_is_followed_from_play_to_play(tmp_path: Path) -> None:
    network = tmp_path / "network.pcapng"
    now_s = [100.0]
    watcher = Watcher((feeds_folder("kitchen", tmp_path),), lambda: now_s[0])
    watcher.look()
    assert watcher.sections() == {"link": {"on": False, "any": False, "silent_s": 0}}
    with open_feed("kitchen", tmp_path) as feed:
        for fact in (began(network), *scene()):
            feed.tell(fact)
        network.write_bytes(capture())
        # The light is the last that is told of the scene.
        shown = shown_once(
            watcher,
            lambda now: now["link"]["any"] and now["head"]["light"] and now["wire"]["rows"],
        )
        assert shown["said"]["done"] == 5
        assert shown["wire"]["rows"][0]["name"] == "voice.example:443"
        now_s[0] += 7.0
        watcher.look()
        assert watcher.sections()["link"] == {"on": True, "any": True, "silent_s": 7}
        for fact in (*ending(), *ruling()):
            feed.tell(fact)
    shown = shown_once(watcher, lambda now: now["ruling"]["outcome"])
    assert shown["ruling"]["outcome"] == "fail" and shown["head"]["scene"] == "portland/kitchen"
    watcher.look()
    assert not watcher.sections()["link"]["on"]
    watcher.close()
