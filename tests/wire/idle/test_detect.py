"""Uploads among idle traffic: found with start, bytes and reason; idle traffic is none."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.wire_idle_traffic import (
    DEVICE,
    METRICS,
    OPUS_16,
    PCM,
    START_S,
    STRANGER,
    VOICE,
    Habits,
    Idle,
    Speech,
)
from harness.model.timeline import Upload
from harness.wire import Declared, read_wire
from harness.wire.idle.detect import densest
from tests.wire.idle.made import learnt

SPEECHES = (
    Speech(600.0, 1.0, OPUS_16),
    Speech(900.0, 4.0, OPUS_16, METRICS),
    Speech(1200.0, 2.0, PCM),
    Speech(1210.0, 2.0, PCM),
    Speech(1500.0, 3.0, OPUS_16, VOICE, at_once=True),
    Speech(2400.0, 1.5, OPUS_16, STRANGER),
)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[Upload, ...]:
    """An hour with uploads, read with the profile that was learnt from another night."""
    path = tmp_path_factory.mktemp("idle") / "day.pcapng"
    truths = Idle(Habits.drawn(3), 1.0, 4).write(path, SPEECHES)
    assert len(truths) == len(SPEECHES)
    uploads = read_wire(path, DEVICE, declared=Declared(profile=learnt())).uploads
    for truth in truths:
        near = [u for u in uploads if abs(u.start_s - truth.start_s) < 0.05]
        assert len(near) == 1, truth
        assert abs(near[0].end_s - truth.end_s) < 0.1
        assert truth.bytes <= near[0].bytes_out <= truth.bytes + 1500
    return uploads


def test_each_upload_is_found_once_and_nothing_else(day: tuple[Upload, ...]) -> None:
    assert len(day) == len(SPEECHES)


def test_uploads_say_why_and_are_suspected_only(day: tuple[Upload, ...]) -> None:
    speech = day[0]
    assert speech.suspected
    assert "to voice.maker.example:443" in speech.why
    assert "in 10.0 h idle it never sent more than" in speech.why or "idle" in speech.why
    assert all(upload.why for upload in day)


def test_idle_hours_hold_no_uploads(tmp_path: Path) -> None:
    path = tmp_path / "idle.pcapng"
    Idle(Habits.drawn(3), 3.0, 5).write(path)
    assert read_wire(path, DEVICE, declared=Declared(profile=learnt())).uploads == ()


def test_the_densest_stretch_begins_where_it_pays() -> None:
    times_s = np.array([0.0, 2.0, 2.1, 2.2, 2.3, 9.0])
    counts = np.array([100.0, 300.0, 300.0, 300.0, 300.0, 100.0])
    assert densest(times_s, counts, 500.0) == (1, 4)
    assert densest(times_s, counts, 1.0) == (0, 5)


def test_times_are_unix_times(day: tuple[Upload, ...]) -> None:
    assert all(START_S < upload.start_s <= upload.end_s < START_S + 3600 for upload in day)
