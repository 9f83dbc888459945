"""What several tests of the rigs ask for."""

import signal
from collections.abc import Iterator

import pytest

from tests.rigs.cloud_program import TOKEN, Cloud, end, start


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One program for the tests that only talk to it."""
    cloud = start(tmp_path_factory.mktemp("cloud"))
    yield cloud
    assert end(cloud, signal.SIGTERM) == 0


@pytest.fixture
def cloud(running: Cloud) -> Cloud:
    """The program with a fresh account."""
    contacts = ["Thomas Reed", "Zoë Åberg"]
    status, _ = running.operator("PUT", "/operator/account", {"token": TOKEN, "contacts": contacts})
    assert status == 200
    return running
