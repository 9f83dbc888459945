"""How long a piece of sound is, and the samples in it."""

import io
import wave

SPEECH_RATE_HZ = 16_000
SPEECH_BYTES_A_SECOND = SPEECH_RATE_HZ * 2


def wav_seconds(wav: bytes) -> float | None:
    """Seconds of sound in a WAV file, by what is there rather than by what its header claims.

    None when it is no WAV file. Headers written while streaming claim 0 or 2^32-1 bytes.
    """
    if len(wav) < 12 or wav[:4] != b"RIFF" or wav[8:12] != b"WAVE":
        return None
    bytes_a_second = 0
    at = 12
    while at + 8 <= len(wav):
        name, size = wav[at : at + 4], int.from_bytes(wav[at + 4 : at + 8], "little")
        body = at + 8
        if name == b"fmt " and body + 12 <= len(wav):
            bytes_a_second = int.from_bytes(wav[body + 8 : body + 12], "little")
        if name == b"data":
            there = len(wav) - body
            sound = there if size in (0, 0xFFFFFFFF) else min(size, there)
            return sound / bytes_a_second if bytes_a_second else None
        at = body + size + size % 2
    return None


def samples_of(audio: bytes) -> bytes:
    """The samples (s16le, 16 kHz, mono) of a WAV file; what is no such file stays as it is."""
    try:
        with wave.open(io.BytesIO(audio)) as file:
            form = file.getnchannels(), file.getsampwidth(), file.getframerate()
            return file.readframes(file.getnframes()) if form == (1, 2, SPEECH_RATE_HZ) else audio
    except (wave.Error, EOFError):
        return audio
