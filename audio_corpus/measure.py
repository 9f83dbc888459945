"""How the wake engines and the recogniser take each clip: `python -m audio_corpus.measure`.

Each clip is heard dry and from six places in a simulated room, at several levels and offsets,
by microWakeWord, openWakeWord and Porcupine with the keyword "Alexa", and transcribed.
Prints the table of docs/corpus.md. Runs in the project's own environment.
"""

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyroomacoustics
import scipy
from numpy.typing import NDArray
from rapidfuzz.distance import Levenshtein

from harness.errors import CorpusError
from harness.scene.clips import Samples, active_level_dbfs, read_clip

RATE_HZ = 16_000
ROOM_M = (5.2, 4.1, 2.6)
T60_S = 0.35
DEVICE_M = (2.6, 2.0, 0.9)
# Distances from the device: 1.5 to 3.0 m.
PLACES_M = (
    (1.2, 2.4, 1.2),
    (3.9, 2.9, 1.5),
    (1.0, 0.9, 1.2),
    (4.5, 1.0, 1.6),
    (0.6, 3.3, 1.4),
    (4.8, 3.6, 1.2),
)
LEVELS_DB = (0.0, -10.0)
OFFSETS_S = (0.0, 0.013, 0.037, 0.071)
SNR_DB = 30.0
BEFORE_S = 2.0
AFTER_S = 1.5
ENGINES = ("mww", "oww", "ppn")


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip at the device's microphone: 16 kHz PCM, with noise before, under and after."""

    how: str
    pcm: NDArray[np.int16]


@cache
def impulse_responses() -> tuple[Samples, ...]:
    """One response for each place, scaled so that its energy is 1: levels stay comparable."""
    absorption, order = pyroomacoustics.inverse_sabine(T60_S, ROOM_M)
    room = pyroomacoustics.ShoeBox(
        ROOM_M, fs=RATE_HZ, materials=pyroomacoustics.Material(absorption), max_order=order
    )
    for place in PLACES_M:
        room.add_source(place)
    room.add_microphone(DEVICE_M)
    room.compute_rir()
    responses = [np.asarray(room.rir[0][n], np.float32) for n in range(len(PLACES_M))]
    return tuple(r / np.sqrt(np.sum(r**2)) for r in responses)


def ways(clip: Samples) -> Iterator[Heard]:
    """The clip dry, and as heard from each place at each level; offsets go round."""
    yield Heard("dry", _on_noise(clip, 0.0, OFFSETS_S[0], 0))
    count = 0
    for place, response in enumerate(impulse_responses()):
        wet = np.asarray(scipy.signal.fftconvolve(clip, response), np.float32)
        for level_db in LEVELS_DB:
            offset_s = OFFSETS_S[count % len(OFFSETS_S)]
            count += 1
            how = f"place {place + 1}, {level_db:g} dB, +{1000 * offset_s:g} ms"
            yield Heard(how, _on_noise(wet, level_db, offset_s, count))


def _on_noise(speech: Samples, level_db: float, offset_s: float, seed: int) -> NDArray[np.int16]:
    before = round((BEFORE_S + offset_s) * RATE_HZ)
    padded = np.pad(speech, (before, round(AFTER_S * RATE_HZ))).astype(np.float64)
    noise_dbfs = active_level_dbfs(speech, RATE_HZ) - SNR_DB
    noise = np.random.Generator(np.random.PCG64(seed)).standard_normal(padded.size)
    mix = (padded + noise * 10 ** (noise_dbfs / 20)) * 10 ** (level_db / 20)
    return np.clip(np.round(mix * 32767), -32768, 32767).astype(np.int16)


def wakes(engine: str, pcm: NDArray[np.int16]) -> bool:
    """Whether an engine (mww, oww, ppn) hears "Alexa" in a stream of its own."""
    return {"mww": _mww, "oww": _oww, "ppn": _ppn}[engine](pcm)


def _mww(pcm: NDArray[np.int16]) -> bool:
    from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

    word, features = MicroWakeWord.from_builtin(Model.ALEXA), MicroWakeWordFeatures()
    woken = False
    for start in range(0, pcm.size - 159, 160):
        for feature in features.process_streaming(pcm[start : start + 160].tobytes()):
            woken = bool(word.process_streaming(feature)) or woken
    word.close()
    return woken


@cache
def _oww_models() -> tuple[Any, Any, Any]:
    import onnxruntime

    # Found without importing the package, which would want scikit-learn.
    spec = find_spec("openwakeword")
    if spec is None or spec.origin is None:
        raise CorpusError("openwakeword 0.5.1 is not installed; run `make test` once")
    folder = Path(spec.origin).parent / "resources" / "models"
    names = ("melspectrogram", "embedding_model", "alexa_v0.1")
    return tuple(onnxruntime.InferenceSession(str(folder / f"{name}.onnx")) for name in names)


def _oww(pcm: NDArray[np.int16]) -> bool:
    """openWakeWord's three stages on the whole stream: 10 ms mel frames, an embedding of 76 of
    them every 8, a score for every 16 embeddings.
    """
    mel_model, embedding_model, word_model = _oww_models()
    (mel,) = mel_model.run(None, {"input": pcm.astype(np.float32)[None, :]})
    frames = mel.reshape(-1, 32) / 10.0 + 2.0
    windows = np.stack([frames[n : n + 76] for n in range(0, len(frames) - 75, 8)])
    (vectors,) = embedding_model.run(None, {"input_1": windows[..., None].astype(np.float32)})
    vectors = vectors.reshape(-1, 96)
    name = word_model.get_inputs()[0].name
    scores = [
        float(word_model.run(None, {name: vectors[None, n : n + 16]})[0].item())
        for n in range(len(vectors) - 15)
    ]
    return max(scores) >= 0.5


def _ppn(pcm: NDArray[np.int16]) -> bool:
    import pvporcupine  # type: ignore[import-untyped]

    engine = pvporcupine.create(keywords=["alexa"], sensitivities=[0.5])
    step = engine.frame_length
    starts = range(0, pcm.size - step + 1, step)
    woken = any([engine.process(pcm[n : n + step]) >= 0 for n in starts])
    engine.delete()
    return woken


@cache
def _recogniser() -> Any:
    from moonshine_voice import ModelArch, Transcriber

    return Transcriber(str(files("moonshine_voice") / "assets" / "tiny-en"), ModelArch.TINY)


def transcript(pcm: NDArray[np.int16]) -> str:
    """What moonshine makes of it, cut out as a device's endpointing would: the speech, with
    0.3 s before and 0.6 s after.
    """
    first, last = round((BEFORE_S - 0.3) * RATE_HZ), pcm.size - round((AFTER_S - 0.6) * RATE_HZ)
    samples = (pcm[first:last].astype(np.float32) / 32768.0).tolist()
    lines = _recogniser().transcribe_without_streaming(samples, RATE_HZ).lines
    return " ".join(line.text.strip() for line in lines).strip()


def words(text: str) -> list[str]:
    """The words of a text for comparison: lower case, no punctuation, digits spelled."""
    spelled = text.lower().replace("10", "ten").replace("'s", " is")
    return re.findall(r"[a-z0-9]+", spelled.replace("'", ""))


def word_errors(said: str, heard: str) -> int:
    """Word edits from one text to the other."""
    return int(Levenshtein.distance(words(said), words(heard)))


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one clip: wakes of each engine and word errors, dry and in the room."""

    voice: str
    text: str
    dry: dict[str, bool]
    room: dict[str, int]
    plays: int
    dry_errors: int
    room_errors: int
    right: int
    misheard: tuple[str, ...]


def measured(voice: str, text: str, path: Path, recognise: Iterable[int]) -> Measured:
    """Measure one clip; `recognise`: which of its room plays are transcribed."""
    plays = list(ways(read_clip(path, RATE_HZ)))
    woken = {e: [wakes(e, play.pcm) for play in plays] for e in ENGINES}
    chosen = [plays[0], *(plays[1 + n] for n in recognise)]
    heard = [transcript(play.pcm) for play in chosen]
    errors = [word_errors(text, h) for h in heard]
    return Measured(
        voice,
        text,
        {e: w[0] for e, w in woken.items()},
        {e: sum(w[1:]) for e, w in woken.items()},
        len(plays) - 1,
        errors[0],
        sum(errors[1:]),
        sum(e == 0 for e in errors),
        tuple(sorted({h for h, e in zip(heard, errors, strict=True) if e})),
    )


def main(argv: Sequence[str] | None = None) -> None:
    """Measure the clips whose text or voice matches, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("match", nargs="?", default="", help="part of voice or text; all if none")
    parser.add_argument("--every", type=int, default=3, help="transcribe every n-th room play")
    options = parser.parse_args(argv)
    here = Path(__file__).parent
    for clip in json.loads((here / "manifest.json").read_text("utf-8"))["clips"]:
        if options.match.lower() in f"{clip['voice']} {clip['text']}".lower():
            path = here / clip["file"]
            result = measured(clip["voice"], clip["text"], path, range(0, 12, options.every))
            print(row(result), flush=True)


def row(m: Measured) -> str:
    """One row of the table."""
    verdicts = " | ".join(f"{'yes' if m.dry[e] else 'no'}, {m.room[e]}/{m.plays}" for e in ENGINES)
    misheard = "; ".join(m.misheard)
    return f"| {m.voice} | {m.text} | {verdicts} | {m.dry_errors} | {m.room_errors} | {misheard} |"


if __name__ == "__main__":
    main()
