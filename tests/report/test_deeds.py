"""What was done to the device, in the picture, the transcript and the explanation."""

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.evidence.sample import sample_pass, write_sample
from harness.judge import judge
from harness.model.case import Case
from harness.model.network import NetworkCondition
from harness.model.script import Deed
from harness.model.timeline import DeedDone
from harness.report import page_of_folder
from harness.report.deeds import spans
from harness.report.describe import describe
from harness.report.explain import explain
from harness.report.picture import play_axis

_DEEDS = (
    DeedDone("a", Deed.MUTE, 12.3),
    DeedDone("b", Deed.NETWORK_OFF, 14.04),
    DeedDone("c", Deed.UNMUTE, 20.0),
    DeedDone("restored-network_on", Deed.NETWORK_ON, 48.2),
)
_TOLD = (
    "Done to the device: mute pressed 0:12.3, network cut 0:14.0, mute released 0:20.0, network "
    "mended 0:48.2."
)


def _case() -> Case:
    case = sample_pass()
    return replace(case, events=(*case.events, *_DEEDS))


def test_the_explanation_says_what_was_done_and_when() -> None:
    ruling = judge(_case())
    assert _TOLD in " ".join(explain(ruling).split())
    assert _TOLD in describe(ruling)
    untouched = judge(sample_pass())
    assert "Done to" not in explain(untouched) + describe(untouched)


def test_the_page_shows_it_in_lane_and_transcript(tmp_path: Path) -> None:
    case = _case()
    html = page_of_folder(write_sample(tmp_path, 0.0, case).folder, judge(case))
    assert _TOLD in html
    assert "<title>mute pressed 0:12.3, mute released 0:20.0</title>" in html
    assert html.count('class="away"') == 2
    rows = [re.sub(r"<[^>]+>", " ", row).split() for row in html.split("<tr>")]
    assert ["0:12.3", "the", "bench", "mute", "pressed"] in rows


_POOR = NetworkCondition(kbit_s=16.0, delay_ms=300.0)


def test_a_poor_network_is_told_with_what_was_poor_about_it(tmp_path: Path) -> None:
    deeds = (
        DeedDone("a", Deed.NETWORK_POOR, 12.3, _POOR),
        DeedDone("b", Deed.NETWORK_OFF, 20.0),
        DeedDone("c", Deed.NETWORK_ON, 30.0),
    )
    case = sample_pass()
    case = replace(case, events=(*case.events, *deeds))
    ruling = judge(case)
    told = "network made poor (16 kbit/s, 300 ms late each way) 0:12.3, network cut 0:20.0"
    assert told in " ".join(explain(ruling).split())
    html = page_of_folder(write_sample(tmp_path, 0.0, case).folder, ruling)
    assert f"<title>{told}</title>" in html and html.count('class="away"') == 2
    assert ">16 kbit/s, 300 ms late each way</text>" in html
    poor, gone = spans(deeds)[::-1]
    assert (poor.state, poor.until_s, gone.state, gone.until_s) == (
        "poor network", 20.0, "no network", 30.0,
    )  # fmt: skip


def test_what_is_given_back_after_the_watch_does_not_stretch_the_picture() -> None:
    assert play_axis(_case()).until_s == play_axis(sample_pass()).until_s
    assert play_axis(_case()).folded


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(list(Deed)), st.floats(-5, 100, allow_nan=False)), max_size=12
    )
)
def test_spans_of_a_state_never_overlap_and_each_begins_with_a_deed(
    rows: list[tuple[Deed, float]],
) -> None:
    deeds = [DeedDone(str(number), deed, at_s) for number, (deed, at_s) in enumerate(rows)]
    found = spans(deeds)
    times = {deed.at_s for deed in deeds}
    for state in {span.state for span in found}:
        mine = [span for span in found if span.state == state]
        for span in mine:
            assert span.from_s in times and (span.until_s is None or span.until_s >= span.from_s)
        for earlier, later in pairwise(mine):
            assert earlier.until_s is not None and earlier.until_s <= later.from_s
