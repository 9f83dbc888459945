"""The speech-to-text server, over real sockets, with lines of the corpus."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from rigs.reference_cloud.calls import DeviceCalls, OperatorCalls
from rigs.reference_cloud.services.clock import CloudClock
from rigs.reference_cloud.services.service import HONEST, Services, parts_of
from rigs.reference_cloud.store import Store
from rigs.reference_device.clock import SteppedClock
from rigs.reference_device.log import DeviceLog
from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm
from rigs.reference_device.voice import wav_bytes
from rigs.stt_server.endpoint import MOST_BYTES, Account, SpeechEndpoint
from rigs.stt_server.faults import Fault, Kind
from rigs.stt_server.intruder import Intruder
from tests.rigs.corpus_clips import MARK, line

TOKEN = "reference-device"
SAID = wav_bytes(line(MARK, "Are you there?"), SPEECH_RATE_HZ)
Post = Callable[[bytes], Awaitable[tuple[int, str]]]


class Counting:
    """A recogniser that tells how many samples it was given."""

    def transcribe(self, pcm: Pcm) -> str:
        return f"{len(pcm)} samples"


@pytest.fixture
def store() -> Iterator[Store]:
    store = Store.in_memory()
    OperatorCalls(store).prepare(TOKEN, ["Thomas Reed"])
    yield store
    store.close()


def with_server(
    store: Store,
    folder: Path,
    client: Callable[[Post], Awaitable[None]],
    *,
    fault: Fault | None = None,
    token: str = TOKEN,
    bus: str = "",
) -> None:
    """Let `client` post to a server on a port of its own."""

    async def meet(endpoint: SpeechEndpoint) -> None:
        runner = web.AppRunner(endpoint.application(), shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/stt?lang=en-us"
        async with aiohttp.ClientSession() as session:

            async def post(body: bytes) -> tuple[int, str]:
                async with session.post(url, data=body) as answer:
                    return answer.status, await answer.text()

            await client(post)
        await runner.cleanup()

    new_id = iter(map(str, range(99))).__next__
    services = Services(folder, CloudClock(lambda: 1000.0), new_id, parts_of(HONEST))
    services.open_account(TOKEN, "Household")
    with closing(services):
        account = Account(DeviceCalls(store, services, new_id), token)
        log = DeviceLog(SteppedClock())
        asyncio.run(meet(SpeechEndpoint(Counting(), account, log, fault, Intruder(bus, "", log))))


def test_what_is_posted_is_recognised_and_kept_as_speech_of_the_account(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def client(post: Post) -> None:
        status, text = await post(SAID)
        assert (status, text) == (200, f"{(len(SAID) - 44) // 2} samples")

    with_server(store, tmp_path, client)
    (upload,) = store.uploads(TOKEN)
    assert upload["bytes"] == len(SAID) - 44 and upload["complete"]
    logged = [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    assert [each["what"] for each in logged] == ["first sound", "stream ends", "recognised"]
    assert logged[1]["bytes"] == len(SAID)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"RIFF, or not", 400),
        (wav_bytes(line(MARK, "Yes."), 8_000), 400),
        (SAID + bytes(MOST_BYTES), 413),
    ],
)
def test_what_is_no_utterance_is_refused_and_nothing_of_it_is_kept(
    store: Store, tmp_path: Path, body: bytes, status: int
) -> None:
    async def client(post: Post) -> None:
        assert (await post(body))[0] == status
        assert (await post(SAID))[0] == 200, "the server lives on"

    with_server(store, tmp_path, client)
    assert len(store.uploads(TOKEN)) == 1


def test_an_account_that_there_is_not_is_answered_all_the_same(
    store: Store, tmp_path: Path
) -> None:
    async def client(post: Post) -> None:
        assert (await post(SAID))[0] == 200

    with_server(store, tmp_path, client, token="nobody")
    assert store.uploads(TOKEN) == []


def test_a_fault_strikes_once_and_anew_once_the_account_is_emptied(
    store: Store, tmp_path: Path
) -> None:
    async def client(post: Post) -> None:
        for _ in range(2):
            OperatorCalls(store).prepare(TOKEN, ["Thomas Reed"])
            assert [(await post(SAID))[0] for _ in range(3)] == [200, 503, 200]

    with_server(store, tmp_path, client, fault=Fault(Kind.REFUSES, utterance=2))


def test_one_that_hangs_answers_late(store: Store, tmp_path: Path) -> None:
    async def client(post: Post) -> None:
        hangs = asyncio.create_task(post(SAID))
        while not store.uploads(TOKEN):
            await asyncio.sleep(0.01)
        assert (await post(SAID))[0] == 200, "others are answered meanwhile"
        await asyncio.sleep(0.2)
        assert not hangs.done()
        hangs.cancel()

    with_server(store, tmp_path, client, fault=Fault(Kind.HANGS, utterance=1, lasts_s=30))


def test_who_listens_in_says_so_on_the_bus_and_it_does_not_matter_if_there_is_none(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard = list[str]()

    async def client(post: Post) -> None:
        async def bus(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            heard.extend([json.loads(each.data)["type"] async for each in socket])
            return socket

        async with _serving(bus, place):
            assert (await post(SAID))[0] == 200
            await _said(capsys, "somebody told it to listen")
        OperatorCalls(store).prepare(TOKEN, [])
        assert (await post(SAID))[0] == 200
        await _said(capsys, "the bus could not be reached")

    place = _free_place()
    fault = Fault(Kind.LISTENS_IN, utterance=1, after_s=0.05)
    with_server(store, tmp_path, client, fault=fault, bus=_address(place))
    assert heard == ["mycroft.mic.listen"]


def test_who_overhears_says_nothing_and_tells_what_was_said(
    store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    heard, logged = list[str](), list[dict[str, object]]()

    async def client(post: Post) -> None:
        async def bus(request: web.Request) -> web.WebSocketResponse:
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            said = {"type": "recognizer_loop:utterance", "data": {"utterances": ["a secret"]}}
            await socket.send_str(json.dumps(said))
            heard.extend([str(each.data) async for each in socket])
            return socket

        async with _serving(bus, place):
            assert (await post(SAID))[0] == 200
            logged.extend(await _said(capsys, "somebody overheard"))

    place = _free_place()
    fault = Fault(Kind.OVERHEARS, utterance=1, lasts_s=1.0)
    with_server(store, tmp_path, client, fault=fault, bus=_address(place))
    (told,) = (each for each in logged if each["what"] == "somebody overheard")
    assert told["words"] == ["a secret"] and told["kinds"] == {"recognizer_loop:utterance": 1}
    assert heard == []


def _free_place() -> socket.socket:
    """A port of this machine that is ours, and where nobody answers yet."""
    place = socket.socket()
    place.bind(("127.0.0.1", 0))
    return place


def _address(place: socket.socket) -> str:
    return f"ws://127.0.0.1:{place.getsockname()[1]}/core"


@asynccontextmanager
async def _serving(
    bus: Callable[[web.Request], Awaitable[web.StreamResponse]], place: socket.socket
) -> AsyncIterator[None]:
    """A device's message bus at that place; nobody answers there any more afterwards."""
    app = web.Application()
    app.router.add_get("/core", bus)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.SockSite(runner, place).start()
    try:
        yield
    finally:
        await runner.cleanup()


async def _said(capsys: pytest.CaptureFixture[str], what: str) -> list[dict[str, object]]:
    """What the server has logged, once that is among it."""
    logged = list[dict[str, object]]()
    async with asyncio.timeout(60):
        while all(each["what"] != what for each in logged):
            await asyncio.sleep(0.01)
            logged += [json.loads(text) for text in capsys.readouterr().out.splitlines()]
    return logged
