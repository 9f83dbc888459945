"""Wake-word engines behind one small interface; each finds "Alexa".

microWakeWord is the usual first engine; openWakeWord and Porcupine are selectable and serve as
the second opinion of the verified firmware. Their packages are imported only when selected.
"""

import importlib.util
import platform
from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from rigs.reference_device.errors import SetupError

Pcm = NDArray[np.int16]

ENGINES = ("microwakeword", "openwakeword", "porcupine")


class WakeEngine(Protocol):
    """Hears 16 kHz sound, block by block, and says how sure it is of the wake word."""

    cutoff: float

    def score(self, pcm: Pcm) -> float:
        """Take the next samples (int16, 16 kHz, any number); the highest score (0..1) in them."""
        ...


class MicroWakeWordEngine:
    """microWakeWord "alexa" by pymicro-wakeword; the model's own cut-off and window."""

    def __init__(self, cutoff: float = 0.9) -> None:
        from pymicro_wakeword import MicroWakeWord, MicroWakeWordFeatures, Model

        self.cutoff = cutoff
        self._model = MicroWakeWord.from_builtin(Model.ALEXA)
        self._features = MicroWakeWordFeatures()

    def score(self, pcm: Pcm) -> float:
        """Highest mean probability of the model's sliding window in these samples."""
        best = 0.0
        for feature in self._features.process_streaming(pcm.tobytes()):
            best = max(best, self._model.process_streaming_prob(feature) or 0.0)
        return best

    def __del__(self) -> None:
        """Free what the library holds."""
        if hasattr(self, "_model"):
            self._model.close()


class OpenWakeWordEngine:
    """openWakeWord 0.5.1's alexa_v0.1.onnx on plain onnxruntime, without its own Python code.

    Three networks in a row: mel spectrogram (10 ms frames), speech embedding (76 frames every
    80 ms), and the word itself (16 embeddings). Constants are those of the package.
    """

    _CHUNK = 1280
    _OVERLAP = 480

    def __init__(self, cutoff: float = 0.5) -> None:
        self.cutoff = cutoff
        folder = package_folder("openwakeword") / "resources" / "models"
        self._mel = _session(folder / "melspectrogram.onnx")
        self._embed = _session(folder / "embedding_model.onnx")
        self._word = _session(folder / "alexa_v0.1.onnx")
        self._pending = np.zeros(0, np.int16)
        self._tail = np.zeros(self._OVERLAP, np.int16)
        self._frames = np.ones((76, 32), np.float32)
        self._embeddings: deque[NDArray[np.float32]] = deque(maxlen=16)

    def score(self, pcm: Pcm) -> float:
        """Highest score of the 80 ms chunks that these samples complete."""
        best = 0.0
        self._pending = np.concatenate([self._pending, pcm])
        while self._pending.size >= self._CHUNK:
            chunk, self._pending = np.split(self._pending, [self._CHUNK])
            best = max(best, self._chunk(chunk))
        return best

    def _chunk(self, chunk: Pcm) -> float:
        window = np.concatenate([self._tail, chunk])
        self._tail = window[-self._OVERLAP :]
        mel = _run(self._mel, window[None, :].astype(np.float32)).reshape(-1, 32) / 10.0 + 2.0
        self._frames = np.concatenate([self._frames, mel])[-76:]
        self._embeddings.append(_run(self._embed, self._frames[None, :, :, None]).reshape(96))
        if len(self._embeddings) < 16:
            return 0.0
        return float(_run(self._word, np.stack(tuple(self._embeddings))[None]).reshape(-1)[0])


class PorcupineEngine:
    """Porcupine 1.9 "alexa" (needs no access key); its answer is yes or no.

    At a sensitivity of 0.9 it passes what the first engine passes and still hears no "Alexa" in
    "It is unacceptable": docs/reference-device.md has the figures.
    """

    def __init__(self, sensitivity: float = 0.9) -> None:
        folder = package_folder("pvporcupine")
        library, keyword = _porcupine_files(folder)
        self.cutoff = 0.5
        self._porcupine = _porcupine_class(folder)(
            library_path=str(library),
            model_path=str(folder / "lib" / "common" / "porcupine_params.pv"),
            keyword_paths=[str(keyword)],
            sensitivities=[sensitivity],
        )
        self._pending = np.zeros(0, np.int16)

    def score(self, pcm: Pcm) -> float:
        """1.0 when the word ended in these samples, else 0.0."""
        found = False
        size = self._porcupine.frame_length
        self._pending = np.concatenate([self._pending, pcm])
        while self._pending.size >= size:
            frame, self._pending = np.split(self._pending, [size])
            found |= self._porcupine.process(frame.tolist()) >= 0
        return 1.0 if found else 0.0

    def __del__(self) -> None:
        """Free what the library holds."""
        if hasattr(self, "_porcupine"):
            self._porcupine.delete()


def make_engine(name: str) -> WakeEngine:
    """The engine of that name (one of `ENGINES`); `SetupError` when its package is missing."""
    makers: dict[str, Callable[[], WakeEngine]] = {
        "microwakeword": MicroWakeWordEngine,
        "openwakeword": OpenWakeWordEngine,
        "porcupine": PorcupineEngine,
    }
    try:
        return makers[name]()
    except ImportError as error:
        raise SetupError(f"wake engine {name}: {error}; install its package") from error


def package_folder(name: str) -> Path:
    """Where a package lies, without importing it (its own imports may be heavy or fail)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise SetupError(f"the package {name} is not installed; install it (pip install {name})")
    return Path(spec.submodule_search_locations[0])


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(
        str(path), sess_options=options, providers=["CPUExecutionProvider"]
    )


def _run(session: Any, values: NDArray[np.float32]) -> NDArray[np.float32]:
    name = session.get_inputs()[0].name
    result: NDArray[np.float32] = session.run(None, {name: values.astype(np.float32)})[0]
    return result


@cache
def _porcupine_class(folder: Path) -> Any:
    # pvporcupine's __init__ raises on a Raspberry Pi 5 (an unknown core); its class is fine.
    spec = importlib.util.spec_from_file_location("_porcupine", folder / "porcupine.py")
    if spec is None or spec.loader is None:
        raise SetupError(f"pvporcupine at {folder} has no porcupine.py; install pvporcupine 1.9.5")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Porcupine


def _porcupine_files(folder: Path) -> tuple[Path, Path]:
    machine = platform.machine()
    names = {"x86_64": ("linux/x86_64", "linux"), "aarch64": _PI_64}
    if machine not in names:
        raise SetupError(f"Porcupine has no library for {machine}; use --wake-engine microwakeword")
    library, keyword = names[machine]
    return (
        folder / "lib" / library / "libpv_porcupine.so",
        folder / "resources" / "keyword_files" / keyword / f"alexa_{keyword}.ppn",
    )


_PI_64 = ("raspberry-pi/cortex-a72-aarch64", "raspberry-pi")
