"""How much of a question is new, and which answers count."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wire_idle_traffic import DEVICE
from benchmarks.wire_leaks import RESOLVER, answer, question
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.covert.names_asked import NamesAsked, registered
from harness.wire.flows import FlowReader

PLAIN_EDNS = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0)


def weighed(*payloads: bytes, known: tuple[str, ...] = (), port: int = 53) -> list[int]:
    """How many bytes of each datagram to a resolver are new."""
    frames = [
        (n + 1.0, udp_frame(DEVICE, 4000, RESOLVER, port, each)) for n, each in enumerate(payloads)
    ]
    return [line[3] for line in asked_of(frames, known).questions().tolist()]


def asked_of(frames: list[tuple[float, bytes]], known: tuple[str, ...] = ()) -> NamesAsked:
    """What a capture of frames asks."""
    asked = NamesAsked(known)
    reader = FlowReader(on_packets=asked.take)
    reader.feed(pcapng_bytes(frames))
    reader.finish()
    return asked


def test_labels_are_new_once() -> None:
    names = ["a.maker.test", "b.maker.test", "a.maker.test", "A.MAKER.test"]
    first = len("a.maker.test") + 1 + 4  # and the type, never asked for before
    assert weighed(*map(question, names)) == [first, 2, 0, 0]


def test_names_that_are_known_weigh_nothing() -> None:
    [_, second] = weighed(
        question("x.test"), question("cloud.maker.test"), known=("cloud.maker.test",)
    )
    assert second == 0


def test_plain_edns_weighs_nothing_and_its_options_do() -> None:
    options = b"\0\x0c\0\x10" + bytes(16)
    padded = b"\0" + struct.pack("!HHIH", 41, 1232, 0, len(options)) + options
    weights = weighed(
        question("x.test"),
        question("x.test", more=PLAIN_EDNS),
        question("x.test", more=padded),
        question("x.test", more=padded),
    )
    assert weights[1:] == [0, len(options), 0]


@pytest.mark.parametrize("junk", [b"\xff" * 200, b"", b"\0" * 5, question("x.test")[:-9]])
def test_what_cannot_be_read_weighs_as_much_as_it_is_long(junk: bytes) -> None:
    weights = weighed(junk) if junk else [0]
    assert weights == [len(junk)]


def test_other_records_weigh_as_much_as_they_are_long() -> None:
    record = b"\x01x\0" + struct.pack("!HHIH", 16, 1, 0, 100) + bytes(100)
    assert weighed(question("x.test"), question("x.test", more=record))[1] == len(record)


def test_over_tcp_several_in_a_segment_and_one_that_is_cut() -> None:
    message = question("x.test")
    framed = struct.pack("!H", len(message)) + message
    frames = [(0.5, tcp_frame(DEVICE, 4000, RESOLVER, 53, 99, b"", flags=2))]
    at = 100
    for n, data in enumerate([framed, framed + framed, framed[:10]]):
        frames.append((1.0 + n, tcp_frame(DEVICE, 4000, RESOLVER, 53, at, data)))
        at += len(data)
    lines = asked_of(frames).questions().tolist()
    assert [line[3] for line in lines][1:] == [0, 10]


def test_only_answers_of_the_sides_asked_for_count() -> None:
    frames = [
        (1.0, udp_frame(DEVICE, 4000, RESOLVER, 53, question("a.test"))),
        (1.1, udp_frame(RESOLVER, 53, DEVICE, 4000, answer("a.test", "192.0.2.1"))),
        (1.2, udp_frame(DEVICE, 53, RESOLVER, 4001, answer("b.test", "192.0.2.2"))),
    ]
    asked = asked_of(frames)
    sides = {(flow, from_b) for flow, from_b in asked.sides().tolist()}
    assert len(sides) == 2
    [inward] = [side for side in sides if side[1] == 1]
    answered = asked.answered({inward})
    assert answered.of("192.0.2.1") == ("a.test",)
    assert answered.of("192.0.2.2") == ()
    assert answered.gave("a.test") and not answered.gave("b.test")


def test_the_domain_that_is_named() -> None:
    assert registered("x.y.maker.test") == "maker.test"
    assert registered("a.b.co.uk") == "b.co.uk"
    assert registered("test") == "test"
    asked = asked_of([(1.0, udp_frame(DEVICE, 4000, RESOLVER, 53, question("x.sink.test")))])
    assert asked.domain(int(asked.questions()[0, 4])) == "sink.test"


LABELS = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=20)


@given(st.lists(st.lists(LABELS, min_size=1, max_size=4), min_size=1, max_size=12))
def test_nothing_that_was_asked_weighs_twice(names: list[list[str]]) -> None:
    """All of it together weighs as much as all different names, once each, and types."""
    asked = [question(".".join(labels)) for labels in names]
    parts = {tuple(labels[at:]) for labels in names for at in range(len(labels))}
    assert sum(weighed(*asked, *asked)) == 4 + sum(len(part[0]) + 1 for part in parts)


def test_questions_of_nothing() -> None:
    assert np.array_equal(NamesAsked().questions(), np.zeros((0, 5), np.int64))
    assert NamesAsked().sides().shape == (0, 2)
