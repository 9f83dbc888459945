"""What is learnt: destinations, patterns, kinds; what would be seen; what is not observable."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.wire_hellos import client_hello, dns_answer, dns_query, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT
from harness.errors import RigError
from harness.wire.idle.gather import IdleReader, IdleTraffic
from harness.wire.idle.learn import learn
from harness.wire.idle.power import power_of
from harness.wire.idle.profile import Pattern, Shape, Template, Threshold
from harness.wire.idle.slots import Slots
from harness.wire.idle.told import summary, told_in_a_ruling
from harness.wire.idle.wishes import Wishes
from tests.wire.idle.made import ON, learnt

DEVICE, CLOUD, ROUTER = "10.0.0.2", "198.18.0.1", "10.0.0.1"
T0 = 1_795_312_000.0
SECOND = Template(codec="Opus 16 kbit/s", bytes_per_s=2000.0, seconds=1.0, shape=Shape.STREAMED)
LIMIT = (Threshold(window_s=1.0, bytes=1000, false_per_day=0.0),)
Timed = tuple[float, bytes]


def traffic_of(folder: Path, frames: list[Timed], from_s: float = 0.0) -> IdleTraffic:
    """What a capture of these frames holds."""
    path = folder / "idle.pcapng"
    path.write_bytes(pcapng_bytes(sorted(frames, key=lambda frame: frame[0])))
    return IdleReader([DEVICE], from_s).read([path])


def beats(from_s: float, count: int, every_s: float = 30.0) -> list[Timed]:
    """A connection under way that says 200 bytes now and then."""
    return [
        (from_s + n * every_s, tcp_frame(DEVICE, 4000, CLOUD, 443, 1000 + 200 * n, b"b" * 200))
        for n in range(count)
    ]


def test_an_address_joins_the_one_host_that_had_it(tmp_path: Path) -> None:
    hello = tls_record(client_hello("hub.example"))
    named = [
        (T0 + 200.0, tcp_frame(DEVICE, 5000, CLOUD, 443, 99, b"", flags=2)),
        (T0 + 200.1, tcp_frame(DEVICE, 5000, CLOUD, 443, 100, hello)),
    ]
    [known] = learn(traffic_of(tmp_path, beats(T0, 20) + named), "d", "1", ON).destinations
    assert (known.host, known.also, known.port, known.protocol) == ("hub.example", (CLOUD,), 443, 6)
    assert known.bytes_out == 20 * 200 + len(hello)
    assert known.pattern is Pattern.HEARTBEAT


def test_what_came_before_it_was_idle_gives_names_only(tmp_path: Path) -> None:
    question = udp_frame(DEVICE, 5353, ROUTER, 53, dns_query("hub.example"))
    raw = bytes(map(int, CLOUD.split(".")))
    answer = udp_frame(ROUTER, 53, DEVICE, 5353, dns_answer("hub.example", [raw]))
    before = [(T0, question), (T0 + 0.1, answer), *beats(T0 + 1, 3, 0.1)]
    later = [
        (when_s, tcp_frame(DEVICE, 4000, CLOUD, 443, 50_000 + 200 * n, b"b" * 200))
        for n, (when_s, _) in enumerate(beats(T0 + 60, 10))
    ]
    traffic = traffic_of(tmp_path, before + later, T0 + 30)
    profile = learn(traffic, "d", "1", ON)
    known = next(d for d in profile.destinations if d.host == "hub.example")
    assert known.bytes_out == 10 * 200
    assert profile.kinds.dns.questions == 0


def test_names_and_kinds_are_counted(tmp_path: Path) -> None:
    frames = beats(T0, 20)
    for n in range(10):
        name = f"n{n % 2}.example"
        ask = udp_frame(DEVICE, 5353, ROUTER, 53, dns_query(name))
        frames.append((T0 + 50 * n, ask))
        frames.append((T0 + 7 + n, udp_frame(DEVICE, 123, ROUTER, 123, bytes(48))))
        frames.append((T0 + 8 + n, udp_frame(DEVICE, 5353, "224.0.0.251", 5353, bytes(90))))
        frames.append((T0 + 9 + n, udp_frame(DEVICE, 9, "10.0.0.77", 9, bytes(20))))
    kinds = learn(traffic_of(tmp_path, frames), "d", "1", ON).kinds
    assert (kinds.dns.questions, kinds.dns.names) == (10, ("n0.example", "n1.example"))
    assert (kinds.ntp.packets, kinds.ntp.longest) == (10, 48)
    assert (kinds.multicast.packets, kinds.multicast.bytes_out) == (10, 900)
    assert (kinds.neighbours.packets, kinds.neighbours.longest) == (10, 20)


def test_the_harness_own_canaries_are_not_the_device(tmp_path: Path) -> None:
    mark = udp_frame(DEVICE, 4000, CLOUD, CANARY_PORT, CANARY_MARK + b"x")
    profile = learn(traffic_of(tmp_path, [*beats(T0, 20), (T0 + 5, mark)]), "d", "1", ON)
    assert [known.port for known in profile.destinations] == [443]


def test_hours_between_captures_are_not_hours_of_learning(tmp_path: Path) -> None:
    frames = beats(T0, 20) + [
        (when_s, tcp_frame(DEVICE, 4001, CLOUD, 443, 1000 + 200 * n, b"b" * 200))
        for n, (when_s, _) in enumerate(beats(T0 + 86_400, 20))
    ]
    profile = learn(traffic_of(tmp_path, frames), "d", "1", ON)
    assert profile.captured_s == pytest.approx(2 * 19 * 30, abs=1)


@pytest.mark.parametrize("content", [b"", b"no capture at all, but some text that is long enough"])
def test_nothing_is_learnt_from_what_is_no_capture(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.pcapng"
    path.write_bytes(content)
    with pytest.raises(RigError):
        learn(IdleReader([DEVICE]).read([path]), "d", "1", ON)


def test_a_night_promises_speech_that_is_streamed() -> None:
    proof = learnt().proof
    assert proof is not None
    assert proof.unobservable == ""
    assert proof.surely >= 0.99
    assert proof.false_per_day_bound > proof.goal_per_day, "ten hours cannot show 1 in 24 h"
    assert "cannot show 1 in 24 h" in summary(learnt())
    assert "is assumed" in told_in_a_ruling(learnt())


def test_stored_speech_hides_in_telemetry() -> None:
    proof = learnt(streams=False).proof
    assert proof is not None
    assert "at once" in proof.unobservable
    assert "--streams" in summary(learnt(streams=False))


def test_padding_hides_speech_and_the_profile_says_so() -> None:
    profile = learnt(padded=True)
    assert "take its place" in profile.unobservable
    voice = next(d for d in profile.destinations if d.host == "voice.maker.example")
    assert voice.pattern is Pattern.PADDED
    streamed = [p for p in voice.power if p.template.shape is Shape.STREAMED]
    assert all(p.replacing == 0.0 for p in streamed if p.template.bytes_per_s <= 4000)
    assert "NOT OBSERVABLE" in summary(profile)


def test_what_is_too_short_for_a_stranger_is_not_promised(tmp_path: Path) -> None:
    traffic = traffic_of(tmp_path, beats(T0, 20))
    wishes = Wishes(least_s=0.6, streams=True)
    assert "does not talk to" in learn(traffic, "d", "1", ON, wishes).unobservable
    assert learn(traffic, "d", "1", ON, Wishes(streams=True)).unobservable == ""


def test_power_is_certain_in_silence_and_none_in_padding() -> None:
    dice = np.random.default_rng(1)
    nothing = Slots.of(np.zeros(0, np.int64), np.zeros(0, np.int64))
    silent = power_of(SECOND, nothing, [(0, 36_000)], LIMIT, 0.1, dice)
    assert (silent.added, silent.replacing) == (1.0, 1.0)
    padding = Slots.of(np.arange(36_000), np.full(36_000, 300))
    limits = (Threshold(window_s=1.0, bytes=3000, false_per_day=0.0),)
    padded = power_of(SECOND, padding, [(0, 36_000)], limits, 0.1, dice)
    assert (padded.added, padded.replacing) == (1.0, 0.0)
    assert padded.surely == 0.0


def test_power_counts_the_part_of_the_time_in_which_it_is_seen() -> None:
    dice = np.random.default_rng(2)
    half = Slots.of(np.arange(18_000), np.full(18_000, 300))
    limits = (Threshold(window_s=1.0, bytes=3000, false_per_day=0.0),)
    seen = power_of(SECOND, half, [(0, 36_000)], limits, 0.1, dice)
    assert 0.4 < seen.added < 0.6
