"""The cloud's shelf on a disk that takes no more: an `OSError`, as for the sound beside it."""

from pathlib import Path

import pytest

from rigs.reference_cloud.services.shelf import Recording, Shelf


def recording(number: int) -> Recording:
    """One with many words."""
    known = {"id": f"r{number}", "token": "home", "from_unix_s": 1.0, "until_unix_s": 2.0}
    fields = Recording.__dataclass_fields__
    return Recording(**{name: known.get(name, "x" * 4000) for name in fields})


def test_a_full_disk_is_an_os_error(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, "working")
    shelf.put(recording(0))
    shelf._db.execute("PRAGMA max_page_count = 40")
    with pytest.raises(OSError, match="is full"):
        for number in range(1, 100):
            shelf.put(recording(number))
    assert shelf.get("r0") is not None
    shelf.close()
