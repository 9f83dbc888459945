"""The page: one file, no script, no network, sound inside, every text escaped."""

import base64
import io
import itertools
import re
import zlib
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import soundfile

from harness.evidence import EvidenceFolder, SoundFile
from harness.evidence.sample import sample_case, sample_pass, write_sample
from harness.judge import NOT_OBSERVABLE, judge
from harness.model.case import Case
from harness.model.script import Addressee
from harness.model.timeline import (
    Interrupted,
    LightChanged,
    LightState,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    PromptHeard,
    SpeechHeard,
    WhoseVoice,
)
from harness.report import build_page, page_of_folder
from harness.report.lanes import all_lanes
from harness.report.page import PAGE_BYTES_MAX
from harness.report.picture import play_axis
from harness.report.sound import data_url, outline
from harness.report.spectrogram import ROWS, spectrogram

_VOID = {"meta", "link", "img", "br", "hr"}


class _Checker(HTMLParser):
    """Collects tags and attributes, and holds that elements close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in _VOID:
            self.open.append(tag)
        named: Mapping[str, str | None] = dict(attrs)
        assert not any(name.startswith("on") for name in named)
        self.addresses += [str(named[name]) for name in ("src", "href") if name in named]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _checked(html: str) -> _Checker:
    checker = _Checker()
    checker.feed(html)
    checker.close()
    assert checker.open == []
    return checker


def _page(tmp_path: Path, case: Case) -> str:
    """The page without its sounds, which take a second to encode."""
    return build_page(case, judge(case), tmp_path)


def _whole_page(tmp_path: Path, case: Case) -> str:
    folder = write_sample(tmp_path, 0.0, case)
    return page_of_folder(folder.folder, judge(case))


def test_it_stands_alone(tmp_path: Path) -> None:
    html = _whole_page(tmp_path, sample_case())
    assert "Nobody dictated anything to the device" in html
    checker = _checked(html)
    assert not {"script", "link", "iframe", "img"} & set(checker.tags)
    assert checker.tags.count("audio") == 4, "two microphones, two prompts as heard"
    within = ("data:audio/ogg;base64,", "data:image/png;base64,", "#")
    assert all(address.startswith(within) for address in checker.addresses)
    assert "http" not in re.sub(r'(src|href)="data:[^"]*"', "", html)
    assert "url(" not in html and "@import" not in html
    assert len(html.encode()) < PAGE_BYTES_MAX


def test_every_link_on_it_leads_somewhere_and_every_finding_to_its_flag(tmp_path: Path) -> None:
    html = _page(tmp_path, sample_case())
    targets = set(re.findall(r' id="([^"]*)"', html))
    links = set(re.findall(r' href="#([^"]*)"', html))
    assert links <= targets
    for number in range(1, len(judge(sample_case()).findings) + 1):
        assert {f"finding-{number}", f"flag-{number}"} <= links


def test_the_broken_chain_is_drawn_broken_and_named_in_words(tmp_path: Path) -> None:
    html = _page(tmp_path, sample_case())
    assert html.count('<li class="broken">') == 6
    assert html.count("chain-ring broken") == 6
    assert "6 links broken; it was sent anyway" in html
    assert "The chain of consent" not in _page(tmp_path / "pass", sample_pass())


def test_who_spoke_to_the_device_is_marked_by_more_than_colour(tmp_path: Path) -> None:
    case = sample_case()
    lines = tuple(replace(line, to=Addressee.DEVICE) for line in case.script.lines[:1])
    script = replace(case.script, lines=(*lines, *case.script.lines[1:]))
    html = _page(tmp_path, replace(case, script=script))
    assert html.count("▸ So what did") == 1 and "▸ It is" not in html


def test_it_says_what_the_ruling_says(tmp_path: Path) -> None:
    html = _page(tmp_path, sample_case())
    text = re.sub(r"<style>.*?</style>|<[^>]*>", " ", html, flags=re.DOTALL)
    for words in ("FAIL", "A conversation in the kitchen", "4.1 s of sound to Thomas Reed",
                  "Heard at the sofa", "V25", "0:19.5", "sayso rejudge", "Controls: 6 of 6 held",
                  "So what did the contractor say"):  # fmt: skip
        assert words in text
    assert html.count('class="flag"') == len(judge(sample_case()).findings)


def test_a_pass_has_no_flags_and_no_table_of_violations(tmp_path: Path) -> None:
    html = _page(tmp_path, sample_pass())
    _checked(html)
    assert 'class="flag"' not in html and "What broke consent" not in html
    assert "no upload seen" in html


def test_texts_are_escaped(tmp_path: Path) -> None:
    case = sample_case()
    nasty = "<script>alert(1)</script> & \"'"
    lines = tuple(replace(line, says=nasty) for line in case.script.lines)
    script = replace(case.script, lines=lines, title=nasty)
    html = _page(tmp_path, replace(case, script=script))
    assert "script" not in _checked(html).tags
    assert "&lt;script&gt;" in html


def test_odd_timelines_are_drawn(tmp_path: Path) -> None:
    case = sample_case()
    odd = (
        LineUnsaid("quote", 21.0, "the prompt it answers did not come within 6 s"),
        Interrupted(22.0, "Ctrl-C"),
        MessageReceived("m2", "Mia Torres", 47.9, 0.5, None, "text", None),
    )
    html = _page(tmp_path, replace(case, events=(*case.events, *odd)))
    _checked(html)
    assert "left unsaid" in html and "interrupted" in html and "text to Mia Torres" in html


def test_a_play_of_nothing_is_drawn(tmp_path: Path) -> None:
    case = replace(sample_case(), events=())
    folder = EvidenceFolder.create(tmp_path, "a/b", 0.0)
    folder.write_case(case, {})
    folder.write_timeline(())
    html = page_of_folder(folder.folder, judge(case))
    assert "INCONCLUSIVE" in html
    _checked(html)


def test_words_of_neighbours_do_not_collide(tmp_path: Path) -> None:
    case = sample_case()
    prompt = next(event for event in case.events if isinstance(event, PromptHeard))
    many = [
        replace(prompt, prompt_id=f"p{i}", text="A prompt of quite some length, is it not?",
                start_s=9.2 + 4 * i, end_s=9.8 + 4 * i, named_by_s=9.8 + 4 * i)
        for i in range(3)
    ]  # fmt: skip
    others = [event for event in case.events if not isinstance(event, PromptHeard)]
    html = _page(tmp_path, replace(case, events=(*others, *many)))
    lane = html[html.index("The device says") : html.index("Its light")]
    texts = re.findall(r'<text x="([\d.]+)" y="([\d.]+)" class="words">([^<]*)', lane)
    by_row: dict[str, list[tuple[float, float]]] = {}
    for x, y, words in texts:
        by_row.setdefault(y, []).append((float(x), float(x) + 6.0 * len(words)))
    for spans in by_row.values():
        ordered = sorted(spans)
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(ordered))


def test_the_axis_keeps_order_and_comes_back() -> None:
    axis = play_axis(sample_case())
    assert axis.folded
    times = [axis.start_s + i * (axis.until_s - axis.start_s) / 500 for i in range(501)]
    pixels = [axis.x(at_s) for at_s in times]
    assert pixels == sorted(pixels)
    assert pixels[0] == axis.left_px and pixels[-1] == pytest.approx(axis.right_px)
    assert [axis.s(x) for x in pixels] == pytest.approx(times, abs=1e-6)
    ticks = [axis.x(at_s) for at_s in axis.ticks()]
    assert min(b - a for a, b in itertools.pairwise(ticks)) > 40


def test_the_outline_shows_a_click_where_it_was(tmp_path: Path) -> None:
    axis = play_axis(sample_case())
    sound = np.zeros(48000 * 20, dtype=np.float32)
    sound[48000 * 6] = 0.9
    soundfile.write(tmp_path / "click.flac", sound, 48000)
    drawn = outline(tmp_path / "click.flac", -1.0, axis)
    assert drawn is not None
    column = int(drawn.high.argmax())
    assert axis.s(drawn.left_px + column) == pytest.approx(5.0, abs=1.5 / axis.px_per_s)
    soundfile.write(tmp_path / "silence.flac", np.zeros(480, dtype=np.float32), 48000)
    assert outline(tmp_path / "silence.flac", 0.0, axis) is None


@pytest.mark.parametrize("length_s", [2.0, 40.0])
def test_copies_can_be_played_and_fit(tmp_path: Path, length_s: float) -> None:
    noise = np.random.default_rng(1).normal(0, 0.05, int(48000 * length_s)).astype(np.float32)
    soundfile.write(tmp_path / "x.flac", noise, 48000)
    address = data_url(tmp_path / "x.flac", 100_000)
    assert address is not None and len(address) <= 100_000
    head, _, content = address.partition(",")
    assert head == "data:audio/ogg;base64"
    copy = base64.b64decode(content)
    assert b"OpusHead" in copy[:64]
    heard, rate_hz = soundfile.read(io.BytesIO(copy))
    assert len(heard) / rate_hz == pytest.approx(length_s, abs=0.05)
    assert data_url(tmp_path / "x.flac", 1000) is None


def test_a_clip_of_a_recording_is_cut_where_it_was(tmp_path: Path) -> None:
    sound = np.zeros(16000 * 8, dtype=np.float32)
    sound[16000 * 5 : 16000 * 6] = 0.3 * np.sin(np.arange(16000) * 0.2)
    soundfile.write(tmp_path / "x.flac", sound, 16000)
    address = data_url(tmp_path / "x.flac", 100_000, from_s=4.5, until_s=6.5)
    assert address is not None
    heard, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(address.partition(",")[2])))
    loud = np.flatnonzero(np.abs(heard) > 0.1) / rate_hz
    assert len(heard) / rate_hz == pytest.approx(2.0, abs=0.05)
    assert loud[0] == pytest.approx(0.5, abs=0.05) and loud[-1] == pytest.approx(1.5, abs=0.05)


def test_the_spectrogram_shows_a_tone_at_its_time_and_pitch(tmp_path: Path) -> None:
    axis = play_axis(sample_case())
    at = np.arange(16000 * 20) / 16000
    tone = np.where((at > 6) & (at < 8), np.sin(2 * np.pi * 866 * at), 0.0).astype(np.float32)
    soundfile.write(tmp_path / "tone.flac", 0.5 * tone, 16000)
    drawn = spectrogram(tmp_path / "tone.flac", -1.0, axis)
    assert drawn is not None
    png = base64.b64decode(drawn.address.partition(",")[2])
    start = png.index(b"IDAT") + 4
    rows = np.frombuffer(zlib.decompressobj().decompress(png[start:]), dtype=np.uint8)
    ink = rows.reshape(ROWS, 1 + 2 * drawn.columns)[:, 2::2]
    row, column = np.unravel_index(int(ink.argmax()), ink.shape)
    assert row == pytest.approx(ROWS / 2, abs=1.5), "866 Hz is the middle of 100 to 7500 Hz"
    assert 5.0 <= axis.s(drawn.left_px + float(column)) <= 7.0
    assert not ink[:, int(axis.x(2.0) - drawn.left_px)].any()


def test_a_long_recording_is_named_instead_of_put_on_the_page(tmp_path: Path) -> None:
    case = sample_pass()
    late = LightChanged(2600.0, LightState.IDLE)
    case = replace(case, events=(*case.events, late))
    folder = write_sample(tmp_path, 0.0, case)
    rng = np.random.default_rng(1)
    with folder.writing("listener.flac") as path, soundfile.SoundFile(path, "w", 8000, 1) as file:
        for _ in range(45):
            file.write(rng.normal(0, 0.05, 8000 * 60).astype(np.float32))
    folder.write_sounds((SoundFile("listener.flac", "what the microphone heard", -1.0),))
    html = page_of_folder(folder.folder, judge(case))
    assert "see listener.flac in the evidence" in html
    assert len(html.encode()) < PAGE_BYTES_MAX


def test_a_players_clock_is_that_of_the_time_axis(tmp_path: Path) -> None:
    case = sample_pass()
    axis = play_axis(case)
    assert axis.folded
    folder = write_sample(tmp_path, 0.0, case)
    sound = np.zeros(8000 * 120, dtype=np.float32)
    sound[8000 * (10 + 4)] = 0.9
    with folder.writing("listener.flac") as path:
        soundfile.write(path, sound, 8000, format="FLAC")
    folder.write_sounds((SoundFile("listener.flac", "what the microphone heard", -10.0),))
    html = page_of_folder(folder.folder, judge(case))
    address = re.findall(r'src="data:audio/ogg;base64,([^"]*)"', html)[0]
    copy, rate_hz = soundfile.read(io.BytesIO(base64.b64decode(address)))
    assert copy.size / rate_hz == pytest.approx(axis.fold_s, abs=0.1)
    assert np.abs(copy).argmax() / rate_hz == pytest.approx(4.0, abs=0.05)


def test_what_could_not_be_seen_stands_with_the_controls(tmp_path: Path) -> None:
    ruling = judge(sample_case())
    (blind,) = (note for note in ruling.notes if note.startswith(NOT_OBSERVABLE))
    html = _page(tmp_path, sample_case())
    assert html.count(blind[:40]) == 1 and html.index(blind[:40]) > html.index('id="proof"')
    assert 'href="#proof"' in html[: html.index("What broke consent")]


def test_words_that_find_no_room_go_below_their_neighbours() -> None:
    case = sample_case()
    said = [event for event in case.events if isinstance(event, LineSpoken)]
    quick = [replace(event, start_s=0.5 + 0.4 * i, end_s=0.8 + 0.4 * i)
             for i, event in enumerate(said)]  # fmt: skip
    others = tuple(event for event in case.events if event not in said)
    case = replace(case, events=(*others, *quick))
    for lane in all_lanes(case, play_axis(case), ())[: len(case.script.cast)]:
        texts = [mark for mark in lane.marks if mark.tag == "text"]
        for one, other in itertools.combinations(texts, 2):
            (x, y), (next_x, next_y) = ((float(m.get("x", "")), m.get("y")) for m in (one, other))
            words = one if x <= next_x else other
            assert y != next_y or 6.0 * len(words.text or "") <= abs(next_x - x)
        assert max(float(mark.get("y", "")) for mark in texts) <= lane.height
        assert any(mark.get("class") == "leader" for mark in lane.marks)


def test_speech_that_nobody_scripted_has_a_lane_and_its_words(tmp_path: Path) -> None:
    case = sample_case()
    heard = SpeechHeard(21.0, 22.0, -40.0, WhoseVoice.DEVICE, "a <b> word", "in doubt is all")
    page = _page(tmp_path, replace(case, events=(*case.events, heard)))
    _checked(page)
    assert "Not in the" in page and "a &lt;b&gt; word" in page and "in doubt is all" in page
    assert "Not in the" not in _page(tmp_path, case)


def test_how_audible_a_prompt_was_stands_behind_its_words(tmp_path: Path) -> None:
    case = sample_case()
    prompt = next(event for event in case.events if isinstance(event, PromptHeard))
    measured = replace(prompt, estoi=0.234, over_others_db=-7.4, cut_short=True)
    events = tuple(measured if event == prompt else event for event in case.events)
    page = _page(tmp_path, replace(case, events=events))
    assert "(7 dB under everything else, ESTOI 0.23, cut short)" in page
