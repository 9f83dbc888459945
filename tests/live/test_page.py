"""The page in a real browser: it fills, it fits, it runs nothing that the device says."""

import asyncio
import os
from pathlib import Path

import pytest

from harness.bench.live_feed import feeds_folder
from harness.model.live import Fact
from tests.live.browser import PROGRAM, Browser, browser
from tests.live.facts import began, capture, ending, ruling, scene, written
from tests.live.test_server import TOKEN, served

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here to show the page"),
]
SEEN = "document.querySelectorAll('.chain .seen').length"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def add(tmp_path: Path, *facts: Fact) -> None:
    (feed,) = feeds_folder("kitchen", tmp_path).glob(f"{os.getpid()}-*")
    with feed.open("ab") as file:
        file.write(written(facts))


async def keep(page: Browser, name: str) -> None:
    """A picture to look at, where a folder for them is given."""
    if kept := os.environ.get("LIVE_PICTURES"):
        width, dark = await page.value("innerWidth"), "matchMedia('(prefers-color-scheme:dark)')"
        scheme = "dark" if await page.value(f"{dark}.matches") else "light"
        await page.picture(Path(kept) / f"{name}-{width}-{scheme}.png")


async def fills(tmp_path: Path, page: Browser) -> None:
    await page.until("document.getElementById('scene').textContent.includes('kitchen')")
    assert await page.value(SEEN) == 0
    add(tmp_path, *scene(until_yes=False))
    await page.until(f"{SEEN} === 5")
    await page.until("document.getElementById('wire').textContent.includes('voice.example:443')")
    rows = await page.value("document.getElementById('rows').innerText")
    assert "Dana → device: The key is under the mat." in rows and "read back" in rows
    assert await page.value("document.querySelectorAll('svg.level path').length") == 2
    await keep(page, "filling")
    add(tmp_path, *ending())
    await page.until("document.querySelectorAll('.chain .not-seen').length === 2")
    add(tmp_path, *ruling())
    await page.until("!document.getElementById('ruling').hidden")


@pytest.mark.parametrize(
    ("width", "dark"),
    [
        (1200, False),
        (400, True),
        pytest.param(1200, True, marks=pytest.mark.exhaustive),
        pytest.param(400, False, marks=pytest.mark.exhaustive),
    ],
)
def test_it_fills_while_the_play_goes_on_and_shows_what_was_ruled(
    tmp_path: Path, width: int, dark: bool
) -> None:
    network = tmp_path / "network.pcapng"
    network.write_bytes(capture())

    async def looked_at() -> None:
        async with (
            served(tmp_path, (began(network),)) as server,
            browser(tmp_path / "profile") as page,
        ):
            await page.open(f"http://127.0.0.1:{server.port}/{TOKEN}/", width, dark)
            await fills(tmp_path, page)
            said = await page.value("document.getElementById('chains').innerText")
            assert "<img src=x onerror=alert(1)>" in said and "broken" in said
            assert await page.value("document.images.length") == 0
            assert await page.value(FITS), "it scrolls sideways"
            assert not page.complaints, page.complaints
            await keep(page, "ruled")

    asyncio.run(looked_at())
