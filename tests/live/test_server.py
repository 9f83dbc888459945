"""The page's server: what it tells, and whom it tells nothing."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from harness.bench.live_feed import feeds_folder
from harness.live.server import BOARD, Board, hosts_at, live_app
from harness.live.watcher import Watcher
from harness.model.live import Fact
from tests.live.facts import NASTY, began, ending, ruling, scene, written

TOKEN = "a-token-of-this-test"


@asynccontextmanager
async def served(folder: Path, facts: tuple[Fact, ...]) -> AsyncIterator[TestServer]:
    feeds = feeds_folder("kitchen", folder)
    feeds.mkdir(parents=True)
    (feeds / f"{os.getpid()}-1.jsonl").write_bytes(written(facts))
    hosts: set[str] = set()
    app = live_app(Watcher((feeds,)), TOKEN, hosts)  # type: ignore[arg-type]
    server = TestServer(app, host="127.0.0.1")
    await server.start_server()
    hosts |= hosts_at(server.port or 0)
    try:
        yield server
    finally:
        await server.close()


def ask(
    tmp_path: Path, path: str, method: str = "GET", **headers: str
) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of one request."""

    async def run() -> tuple[int, dict[str, str], str]:
        async with served(tmp_path, (began(),)) as server, aiohttp.ClientSession() as client:
            url = f"http://127.0.0.1:{server.port}{path}"
            async with client.request(method, url, headers=headers) as answer:
                return answer.status, dict(answer.headers), await answer.text()

    return asyncio.run(run())


async def events(
    server: TestServer, enough: Callable[[dict[str, object]], bool]
) -> dict[str, dict[str, object]]:
    """The newest of each section, once it is enough."""
    told: dict[str, dict[str, object]] = {}
    url = f"http://127.0.0.1:{server.port}/{TOKEN}/events"
    async with aiohttp.ClientSession() as client, client.get(url) as answer:
        assert answer.content_type == "text/event-stream"
        name = ""
        async for line in answer.content:
            if line.startswith(b"event: "):
                name = line[7:].decode().strip()
            if line.startswith(b"data: "):
                told[name] = json.loads(line[6:])
                if enough(told):  # type: ignore[arg-type]
                    break
    return told


def run(awaited: Awaitable[None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await awaited

    asyncio.run(bounded())


def test_every_section_is_told_at_once_and_then_what_changes(tmp_path: Path) -> None:
    async def all_of_it() -> None:
        facts = (began(), *scene())
        async with served(tmp_path, facts) as server:
            told = await events(server, lambda t: {"link", "wire", "ruling"} <= set(t))
            assert told["head"]["scene"] == "portland/kitchen"
            assert told["ruling"] == {"outcome": None}
            (feed,) = feeds_folder("kitchen", tmp_path).iterdir()

            async def go_on() -> None:
                await asyncio.sleep(0.3)
                with feed.open("ab") as file:
                    file.write(written((*ending(), *ruling())))

            task = asyncio.create_task(go_on())
            told = await events(server, lambda t: t.get("ruling", {}).get("outcome") == "fail")  # type: ignore[attr-defined]
            await task
            assert told["ruling"]["headline"] == "A message left without a yes."

    run(all_of_it())


def test_the_page_is_whole_loads_nothing_and_may_not_be_framed(tmp_path: Path) -> None:
    status, headers, text = ask(tmp_path, f"/{TOKEN}/")
    assert status == 200 and text.startswith("<!doctype html>") and "NONCE" not in text
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert f'<script nonce="{nonce}">' in text and f'<style nonce="{nonce}">' in text
    assert (
        "http://" not in text.replace("http://www.w3.org/2000/svg", "") and "https://" not in text
    )
    assert "Access-Control-Allow-Origin" not in headers
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    assert "innerHTML" not in text and "insertAdjacentHTML" not in text


@pytest.mark.parametrize("path", ["/", "/events", "/wrong/", "/wrong/events", f"/{TOKEN}x/"])
def test_without_the_token_there_is_nothing(tmp_path: Path, path: str) -> None:
    status, headers, text = ask(tmp_path, path)
    assert status == 404 and "portland" not in text
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "0.0.0.0", ""])
def test_under_another_name_nothing_is_answered(tmp_path: Path, host: str) -> None:
    assert ask(tmp_path, f"/{TOKEN}/events", Host=host)[0] in (400, 421)


def test_no_other_page_is_answered(tmp_path: Path) -> None:
    for site in ("cross-site", "same-site"):
        assert ask(tmp_path / site, f"/{TOKEN}/events", **{"Sec-Fetch-Site": site})[0] == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"])
def test_it_can_only_be_read(tmp_path: Path, method: str) -> None:
    assert ask(tmp_path, f"/{TOKEN}/", method)[0] == 405


def test_it_listens_on_this_machine_alone() -> None:
    assert hosts_at(7) == {"127.0.0.1:7", "localhost:7"}


def test_a_slow_reader_gets_the_newest_and_nothing_waits_for_it() -> None:
    async def slow() -> None:
        board = Board()
        number, _ = board.since(0)
        for value in range(5000):
            board.put({"head": {"at": value}, "said": {"rows": [NASTY]}})
        number, changed = board.since(number)
        assert changed["head"] == '{"at": 4999}' and len(changed) == 2
        board.put({"head": {"at": 5000}, "said": {"rows": [NASTY]}})
        assert board.since(number)[1] == {"head": '{"at": 5000}'}
        board.put({"head": {"at": 5000}})
        assert board.since(number)[1]["said"] == "{}"

    run(slow())


def test_too_many_pages_are_turned_away_and_room_is_made_again(tmp_path: Path) -> None:
    async def crowd() -> None:
        async with served(tmp_path, (began(),)) as server, aiohttp.ClientSession() as client:
            assert BOARD in server.app
            url = f"http://127.0.0.1:{server.port}/{TOKEN}/events"
            open_ones = [await client.get(url) for _ in range(8)]
            assert (await client.get(url)).status == 503
            for answer in open_ones:
                answer.close()
            for _ in range(100):
                await asyncio.sleep(0.05)
                again = await client.get(url)
                if again.status == 200:
                    again.close()
                    return
            raise AssertionError("no room was made")

    run(crowd())
