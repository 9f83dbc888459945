"""What need not be read, since it is wrong whatever it holds."""

from dataclasses import replace

import pytest

from harness.model.timeline import Channel, Upload
from harness.stage.payload_facts import _wrong_whatever_it_holds
from tests.judge.pairs.uploads import by
from tests.judge.timelines import classes


@pytest.mark.parametrize("channel", sorted(Channel))
def test_it_is_a_violation_by_its_way_alone(channel: Channel) -> None:
    (upload,) = (e for e in by(channel).events if isinstance(e, Upload))
    if _wrong_whatever_it_holds(upload):
        assert "V32" in classes(by(channel))
    else:
        assert channel in (Channel.SPEECH, Channel.MESSAGE, Channel.TELEMETRY)


def test_one_that_is_only_suspected_must_be_read() -> None:
    (upload,) = (e for e in by(Channel.LAN).events if isinstance(e, Upload))
    assert _wrong_whatever_it_holds(upload)
    assert not _wrong_whatever_it_holds(replace(upload, suspected=True))
