"""An export held against a bench's own evidence: ours, a stranger's, and what nobody can tell."""

import json
import shutil
import subprocess
import tempfile
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr
from scipy.signal import oaconvolve

from harness.account.recordings.attribution import Attributor
from harness.account.recordings.check import ExportChecked, check_export
from harness.account.recordings.log import NAME, Gap, SoundLog
from harness.account.recordings.sounds import read_sound
from harness.cli import main
from harness.errors import RigError, UserError
from harness.evidence.redact import redact
from harness.evidence.retention import Policy, expire
from harness.evidence.sample import sample_pass, write_sample
from harness.model.account import Whose
from harness.report.export_picture import export_picture
from harness.report.export_words import export_json, export_text
from harness.series.sound_log import LoggedSound, bring_up

_CLIPS = Path(__file__).parents[3] / "audio_corpus" / "clips"
_RATE_HZ = 16_000
_PLAYED_AT = datetime(2026, 11, 20, 18, 0, tzinfo=UTC).timestamp()
_SAID = {
    "contractor": "af_heart-so-what-did-the-contractor",
    "unacceptable": "am_michael-it-is-unacceptable",
    "thomas": "af_heart-well-thomas",
    "right": "am_michael-right-and-he",
    "quote": "af_heart-i-think-we-should",
}
_STRANGERS = "am_michael-on-saturday-morning"


def _clip(name: str) -> np.ndarray:
    (path,) = _CLIPS.glob(f"kokoro-{name}*.flac")
    sound, rate_hz = soundfile.read(path, dtype="float32")
    return np.asarray(soxr.resample(sound, rate_hz, _RATE_HZ), dtype=np.float32)


def _through_a_room(sound: np.ndarray) -> np.ndarray:
    """Echoes of 0.3 s, and noise 20 dB below."""
    noise = np.random.default_rng(7)
    count = round(0.3 * _RATE_HZ)
    path = noise.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count) * 0.05
    path[40] = 1.0
    heard = oaconvolve(sound, path)[: len(sound)]
    heard += noise.standard_normal(len(heard)) * 0.1 * np.sqrt(np.mean(heard**2))
    return (0.5 * heard / np.abs(heard).max()).astype(np.float32)


def _recording(path: Path, name: str, **form: object) -> Path:
    soundfile.write(path, _through_a_room(_clip(name)), _RATE_HZ, **form)
    return path


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run in which five lines were played; it sent nothing."""
    root = tmp_path_factory.mktemp("evidence")
    clips = {}
    for line, name in _SAID.items():
        clips[line] = tmp_path_factory.mktemp("clips") / f"{line}.wav"
        soundfile.write(clips[line], _clip(name), _RATE_HZ)
    write_sample(root, _PLAYED_AT, sample_pass(), clips).seal()
    return root


@pytest.fixture(scope="module")
def log(evidence: Path) -> LoggedSound:
    return bring_up([evidence])


def _check(log: LoggedSound, archive: Path, *gaps: Gap) -> ExportChecked:
    every = (*log.gaps, *gaps)
    return check_export(archive, Attributor(log.open_log, every), log.runs, every)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "export"
    folder.mkdir()
    _recording(folder / "a.wav", _SAID["contractor"])
    _recording(folder / "b.mp3", _SAID["unacceptable"])
    _recording(folder / "c.opus", _SAID["thomas"], format="OGG", subtype="OPUS")
    _recording(folder / "d.flac", _SAID["right"])
    return folder


def test_what_was_played_is_ours_in_any_format(log: LoggedSound, export: Path) -> None:
    checked = _check(log, export)
    assert [item.whose for item in checked.items] == [Whose.OURS] * 4
    assert [item.name for item in checked.items] == ["a.wav", "b.mp3", "c.opus", "d.flac"]
    assert [round(item.at_s or 0) for item in checked.items] == [0, 4, 10, 15]
    assert checked.exit_code == 0


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="M4A is read by ffmpeg")
def test_m4a_is_read_by_ffmpeg(log: LoggedSound, export: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-i", str(export / "a.wav"), str(export / "e.m4a")]
    subprocess.run(command, check=True)
    (export / "f.m4a").write_bytes((export / "e.m4a").read_bytes()[:300])
    *_, whole, cut = _check(log, export).items
    assert whole.whose is Whose.OURS
    assert cut.whose is Whose.UNREADABLE and "ffmpeg" in cut.why


def test_a_stranger_is_told_by_hash_and_length_only(
    log: LoggedSound, export: Path, tmp_path: Path
) -> None:
    _recording(export / "Dr Miller biopsy.wav", _STRANGERS)
    row = "Dr Miller biopsy.wav,2026-11-20T18:32:11Z,the biopsy was bad\n"
    (export / "all.csv").write_text("file,time,transcript\n" + row, encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for path in sorted(export.iterdir()):
            archive.write(path, f"Ünlü/{path.name}")
    checked = _check(log, tmp_path / "export.zip")
    (foreign,) = [item for item in checked.items if item.whose is Whose.FOREIGN]
    assert foreign.sha256 is not None and foreign.seconds == pytest.approx(4.82, abs=0.05)
    assert foreign.transcript and foreign.recorded is not None
    told = export_text(checked) + json.dumps(export_json(checked)) + export_picture(checked)
    assert "iller" not in told and "biopsy" not in told and foreign.sha256 in told
    assert checked.exit_code == 1


def test_words_alone_are_ours_by_a_canary_of_a_run(log: LoggedSound, tmp_path: Path) -> None:
    rows = ("2026-11-20T18:00:05Z,bring 741 umbrellas", "2026-11-20T18:00:15Z,call the doctor")
    (tmp_path / "said.csv").write_text("\n".join(["time,transcript", *rows]), encoding="utf-8")
    canary = "bring seven hundred forty-one umbrellas"
    (run,) = log.runs
    runs = (run.model_copy(update={"canaries": (canary,)}),)
    kinds = {}
    for name, known in (("with", runs), ("without", log.runs)):
        checked = check_export(tmp_path, Attributor(log.open_log), known)
        kinds[name] = [item.whose for item in checked.items]
    assert kinds == {"with": [Whose.OURS, Whose.UNKNOWN], "without": [Whose.UNKNOWN] * 2}


@pytest.mark.parametrize(
    ("ours", "elsewhere", "whose"),
    [
        (False, True, Whose.FOREIGN),
        (True, True, Whose.UNKNOWN),
        (True, False, Whose.OURS),
        (False, False, Whose.UNKNOWN),
    ],
)
def test_words_alone_are_a_strangers_by_a_canary_of_another_account(
    log: LoggedSound, tmp_path: Path, *, ours: bool, elsewhere: bool, whose: Whose
) -> None:
    (tmp_path / "said.csv").write_text("time,transcript\n2026-11-20T18:00:05Z,bring 741 umbrellas")
    (run,) = log.runs
    says = run.model_copy(update={"canaries": ("bring seven hundred forty-one umbrellas",)})
    checked = check_export(
        tmp_path,
        Attributor(log.open_log),
        (says,) if ours else log.runs,
        elsewhere=(says,) if elsewhere else log.runs,
    )
    assert [item.whose for item in checked.items] == [whose]
    assert checked.items[0].name is None or whose is Whose.OURS


def test_what_was_unpacked_is_gone_whatever_happens(
    log: LoggedSound, export: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(export / "a.wav", "a.wav")

    def interrupted(done: int, of: int) -> None:
        raise KeyboardInterrupt

    def left() -> list[Path]:
        return list(Path(tempfile.gettempdir()).glob("sayso-export-*"))

    before = left()
    with pytest.raises(KeyboardInterrupt):
        check_export(tmp_path / "export.zip", Attributor(log.open_log), log.runs, told=interrupted)
    assert left() == before


def test_what_nobody_can_read_is_unknown_and_never_whole(log: LoggedSound, export: Path) -> None:
    (export / "e.wav").write_bytes(b"")
    (export / "f.wav").write_bytes(b"no sound at all" * 100)
    soundfile.write(export / "g.wav", np.zeros(3 * _RATE_HZ), _RATE_HZ)
    (export / "h.bin").write_bytes(b"\x01\x02" * 100)
    (export / "i.opus").write_bytes((export / "c.opus").read_bytes()[:900])
    checked = _check(log, export)
    told = [item.whose for item in checked.items[4:]]
    none, silent = Whose.UNREADABLE, Whose.UNKNOWN
    assert told[:4] == [none, none, silent, none]
    assert told[4] in (none, silent)
    assert checked.count(Whose.OURS) == 4
    assert checked.exit_code == 2


def test_a_recording_of_hours_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    with soundfile.SoundFile(path, "w", 8_000, 1, "PCM_16") as file:
        for _ in range(2 * 60):
            file.write(np.zeros(60 * 8_000, dtype=np.int16))
    with pytest.raises(UserError, match="longer than 10 minutes"):
        read_sound(path)


def test_half_ours_and_half_a_strangers_is_not_ours(log: LoggedSound, tmp_path: Path) -> None:
    both = np.concatenate([_clip(_SAID["contractor"]), _clip(_STRANGERS)[: 2 * _RATE_HZ]])
    (tmp_path / "e").mkdir()
    soundfile.write(tmp_path / "e" / "both.wav", _through_a_room(both), _RATE_HZ)
    (item,) = _check(log, tmp_path / "e").items
    assert item.whose is not Whose.OURS


def test_in_a_gap_of_the_log_a_strangers_is_unknown(log: LoggedSound, tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    _recording(tmp_path / "e" / "2026-11-20T18-00-00Z.wav", _STRANGERS)
    gap = Gap("the bench was off", _PLAYED_AT - 100, _PLAYED_AT + 100)
    other = Gap("another day", _PLAYED_AT + 1e6, _PLAYED_AT + 2e6)
    inside, outside = (_check(log, tmp_path / "e", one) for one in (gap, other))
    assert inside.items[0].whose is Whose.UNKNOWN and inside.exit_code == 2
    assert outside.items[0].whose is Whose.FOREIGN and outside.exit_code == 1


def test_what_was_played_elsewhere_too_is_unknown(log: LoggedSound, export: Path) -> None:
    both = check_export(export, Attributor(log.open_log, (), [log.open_log]), log.runs)
    assert [item.whose for item in both.items] == [Whose.UNKNOWN] * 4
    empty = SoundLog(export.parent / "empty").opened({})
    elsewhere = check_export(export, Attributor(empty, (), [log.open_log]), ())
    assert [item.whose for item in elsewhere.items] == [Whose.FOREIGN] * 4
    assert "another account" in elsewhere.items[0].why


def test_an_empty_export_proves_nothing(log: LoggedSound, tmp_path: Path) -> None:
    (tmp_path / "e").mkdir()
    assert _check(log, tmp_path / "e").exit_code == 2


def test_a_recording_that_is_named_and_not_there_is_missed(log: LoggedSound, export: Path) -> None:
    (export / "all.json").write_text('[{"file": "z.wav", "text": "hello"}]', encoding="utf-8")
    checked = _check(log, export)
    assert checked.items[-1].whose is Whose.UNREADABLE
    assert "z.wav is not in the export" in checked.items[-1].why
    assert checked.exit_code == 2


# The log --------------------------------------------------------------------------------------


def test_the_log_is_taken_up_and_a_torn_line_done_again(evidence: Path, tmp_path: Path) -> None:
    folder = tmp_path / "log"
    first = bring_up([evidence], folder)
    again = bring_up([evidence], folder)
    assert again.runs == first.runs and not again.gaps
    assert len((folder / NAME).read_text(encoding="utf-8").splitlines()) == 2
    text = (folder / NAME).read_text(encoding="utf-8")
    (folder / NAME).write_text(text[:-9], encoding="utf-8")
    assert bring_up([evidence], folder).runs == first.runs


def test_a_log_that_somebody_changed_is_refused(evidence: Path, tmp_path: Path) -> None:
    bring_up([evidence], tmp_path)
    path = tmp_path / NAME
    path.write_text(path.read_text(encoding="utf-8") + '{"what": "x"}\n', encoding="utf-8")
    with pytest.raises(RigError, match="none of a log's"):
        bring_up([evidence], tmp_path)


def test_each_run_that_cannot_be_searched_is_a_gap(evidence: Path, tmp_path: Path) -> None:
    root = tmp_path / "evidence"
    shutil.copytree(evidence, root)
    (run,) = [path for path in root.iterdir() if path.name.endswith("kitchen")]
    copy = root / "2026-11-20T19-00-00-kitchen"
    shutil.copytree(run, copy)
    (copy / "manifest.json").unlink()
    redacted = root / "2026-11-20T20-00-00-kitchen"
    shutil.copytree(run, redacted)
    redact(redacted, 0.0)
    first = bring_up([root])
    assert [gap.why.split(" ", 1)[1] for gap in first.gaps] == ["was never sealed", "was redacted"]
    shutil.rmtree(run)
    gone = bring_up([root])
    assert "its evidence is gone" in gone.gaps[-1].why and not gone.runs


def test_a_run_that_expired_is_a_gap_of_a_new_log(evidence: Path, tmp_path: Path) -> None:
    root = tmp_path / "evidence"
    shutil.copytree(evidence, root)
    expire(root, Policy(0.0, 0.0), _PLAYED_AT + 10.0)
    log = bring_up([root], tmp_path / "log")
    assert any("its time was up" in gap.why for gap in log.gaps)


def test_the_command_writes_private_files_and_says_its_code(
    evidence: Path, export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ["export-check", str(export), "--evidence", str(evidence), "--out", str(out)]
    assert main([*asked, "--log", str(tmp_path / "log")]) == 0
    assert "4 ours" in capsys.readouterr().out
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in out.iterdir()} == {
        "export.json": "0o600",
        "export.svg": "0o600",
    }
    _recording(export / "s.wav", _STRANGERS)
    assert main([*asked, "--log", str(tmp_path / "log")]) == 1
    assert main([*asked[:1], str(tmp_path / "none.zip"), *asked[2:]]) == 3
