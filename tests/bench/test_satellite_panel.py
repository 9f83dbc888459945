"""A satellite's events as its light, in whatever pieces they come."""

import socket
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.drivers.satellite_events import EventStream, SatelliteLight
from harness.bench.drivers.satellite_panel import SatellitePanel, SatellitePanelText
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.timeline import LightState
from rigs.wyoming_server.protocol import Event, encode

KINDS = ("detection", "streaming-started", "streaming-stopped", "audio-start", "audio-stop")


@pytest.fixture
def panel() -> Iterator[SatellitePanel]:
    panel = SatellitePanel("127.0.0.1", 0, RealClock())
    yield panel
    panel.close()


def until(panel: SatellitePanel, count: int) -> list[LightState]:
    deadline_s = time.monotonic() + 30
    while len(panel.events()) < count and time.monotonic() < deadline_s:
        time.sleep(0.005)
    return [event.light for event in panel.events()]


def test_what_it_says_that_it_does_is_its_light(panel: SatellitePanel) -> None:
    assert not panel.present()
    with socket.create_connection(("127.0.0.1", panel.port)) as satellite:
        for kind in ("detection", "streaming-started", "audio-start", "audio-stop"):
            satellite.sendall(encode(Event(kind, {"name": "alexa"})))
        assert until(panel, 1) == [LightState.LISTENING], "it listens while it speaks"
        for kind in ("streaming-stopped", "audio-start", "audio-stop"):
            satellite.sendall(encode(Event(kind)))
        expected = [LightState.LISTENING, LightState.IDLE, LightState.SPEAKING, LightState.IDLE]
        assert until(panel, 4) == expected
    assert panel.present() and panel.malformed() == () and panel.trouble() is None


def test_a_satellite_that_hangs_up_in_mid_stream_shows_nothing_and_that_is_told(
    panel: SatellitePanel,
) -> None:
    for _ in range(2):
        count = len(panel.events())
        with socket.create_connection(("127.0.0.1", panel.port)) as satellite:
            satellite.sendall(encode(Event("streaming-started")) + b'{"type": "cut')
            until(panel, count + 1)
        lights = until(panel, count + 2)
        assert lights[count:] == [LightState.LISTENING, LightState.IDLE]
    assert len(panel.malformed()) == 2 and "hung up" in panel.malformed()[0]


def test_whoever_else_connects_is_turned_away_and_told() -> None:
    panel = SatellitePanel("192.0.2.7", 0, RealClock())
    with socket.create_connection(("127.0.0.1", panel.port)) as other:
        assert other.recv(1) == b""
    assert panel.malformed() == ("127.0.0.1 connected, which is not the satellite",)
    assert not panel.present()
    panel.close()
    panel.close()


def test_a_port_that_is_taken_and_a_button_that_is_not_there_are_told(
    panel: SatellitePanel,
) -> None:
    with pytest.raises(RigError, match=f"port {panel.port}"):
        SatellitePanel("127.0.0.1", panel.port, RealClock())
    with pytest.raises(RigError, match="no mute button"):
        panel.press_mute(True)


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="such as 192"):
        SatellitePanelText(satellite="kitchen")


@given(
    st.lists(st.tuples(st.sampled_from(KINDS), st.binary(max_size=40)), max_size=6),
    st.lists(st.integers(0, 9999), max_size=8),
)
def test_events_come_out_however_they_come_in(
    sent: list[tuple[str, bytes]], places: list[int]
) -> None:
    data = b"".join(encode(Event(kind, {"a": 1}, payload)) for kind, payload in sent)
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    stream = EventStream()
    found = [kind for a, b in pairwise(edges) for kind in stream.take(data[a:b])]
    assert found == [kind for kind, _ in sent]
    assert stream.malformed == []


@given(st.binary(max_size=200))
def test_what_is_no_event_ends_nothing(data: bytes) -> None:
    stream = EventStream()
    stream.take(data.replace(b"{", b"") + b"\n")
    assert stream.take(encode(Event("detection"))) == ["detection"]


@given(st.lists(st.sampled_from(KINDS)))
def test_the_light_says_that_it_listens_whenever_it_streams(kinds: list[str]) -> None:
    light, streams = SatelliteLight(), False
    for kind in kinds:
        light.after(kind)
        if kind.startswith("streaming"):
            streams = kind == "streaming-started"
        assert (light.now is LightState.LISTENING) is streams
