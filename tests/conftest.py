"""What holds for every test."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.evidence.published import assert_as_published, sealed_folders

# A machine that does other work besides is slower, and nothing is wrong with that. Hypothesis
# tries half of what it would by itself; more with `--hypothesis-profile=thorough`.
settings.register_profile("any-machine", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=400)
settings.load_profile("any-machine")


def pytest_configure() -> None:
    # A shell ignores SIGINT for what it starts in the background, and programs that tests start to
    # interrupt them would inherit that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _evidence_keeps_to_the_published_schemas(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whatever evidence a test seals in its `tmp_path` is valid by docs/schemas."""
    root = Path(request.getfixturevalue("tmp_path")) if _uses_tmp_path(request) else None
    yield
    if root is not None and root.is_dir():
        for folder in sealed_folders(root):
            assert_as_published(folder)


def _uses_tmp_path(request: pytest.FixtureRequest) -> bool:
    return "tmp_path" in request.fixturenames
