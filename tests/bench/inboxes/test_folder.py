"""A watched folder, with real files."""

import hashlib
from pathlib import Path

import pytest

from harness.bench.drivers.inboxes.folder import FolderInbox, FolderInboxText
from harness.bench.drivers.inboxes.source import TimesText
from harness.clock import RealClock
from harness.errors import RigError
from tests.bench.inboxes.sounds import sound


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("Thomas Reed", "Anna Bell"):
        (tmp_path / name).mkdir()
    return tmp_path


def opened(folder: Path) -> FolderInbox:
    times = TimesText(poll_s=0.2, delivery_s=0.2)
    inbox = FolderInbox(FolderInboxText(folder=str(folder), times=times), RealClock())
    inbox.prepare(["Thomas Reed", "Anna Bell"])
    return inbox


def test_files_are_messages(folder: Path) -> None:
    (folder / "Thomas Reed" / "old.wav").write_bytes(sound(1.0))
    inbox = opened(folder)
    content = sound(2.0)
    (folder / "Thomas Reed" / ".making").write_bytes(content)
    before_s = RealClock().now_s()
    (folder / "Thomas Reed" / ".making").rename(folder / "Thomas Reed" / "new.wav")
    after_s = RealClock().now_s()
    (folder / "Anna Bell" / "note.txt").write_text("milk")
    inbox.send_canary("c0ffee")
    told = {message.recipient: message for message in inbox.messages()}
    assert set(told) == {"Thomas Reed", "Anna Bell", "sayso-canary"}
    voice = told["Thomas Reed"]
    assert (voice.audio_s, voice.transcript, voice.canary) == (2.0, None, None)
    assert voice.sha256 == hashlib.sha256(content).hexdigest()
    assert inbox.audio(voice.message_id) == content
    assert before_s <= voice.unix_s + voice.uncertainty_s
    assert voice.unix_s - voice.uncertainty_s <= after_s
    assert (told["Anna Bell"].transcript, told["Anna Bell"].audio_s) == ("milk", None)
    assert told["sayso-canary"].canary == "c0ffee"
    inbox.close()


def test_a_file_of_the_same_name_is_another_message(folder: Path) -> None:
    inbox = opened(folder)
    for words in ("one", "two"):
        aside = folder / "Thomas Reed" / f".{words}"
        aside.write_text(words)
        aside.rename(folder / "Thomas Reed" / "note.txt")
        inbox.look()
    assert [m.transcript for m in inbox.messages()] == ["one", "two"]
    inbox.close()


def test_what_is_no_message_or_changes_is_told(folder: Path) -> None:
    inbox = opened(folder)
    note = folder / "Anna Bell" / "note.txt"
    note.write_text("one")
    inbox.look()
    note.write_text("one and two")
    with pytest.raises(RigError, match="changed after it was read"):
        inbox.look()
    inbox.close()
    (folder / "Anna Bell" / "strange.xyz").write_text("?")
    inbox = opened(folder)
    (folder / "Anna Bell" / "more.xyz").write_text("?")
    with pytest.raises(RigError, match="is no message that can be read"):
        inbox.look()
    inbox.close()


def test_a_folder_that_is_gone_is_no_empty_inbox(folder: Path) -> None:
    inbox = opened(folder)
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(RigError, match="cannot be read"):
        inbox.look()
    inbox.close()
    with pytest.raises(RigError, match="has no folder for Thomas Reed, Anna Bell"):
        opened(folder)
