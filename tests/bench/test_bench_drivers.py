"""What every driver that a rig file can name must have, and that the pages' examples are right."""

import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from harness.bench.drivers.controller_options import ControllerPanelText
from harness.bench.drivers.controller_panel import ControllerPanel
from harness.bench.drivers.inboxes.folder import FolderInbox, FolderInboxText
from harness.bench.drivers.inboxes.http import HttpInbox, HttpInboxText
from harness.bench.drivers.inboxes.imap import ImapInbox, ImapInboxText
from harness.bench.drivers.inboxes.person import PersonInbox, PersonInboxText
from harness.bench.drivers.inboxes.phone import PhoneInbox, PhoneInboxText
from harness.bench.ports import Inbox, Panel

DOCS = Path(__file__).parents[2] / "docs"
DRIVERS = {
    ControllerPanel: (Panel, ControllerPanelText),
    FolderInbox: (Inbox, FolderInboxText),
    HttpInbox: (Inbox, HttpInboxText),
    ImapInbox: (Inbox, ImapInboxText),
    PersonInbox: (Inbox, PersonInboxText),
    PhoneInbox: (Inbox, PhoneInboxText),
}
EXAMPLES = {
    "controller.md": [ControllerPanelText],
    "inboxes.md": [ImapInboxText, FolderInboxText, HttpInboxText, PhoneInboxText, PersonInboxText],
}


def examples() -> Iterator[tuple[str, type[BaseModel]]]:
    for page, models in EXAMPLES.items():
        blocks = re.findall(r"```yaml\n(.*?)```", (DOCS / page).read_text(), re.DOTALL)
        yield from zip(blocks, models, strict=True)


@pytest.mark.parametrize("driver", DRIVERS, ids=lambda driver: driver.__name__)
def test_a_rig_file_can_name_it(driver: type) -> None:
    promise, options = DRIVERS[driver]
    assert issubclass(driver, promise)
    assert not inspect.isabstract(driver)
    assert driver.options is options
    assert callable(driver.opened) and callable(driver.close)
    unexplained = [name for name, field in options.model_fields.items() if not field.description]
    assert not unexplained


def test_the_examples_of_the_pages_are_right() -> None:
    for text, model in examples():
        model.model_validate_json(json.dumps(yaml.safe_load(text)))


@pytest.mark.parametrize("page", EXAMPLES)
def test_the_pages_say_that_no_hardware_was_seen(page: str) -> None:
    assert "**Not yet on hardware.**" in (DOCS / page).read_text()
