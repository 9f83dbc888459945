"""What holds for every test."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.evidence.published import assert_as_published, sealed_folders

# A machine that does other work besides is slower, and nothing is wrong with that: no example is
# too slow, nor is the making of one. Hypothesis tries half of what it would by itself, the same in
# each run, so that what fails is the change's. `make test-all` tries others, and more are tried
# with `--hypothesis-profile=thorough`.
_SLOW = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("any-machine", max_examples=50, derandomize=True, **_SLOW)
settings.register_profile("other-examples", max_examples=50, **_SLOW)
settings.register_profile("thorough", max_examples=400, **_SLOW)
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
