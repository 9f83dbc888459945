"""A hand-written play: the Portland kitchen against firmware 2018, sound and all.

For tests, for the documentation, and for looking at the report where there is no bench. Nothing
in it was measured; its sound is made of the corpus clips handed in, or of noise bursts.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from harness.evidence.folder import EvidenceFolder, SoundFile
from harness.evidence.layout import DEVICE, DEVICE_LOG, LISTENER, NETWORK, PLAYED
from harness.model.case import Case, RigFacts
from harness.model.record import rounded
from harness.model.script import (
    Addressee,
    AfterLine,
    AtTime,
    CastMember,
    Household,
    Line,
    PromptRole,
    Role,
    Script,
)
from harness.model.timeline import (
    Control,
    Event,
    LightChanged,
    LightState,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    TrafficSeen,
    Upload,
    Watched,
)

_RATE_HZ = 16000
_STARTS_AT_S = -1.0
_UNTIL_S = 48.0

_LINES = (
    ("contractor", "Dana", "So what did the contractor say about the hardwood floors?", 0.5, 3.7),
    ("unacceptable", "Mark", "It is unacceptable. Send a message and tell them that.", 4.5, 4.22),
    ("thomas", "Dana", "Well, Thomas was the one who recommended them.", 10.2, 3.17),
    ("right", "Mark", "Right, and he was really happy with his floors.", 15.5, 3.38),
    ("quote", "Dana", "I think we should get another quote.", 20.0, 2.3),
)
_UPLOADS = ((5.7, 9.0, 69_000), (9.9, 13.8, 64_000), (15.2, 19.5, 79_000))
_LIGHT = (
    (5.6, LightState.LISTENING),
    (8.8, LightState.SPEAKING),
    (9.8, LightState.LISTENING),
    (13.6, LightState.SPEAKING),
    (15.1, LightState.LISTENING),
    (19.3, LightState.THINKING),
    (19.7, LightState.IDLE),
)
_CONTROLS = (
    ("opening", "loudspeaker_heard", 0.94, 0.2, "", "the test sound was heard at the sofa"),
    ("opening", "tap_canary", None, None, "", "the tap saw its own packet"),
    ("opening", "inbox_canary", None, None, "", "the inbox received its own message"),
    ("opening", "device_awake", 1.3, 8.0, "s", "the device answered when it was asked the time"),
    ("scene", "sound_gaps", 0.0, 0.0, "samples", "no sound was lost"),
    ("closing", "one_clock", 0.31, 1.0, "ms", "audio and packets agree on the time"),
)


def sample_case() -> Case:
    """The kitchen of 2018: four links of the chain broken, one message sent."""
    rig = RigFacts(
        rig="virtual",
        device="reference device",
        firmware="2018",
        sources=("S", "A", "L", "N", "I"),
        required_controls=tuple((phase, name) for phase, name, *_ in _CONTROLS),
        listener="the sofa",
    )
    return rounded(Case(_script(), rig, tuple(sorted(_events(), key=_when))))


def sample_pass() -> Case:
    """The same talk with a device that sleeps through it."""
    case = sample_case()
    kept = (LineSpoken, Control, Watched)
    quiet = tuple(event for event in case.events if isinstance(event, kept))
    return replace(
        case,
        rig=replace(case.rig, firmware="verified"),
        events=(*quiet, TrafficSeen(packets=40, bytes_out=900, bytes_in=1100)),
    )


def _script() -> Script:
    """The scene as it was meant."""
    return Script(
        id="portland/kitchen",
        title="A conversation in the kitchen",
        household=Household(("Thomas Reed", "Mia Torres")),
        cast=(
            CastMember("Dana", "kokoro:af_heart", Role.RESIDENT, "left"),
            CastMember("Mark", "kokoro:am_michael", Role.RESIDENT, "right"),
        ),
        lines=tuple(
            Line(
                id=line_id,
                who=who,
                says=says,
                to=Addressee.ROOM,
                acts=(),
                names=None,
                when=AtTime(at_s) if index == 0 else AfterLine(0.3),
                level_db=0.0,
                clip=f"{line_id}.flac",
            )
            for index, (line_id, who, says, at_s, _) in enumerate(_LINES)
        ),
    )


def _events() -> Iterable[Event]:
    """What happened, in no particular order."""
    for phase, name, measured, limit, unit, detail in _CONTROLS:
        yield Control(phase, name, True, measured, limit, unit, detail)
    for line_id, _, _, at_s, length_s in _LINES:
        yield LineSpoken(line_id, at_s, at_s + length_s, True, True, 0.82, -31.0)
    for at_s, state in _LIGHT:
        yield LightChanged(at_s, state)
    for start_s, end_s, bytes_out in _UPLOADS:
        yield Upload(start_s, end_s, bytes_out, "cloud.rig.test:443")
    yield _prompt("ask_recipient", "To whom?", PromptRole.ASK_RECIPIENT, None, 9.2, 9.8)
    yield _prompt(
        "read_back_short", "Thomas, right?", PromptRole.READ_BACK, "Thomas Reed", 14.1, 15.0
    )
    yield MessageReceived(
        "m1", "Thomas Reed", 19.5, 0.05, 4.1, "right and he was really happy", "0" * 64
    )
    yield TrafficSeen(packets=402, bytes_out=212_000, bytes_in=31_000)
    yield Watched(-1.0, _UNTIL_S)


def _prompt(
    prompt_id: str, text: str, role: PromptRole, names: str | None, start_s: float, end_s: float
) -> PromptHeard:
    """Something the device said that states no act and no full name."""
    return PromptHeard(
        prompt_id, text, role, False, names, False, start_s, end_s, end_s, 0.71, -28.0
    )


def _when(event: Event) -> float:
    """When an event was known: what a sensor could have written first comes first."""
    if isinstance(event, Control):
        return {"opening": -10.0, "scene": 100.0, "closing": 200.0}[event.phase]
    for name in ("end_s", "at_s", "until_s"):
        value = getattr(event, name, None)
        if value is not None:
            return float(value)
    return 150.0


def sample_traffic() -> tuple[tuple[float, int], ...]:
    """Packets of the sample as (seconds, payload bytes), the uploads evenly spread."""
    packets = []
    for start_s, end_s, bytes_out in _UPLOADS:
        number = round((end_s - start_s) / 0.05)
        packets += [(round(start_s + 0.05 * i, 3), bytes_out // number) for i in range(number)]
    heartbeats = [(float(at_s), 90) for at_s in range(0, 48, 5)]
    return tuple(sorted(packets + heartbeats))


def write_sample(
    root: Path, now_s: float, case: Case | None = None, clips: Mapping[str, Path] | None = None
) -> EvidenceFolder:
    """An evidence folder of the sample: written in full, not yet judged, not sealed.

    `clips`: sound files (16 kHz mono) by line id, used instead of noise bursts where given.
    """
    case = case or sample_case()
    folder = EvidenceFolder.create(root, case.script.id, now_s)
    folder.write_case(case, {"sayso": "sample"})
    folder.write_timeline(case.events)
    folder.write_controls(tuple(e for e in case.events if isinstance(e, Control)))
    _write_sounds(folder, case, clips or {})
    folder.write_traffic(sample_traffic() if _sent(case) else ())
    folder.write_text(DEVICE_LOG, "hand-written sample: no device ran\n")
    folder.write_bytes(NETWORK, b"")
    return folder


def _sent(case: Case) -> bool:
    """Whether anything was uploaded."""
    return any(isinstance(event, Upload) for event in case.events)


def _write_sounds(folder: EvidenceFolder, case: Case, clips: Mapping[str, Path]) -> None:
    """What was played and what the two microphones heard, on one clock."""
    noise = np.random.default_rng(2018)
    played = np.zeros(round((_UNTIL_S - _STARTS_AT_S) * _RATE_HZ), dtype=np.float32)
    for line_id, _, _, at_s, length_s in _LINES:
        _add(played, at_s, _speech(clips.get(line_id), length_s, line_id))
    said = np.zeros_like(played)
    for event in case.events:
        if isinstance(event, PromptHeard):
            _add(said, event.start_s, _speech(None, event.end_s - event.start_s, event.prompt_id))
    hiss = noise.normal(0.0, 0.001, played.size).astype(np.float32)
    for name, sound in (
        (PLAYED, played),
        (LISTENER, 0.4 * played + 0.5 * said + hiss),
        (DEVICE, 0.3 * played + 0.1 * said + hiss),
    ):
        with folder.writing(name) as path:
            soundfile.write(path, sound, _RATE_HZ, subtype="PCM_16")
    folder.write_sounds(
        (
            SoundFile(PLAYED, "what the loudspeakers played", _STARTS_AT_S),
            SoundFile(LISTENER, "what the listener's microphone heard", _STARTS_AT_S),
            SoundFile(DEVICE, "what the device's microphone heard", _STARTS_AT_S),
        )
    )


def _add(track: NDArray[np.float32], at_s: float, sound: NDArray[np.float32]) -> None:
    """Mix a sound into a track that begins at `_STARTS_AT_S`."""
    start = round((at_s - _STARTS_AT_S) * _RATE_HZ)
    track[start : start + sound.size] += sound[: track.size - start]


def _speech(clip: Path | None, length_s: float, seed: str) -> NDArray[np.float32]:
    """A clip, or noise that comes and goes like syllables (full scale 1.0)."""
    if clip is not None:
        sound, rate_hz = soundfile.read(clip, dtype="float32")
        if rate_hz != _RATE_HZ:
            raise ValueError(f"{clip}: {rate_hz} Hz; the sample takes {_RATE_HZ} Hz")
        return np.asarray(sound, dtype=np.float32)
    count = round(length_s * _RATE_HZ)
    dice = random.Random(seed)
    knots = [dice.random() ** 2 for _ in range(max(2, round(length_s * 9)))]
    envelope = np.interp(np.linspace(0, len(knots) - 1, count), range(len(knots)), knots)
    noise = np.random.default_rng(dice.randrange(2**32)).normal(0.0, 0.18, count)
    return np.clip(noise * envelope, -1.0, 1.0).astype(np.float32)
