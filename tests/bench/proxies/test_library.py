"""The `wyoming` package's own client and server through the proxy, and without it."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from harness.bench.drivers.proxies.wyoming import WyomingProxy, WyomingProxyText
from harness.bench.drivers.registry import Place
from harness.clock import RealClock
from harness.wire.payload import read_connections
from tests.bench.proxies.ends import HERE, free_port

DEVICE = "127.0.0.2"
ROOT = Path(__file__).parents[3]
SATELLITE = ROOT / ".cache" / "third_party" / "wyoming_satellite-satellite"
PYTHON = Path(os.environ.get("WYOMING_PYTHON", SATELLITE / "bin" / "python"))


def conversed(satellite_port: int, to: str) -> list[list[object]]:
    """What each end heard of the other; `to`: what the server is told."""
    ends = Path(__file__).with_name("library_ends.py")
    command = [PYTHON, ends, f"tcp://{DEVICE}:{satellite_port}", f"tcp://{to}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    heard: list[list[object]] = json.loads(done.stdout)
    return heard


@pytest.mark.bench  # needs the assistants by others, which `make test` sets up beside the fast ones
def test_the_makers_own_library_does_not_notice_it(tmp_path: Path) -> None:
    if not PYTHON.exists():
        pytest.skip("no `wyoming` here: rigs/third_party/setup.sh wyoming_satellite/satellite")
    port, listen = free_port(), free_port()
    without = conversed(port, f"{DEVICE}:{port}")
    told = {"satellite": DEVICE, "port": port, "listen": listen, "server": HERE}
    options = WyomingProxyText.model_validate_json(json.dumps(told))
    proxy = WyomingProxy(options, Place(RealClock(), tmp_path, os.environ))
    try:
        capture = tmp_path / "c.pcapng"
        proxy.start(capture)
        assert conversed(port, f"{HERE}:{listen}") == without
        proxy.stop()
        said = [event.type for event in proxy.events() if event.by_device]
        assert said == ["detection", "no-such-thing", "played"]
        assert proxy.report().lost == 0 and len(proxy.report().passed) == 1
    finally:
        proxy.close()
    satellite, server = without
    assert len(satellite) == 5 and len(server) == 63
    (connection,) = read_connections(capture, DEVICE)
    sounds = [leaf for leaf in connection.leaves if leaf.kind.startswith("audio/L16; rate=16000")]
    assert [len(sound.content) for sound in sounds] == [60 * 2048]
