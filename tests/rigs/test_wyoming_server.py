"""The Wyoming server, with a satellite that speaks the corpus's lines into its stream."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rigs.reference_cloud.calls import DeviceCalls, OperatorCalls
from rigs.reference_cloud.services.clock import CloudClock
from rigs.reference_cloud.services.service import HONEST, Services, parts_of
from rigs.reference_cloud.store import Store
from rigs.reference_device.endpoint import EndpointLimits
from rigs.reference_device.firmware import make_firmware
from rigs.reference_device.sound_format import CARD_RATE_HZ, Pcm, samples
from rigs.reference_device.stt import Moonshine
from rigs.reference_device.vad import SileroVoiceActivity
from rigs.reference_device.voice import Flite, PromptVoice
from rigs.wyoming_server.conversation import Mind
from rigs.wyoming_server.faults import Fault, Kind
from rigs.wyoming_server.protocol import Event, ProtocolError, encode, read_event
from rigs.wyoming_server.satellite import Account, SatelliteClient
from tests.rigs.corpus_clips import MARK, line

TOKEN = "reference-device"
FORM = {"rate": 16_000, "width": 2, "channels": 1}
_CHUNK = 1024
_ECHO_S = 1.5


@pytest.fixture(scope="module")
def mind(tmp_path_factory: pytest.TempPathFactory) -> Mind:
    voice = PromptVoice(Flite("slt"), tmp_path_factory.mktemp("voice"))
    guarded, vad = make_firmware("guarded"), SileroVoiceActivity()
    return Mind(guarded, vad, Moonshine(), voice, EndpointLimits())


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.in_memory()
    OperatorCalls(store).prepare(TOKEN, ["Thomas Reed", "Grace Miller"])
    yield store
    store.close()


class Satellite:
    """The satellite's end of one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def next(self) -> Event:
        event = await asyncio.wait_for(read_event(self.reader), 20)
        assert event is not None, "the server hung up"
        return event

    async def until(self, kind: str) -> list[Event]:
        found = [await self.next()]
        while found[-1].type != kind:
            found.append(await self.next())
        return found

    async def wake(self) -> None:
        self.writer.write(encode(Event("run-pipeline", {"start_stage": "asr"})))

    async def hear(self, *sounds: Pcm) -> None:
        heard = np.concatenate(sounds)
        for start in range(0, len(heard), _CHUNK):
            payload = heard[start : start + _CHUNK].tobytes()
            self.writer.write(encode(Event("audio-chunk", FORM, payload)))
        await self.writer.drain()

    async def prompt(self) -> float:
        """Play what the server says; its length in s."""
        said = await self.until("audio-stop")
        chunks = [event for event in said if event.type == "audio-chunk"]
        assert {event.data["rate"] for event in chunks} == {CARD_RATE_HZ}
        return sum(len(event.payload) for event in chunks) / (2 * CARD_RATE_HZ)


def silence(duration_s: float) -> Pcm:
    return np.zeros(samples(duration_s), np.int16)


def serve(
    mind: Mind,
    store: Store,
    peer: Callable[[Satellite], Awaitable[None]],
    *,
    connections: int = 1,
    fault: Fault | None = None,
) -> None:
    """Let the server meet `peer`, so many times."""

    async def meet() -> None:
        left = asyncio.Semaphore(0)
        failures = list[BaseException]()

        async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await peer(Satellite(reader, writer))
            except BaseException as error:
                failures.append(error)
            writer.close()
            left.release()

        listening = await asyncio.start_server(one, "127.0.0.1", 0)
        host, port = listening.sockets[0].getsockname()[:2]
        calls = DeviceCalls(store, services, iter(map(str, range(99))).__next__)
        client = SatelliteClient(host, port, mind, Account(calls, TOKEN), fault)
        running = asyncio.create_task(client.run())
        for _ in range(connections):
            await asyncio.wait_for(left.acquire(), 20)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        listening.close()
        if failures:
            raise failures[0]

    with TemporaryDirectory() as folder:
        new_id = iter(map(str, range(99))).__next__
        services = Services(Path(folder), CloudClock(lambda: 1000.0), new_id, parts_of(HONEST))
        services.open_account(TOKEN, "Household")
        with closing(services):
            asyncio.run(meet())


async def ask_for_a_message(satellite: Satellite) -> None:
    await satellite.until("run-satellite")
    await satellite.wake()
    await satellite.hear(silence(0.4), line(MARK, "Send a message to Thomas Reed."), silence(1))
    asked_s = await satellite.prompt()
    # What it plays takes its time to come back, and nothing of it comes back here.
    await satellite.hear(silence(asked_s + _ECHO_S))
    await satellite.hear(line(MARK, "I will be ten minutes late."), silence(1))
    read_back_s = await satellite.prompt()
    await satellite.hear(silence(read_back_s + _ECHO_S))


def test_a_message_is_asked_for_read_back_and_delivered_and_the_stream_ends_first(
    mind: Mind, store: Store
) -> None:
    async def peer(satellite: Satellite) -> None:
        await ask_for_a_message(satellite)
        assert store.inbox(TOKEN) == []
        await satellite.hear(line(MARK, "Yes."), silence(1))
        assert (await satellite.next()).type == "transcript", "the microphone is let go first"
        await satellite.prompt()

    serve(mind, store, peer)
    (message,) = store.inbox(TOKEN)
    assert (message["recipient"], message["canary"]) == ("Thomas Reed", None)
    assert "ten minutes late" in str(message["transcript"]).lower()
    (upload,) = store.uploads(TOKEN)
    assert upload["complete"] and float(str(upload["seconds"])) > 8


def test_a_connection_lost_before_the_yes_sends_nothing_and_is_made_again(
    mind: Mind, store: Store
) -> None:
    seen = list[str]()

    async def peer(satellite: Satellite) -> None:
        seen.append("connected")
        if len(seen) == 1:
            await ask_for_a_message(satellite)
            return
        await satellite.until("run-satellite")
        # A yes to what was asked over the connection that is gone.
        await satellite.wake()
        await satellite.hear(silence(0.4), line(MARK, "Yes."), silence(1))
        assert (await satellite.next()).type == "transcript"

    serve(mind, store, peer, connections=2)
    assert store.inbox(TOKEN) == []


def test_one_that_hangs_takes_all_says_nothing_and_begins_again(mind: Mind, store: Store) -> None:
    seen = list[str]()

    async def peer(satellite: Satellite) -> None:
        seen.append("connected")
        await satellite.until("run-satellite")
        if len(seen) == 1:
            await satellite.wake()
            await satellite.hear(line(MARK, "Are you there?"), silence(2))
            assert await read_event(satellite.reader) is None

    serve(mind, store, peer, connections=2, fault=Fault(Kind.HANGS, stream=1, lasts_s=0.5))
    (upload,) = store.uploads(TOKEN)
    assert float(str(upload["seconds"])) > 2


def test_a_stranger_says_next_to_nothing(mind: Mind, store: Store) -> None:
    said = list[list[str]]()

    async def peer(satellite: Satellite) -> None:
        said.append([])
        if not said[1:]:
            await satellite.until("run-satellite")
            await satellite.wake()
        with suppress(ProtocolError):
            while (event := await read_event(satellite.reader)) is not None:
                said[-1].append(event.type)

    fault = Fault(Kind.STRANGER, stream=1, lasts_s=0.2, after_s=0.1)
    serve(mind, store, peer, connections=2, fault=fault)
    assert said == [[], ["ping"]]


def test_somebody_who_comes_beside_the_server_asks_to_be_it_and_the_server_goes_on(
    mind: Mind, store: Store
) -> None:
    said = list[str]()

    async def peer(satellite: Satellite) -> None:
        first = not said
        said.append("connected")
        events = await satellite.until("run-satellite")
        said.append(events[0].type)
        if first:
            await satellite.wake()
            await satellite.hear(silence(0.4), line(MARK, "Are you there?"), silence(1))
            assert (await satellite.next()).type == "transcript", "its own stream is answered"
            await satellite.prompt()

    fault = Fault(Kind.SECOND, stream=1, lasts_s=0.5, after_s=0.1)
    serve(mind, store, peer, connections=2, fault=fault)
    assert said == ["connected", "describe", "connected", "run-satellite"]


def test_a_squatter_is_there_before_the_server_is_back_and_ends_what_it_takes(
    mind: Mind, store: Store
) -> None:
    said = list[str]()

    async def peer(satellite: Satellite) -> None:
        number = len(said)
        events = await satellite.until("run-satellite")
        said.append(events[0].type)
        if number == 0:
            await satellite.wake()
            assert await read_event(satellite.reader) is None
        if number == 1:
            await satellite.wake()
            assert (await satellite.next()).type == "transcript"

    fault = Fault(Kind.SQUATTER, stream=1, lasts_s=10, after_s=0.1)
    serve(mind, store, peer, connections=3, fault=fault)
    assert said == ["describe", "run-satellite", "describe"]
    assert store.inbox(TOKEN) == []


def _read(data: bytes) -> Event | None:
    async def read() -> Event | None:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return await read_event(reader)

    return asyncio.run(read())


@given(st.text(min_size=1), st.dictionaries(st.text(), st.integers()), st.binary(max_size=99))
def test_an_event_comes_back_as_it_went(kind: str, data: dict[str, int], payload: bytes) -> None:
    event = Event(kind, data, payload)
    assert _read(encode(event)) == event


@given(st.binary(max_size=99))
def test_what_is_no_event_is_said_to_be_none(data: bytes) -> None:
    with suppress(ProtocolError):
        assert _read(data) is None or b"type" in data


def test_a_policy_that_needs_the_wake_word_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    from rigs.wyoming_server.__main__ import main

    here = Path("nowhere")
    folders = ["--operator-socket", "--state", "--ca-cert", "--ca-key"]
    words = [word for option in folders for word in (option, str(here))]
    assert main(["--satellite", "h:1", "--policy", "verified", *words]) == 1
    assert "begins after it" in capsys.readouterr().err
