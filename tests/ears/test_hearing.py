"""How well a prompt could be heard is measured as it was; what is in doubt is not measured."""

import json
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
import scipy.signal

from benchmarks.ears_rooms import Room, Truth, paths_of, record, talk
from harness.bench.ports.sound import Samples
from harness.ears.apart import Apart, in_chunks, learnt_paths, taken_apart
from harness.ears.audibility import Audibility, measure
from harness.ears.band import band
from harness.ears.cancel import RATE_HZ
from harness.ears.elsewhere import LEAD, is_elsewhere
from harness.ears.hearing import Asked, Hearing, asked_of, hear, parts_of
from harness.ears.lines import as_heard
from harness.ears.prompts import PromptBook
from harness.ears.talkover import talked_over
from rigs.reference_device.render_prompts import main as render_prompts
from tests.ears.tape import Tape

SECONDS, AT = 16.0, round(9.0 * RATE_HZ)
READ_BACK = "read_back.c1"
ROOM = Room(t60_s=0.3, noise_db=-70.0)
DANA = talk("af_heart", SECONDS)
MARK = talk("am_michael", SECONDS)
AROUND = round(0.3 * RATE_HZ)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> PromptBook:
    out = tmp_path_factory.mktemp("prompts")
    contacts = out / "contacts.json"
    contacts.write_text(json.dumps(["Thomas Reed", "Grace Miller"]))
    asked = ["--firmware", "verified", "--contacts", str(contacts), "--out", str(out)]
    assert render_prompts(asked) == 0
    return PromptBook.load(out, 48_000, paths_of(ROOM.t60_s, 48_000)["device", "listener"])


def said(prompt: Samples, gain_db: float, at: int = AT) -> Samples:
    """The device's own channel: a prompt, and silence."""
    out = np.zeros(len(DANA), dtype=np.float32)
    out[at : at + len(prompt)] = prompt * np.float32(10 ** (gain_db / 20))
    return out


def apart(truth: Truth, recording: Samples | None = None, **channels: Samples) -> Apart:
    """A recording taken apart as a play's is."""
    heard = truth.recording if recording is None else recording
    names = tuple(truth.references)
    tape = Tape({**truth.references, "listener": heard, **channels}, RATE_HZ)
    span = range(len(heard))
    pieces = taken_apart(tape, names, span, learnt_paths(tape, names, span))
    (piece,) = in_chunks(pieces, 2 * len(heard), 0)
    return piece


def starts(truth: Truth) -> int:
    """Where the prompt begins at the listener's place."""
    return AT + int(np.argmax(np.abs(paths_of(ROOM.t60_s, RATE_HZ)["device", "listener"])))


def measured(truth: Truth, count: int) -> Audibility:
    """What is to be measured, from what only a simulation knows."""
    span = slice(starts(truth) - AROUND, starts(truth) + count + AROUND)
    return measure(truth.device[span], (truth.recording - truth.device)[span], RATE_HZ)


TALKS: dict[str, Mapping[str, Samples]] = {
    "nobody": {"table": np.where(np.arange(len(DANA)) < AT - 16_000, DANA, 0).astype(np.float32)},
    "one": {"table": DANA},
    "two": {"table": DANA, "counter": MARK},
}


@pytest.mark.parametrize("who", TALKS)
@pytest.mark.parametrize("gain_db", [-34.0, -24.0, -14.0, -4.0, 4.0])
def test_audibility_is_measured_as_it_was(book: PromptBook, who: str, gain_db: float) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    truth = record(TALKS[who], ROOM, said(prompt, gain_db))
    wanted = measured(truth, len(prompt))
    found = hear(apart(truth), Asked(prompt), starts(truth))
    assert wanted.over_others_db is not None and wanted.estoi is not None
    assert found.over_others_db is not None and found.estoi is not None
    if wanted.over_others_db < 20.0:
        assert found.over_others_db == pytest.approx(wanted.over_others_db, abs=1.0)
    else:
        assert found.over_others_db >= 18.0
    # What is left of the talkers costs a little: on the careful side.
    assert wanted.estoi - 0.035 < found.estoi < wanted.estoi + 0.01
    assert found.cut_short is False or wanted.over_others_db < 0.0
    assert found.ducked is False or wanted.over_others_db < 0.0


def test_a_prompt_of_which_only_the_name_is_drowned_counts_as_drowned(book: PromptBook) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    on_file = book.prompts[READ_BACK]
    assert on_file.named_by_s is not None
    by = AT + round(on_file.named_by_s * RATE_HZ)
    table = DANA.copy()
    table[AT - RATE_HZ : by - RATE_HZ // 2] = 0.0
    table[by:] = 0.0
    table[by - RATE_HZ // 2 : by] *= 4.0
    truth = record({"table": table}, replace(ROOM, delay_s=0.0), said(prompt, -14.0))
    piece = apart(truth)
    whole = hear(piece, Asked(prompt), starts(truth))
    found = hear(piece, asked_of(on_file, prompt), starts(truth))
    assert whole.over_others_db is not None and found.over_others_db is not None
    assert whole.estoi is not None and found.estoi is not None
    assert found.over_others_db < whole.over_others_db - 3.0
    assert found.estoi < 0.5 and found.estoi < whole.estoi - 0.2


def test_what_must_be_audible_of_a_read_back_is_act_and_name_and_the_name_alone(
    book: PromptBook,
) -> None:
    on_file = book.prompts[READ_BACK]
    assert on_file.named_by_s is not None
    until, name = parts_of(on_file, 3.4)
    assert until == (0.0, on_file.named_by_s)
    assert on_file.named_by_s / 3 < name[0] < on_file.named_by_s - 0.5
    assert name[1] == pytest.approx(on_file.named_by_s, abs=0.11)
    assert parts_of(book.prompts["sent"], 0.8) == ()


def test_where_subtraction_is_in_doubt_nothing_is_measured(book: PromptBook) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    truth = record(TALKS["one"], ROOM, said(prompt, -4.0))
    late = truth.recording.copy()
    # Somebody moves the microphone just before the prompt.
    late[AT - RATE_HZ :] = truth.recording[AT - RATE_HZ - 200 : -200]
    assert hear(apart(truth, late), Asked(prompt), starts(truth) + 200) == Hearing()


def test_a_foreign_voice_is_never_taken_for_the_device_s(book: PromptBook) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    truth = record(TALKS["nobody"], ROOM, said(prompt, -14.0))
    stranger = scipy.signal.oaconvolve(MARK, paths_of(0.3, RATE_HZ)["window", "listener"])
    recording = truth.recording + stranger[: len(MARK)].astype(np.float32)
    found = hear(apart(truth, recording), Asked(prompt), starts(truth))
    # Nobody scripted it, so it is in the residual; it masks the prompt all the same.
    wanted = measured(replace(truth, recording=recording), len(prompt))
    assert wanted.over_others_db is not None and wanted.over_others_db < 0.0
    assert found.over_others_db is None or found.over_others_db < wanted.over_others_db + 1.5
    assert found.estoi is None or (wanted.estoi and found.estoi < wanted.estoi + 0.1)


@pytest.mark.parametrize("who", TALKS)
@pytest.mark.parametrize("kept_s", [1.3, 2.2])
def test_a_prompt_that_breaks_off_is_found_and_named(
    book: PromptBook, who: str, kept_s: float
) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    truth = record(TALKS[who], ROOM, said(prompt[: round(kept_s * RATE_HZ)], -4.0))
    piece = apart(truth)
    banded = band(piece.residual, RATE_HZ)
    whole = book.spot_left(banded)
    (found,) = book.spot_broken_off(banded, whole)
    assert found.key.startswith("read_back")
    assert found.start_s * RATE_HZ == pytest.approx(starts(truth), abs=16)
    assert found.end_s - found.start_s == pytest.approx(kept_s, abs=0.3)
    fact = book.heard(found, 0.0, 0.0)
    assert (fact.named_contact is None) == (kept_s < 1.5) and fact.says_full_name == (kept_s > 1.5)
    asked = asked_of(
        book.prompts[found.key], book.sound(found.key, RATE_HZ), round(kept_s * RATE_HZ)
    )
    heard = hear(piece, asked, starts(truth))
    assert heard.cut_short is (kept_s < 1.5)
    assert heard.said_s is not None and 0.0 <= heard.said_s - kept_s <= 0.1


@pytest.mark.parametrize("who", TALKS)
def test_a_prompt_whose_last_words_are_missing_is_cut_short(book: PromptBook, who: str) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    kept = len(prompt) - round(0.5 * RATE_HZ)
    truth = record(TALKS[who], ROOM, said(prompt[:kept], -4.0))
    found = hear(apart(truth), Asked(prompt), starts(truth))
    assert found.cut_short is True
    assert found.said_s is not None and 0.0 <= found.said_s - kept / RATE_HZ <= 0.1
    # Act and name had been spoken: what was left out need not be heard.
    later = hear(apart(truth), asked_of(book.prompts[READ_BACK], prompt), starts(truth))
    assert later.cut_short is False and later.said_s == found.said_s


@pytest.mark.parametrize("who", TALKS)
def test_a_prompt_turned_down_in_the_middle_is_ducked(book: PromptBook, who: str) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    ducked = prompt.copy()
    ducked[round(0.8 * RATE_HZ) : round(1.5 * RATE_HZ)] *= np.float32(0.2)
    truth = record(TALKS[who], ROOM, said(ducked, -4.0))
    found = hear(apart(truth), Asked(prompt), starts(truth))
    assert (found.cut_short, found.ducked) == (False, True)
    # What no path explains would be taken for somebody else.
    assert found.speech is None


@pytest.mark.parametrize("who", TALKS)
@pytest.mark.parametrize("gain_db", [-34.0, -14.0, 4.0, 14.0])
def test_a_prompt_alone_is_not_taken_for_somebody_else(
    book: PromptBook, who: str, gain_db: float
) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    truth = record(TALKS[who], ROOM, said(prompt, gain_db))
    piece = apart(truth)
    found = hear(piece, Asked(prompt), starts(truth))
    assert found.speech is not None
    assert talked_over(piece, found.speech) == []


@pytest.mark.parametrize("who", TALKS)
@pytest.mark.parametrize(("softer_db", "least_s"), [(0.0, 0.5), (10.0, 0.25)])
def test_whoever_talks_over_a_prompt_is_found(
    book: PromptBook, who: str, softer_db: float, least_s: float
) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    truth = record(TALKS[who], ROOM, said(prompt, -4.0))
    at, line = starts(truth) + RATE_HZ // 2, MARK[: 3 * RATE_HZ // 2]
    stranger = scipy.signal.oaconvolve(line, paths_of(0.3, RATE_HZ)["window", "listener"])
    level = np.std(truth.device[at:][: len(line)]) / np.std(stranger) * 10 ** (-softer_db / 20)
    recording = truth.recording.copy()
    recording[at:][: len(stranger)] += (level * stranger).astype(np.float32)
    piece = apart(truth, recording)
    heard = hear(piece, Asked(prompt), starts(truth))
    assert heard.speech is not None
    found = talked_over(piece, heard.speech)
    assert sum(one.end - one.start for one in found) >= least_s * RATE_HZ
    assert all(at - RATE_HZ // 5 < one.start < one.end < at + 2 * RATE_HZ for one in found)


@pytest.mark.parametrize("source", ["device", "window", "television", "table", "counter"])
def test_where_a_prompt_came_from_is_told_by_two_microphones(book: PromptBook, source: str) -> None:
    prompt = book.sound(READ_BACK, RATE_HZ)
    paths = paths_of(0.4, RATE_HZ)
    rng = np.random.default_rng(1)
    first = LEAD + int(np.argmax(np.abs(paths[source, "listener"])))
    recordings = []
    for microphone in ("listener", "device"):
        heard = scipy.signal.oaconvolve(prompt, paths[source, microphone])
        sound = np.pad(heard, (LEAD, 2 * LEAD))
        noise = 1e-3 * rng.standard_normal(len(sound))
        recordings.append((sound + noise).astype(np.float32)[first - LEAD :])
    apart_m = 2.73
    assert is_elsewhere(prompt, *recordings, apart_m, alone=False) is (source != "device")
    nothing = [1e-3 * rng.standard_normal(len(prompt) + 2 * LEAD).astype(np.float32)] * 2
    assert is_elsewhere(prompt, *nothing, apart_m, alone=True) is None
    learnt = as_heard(prompt, paths["device", "listener"])
    assert is_elsewhere(learnt, *recordings, apart_m, alone=True) is (source != "device")
    if source == "device":
        assert is_elsewhere(learnt, *recordings, apart_m, alone=False) is None
