"""Speech that nobody scripted and no prompt on file explains: whose it was, and what it said.

Looked for only where the finder found any: then the recording is gone through once more, at both
microphones.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from math import dist

import numpy as np
import scipy

from harness.bench.ports.sound import Samples
from harness.ears.apart import DEVICE, LISTENER, Apart, in_chunks, learnt_paths, taken_apart
from harness.ears.audibility import Audibility, measure
from harness.ears.cancel import RATE_HZ, Paths
from harness.ears.elsewhere import is_at_device
from harness.ears.reading import Meaning, Reader, recogniser
from harness.ears.speech import Placement, Speech, compared
from harness.ears.wholeness import steady
from harness.errors import RigError
from harness.model.script import PromptRole
from harness.model.timeline import PromptHeard, SpeechHeard, WhoseVoice
from harness.stage.session import Take

UNFILED = "unfiled"
"""The id of a prompt that is on no file."""

_CHUNK = 60 * RATE_HZ
_LONGEST = 15 * RATE_HZ
_AROUND = RATE_HZ // 5
_NOISE = RATE_HZ // 2
# In less over the rest, what is taken for the device alone is the rest as well.
_CLEAR_DB = 15.0
# Whoever talks all night is not to be listened to to the end.
_MOST = 100


@dataclass(frozen=True, slots=True)
class SpeechClip:
    """The sound of speech, without what was played."""

    name: str
    starts_at_s: float
    samples: Samples
    rate_hz: int = RATE_HZ


@dataclass(frozen=True, slots=True)
class Told:
    """What unscripted speech came to: prompts that could be read, the rest, and its sound."""

    prompts: tuple[PromptHeard, ...] = ()
    speech: tuple[SpeechHeard, ...] = ()
    clips: tuple[SpeechClip, ...] = ()


class UnscriptedSpeech:
    """Goes through the recording of one take's `scene`; the arguments are `PromptSearch`'s.

    `paths`: to the listener, as that search has learnt them.
    """

    def __init__(
        self, take: Take, scene: range, seconds: Callable[[int], float], paths: Paths | None
    ) -> None:
        self._paths = paths
        self._take, self._scene, self._seconds = take, scene, seconds
        self._microphone = take.rig.microphone
        self._step = take.rig.microphone.rate_hz // RATE_HZ
        self._two = DEVICE in take.rig.microphone.channels
        self._placement = _placement(take) if self._two else None
        self._reader: Reader | None = None
        self._on_file: Sequence[PromptHeard] = ()

    def run(self, found: Sequence[Speech], on_file: Sequence[PromptHeard] = ()) -> Told:
        """Tell of each stretch what it was, in order of time.

        `on_file`: prompts that were heard. Whose speech over them is cannot be told.
        """
        self._on_file = on_file
        prompts: list[PromptHeard] = []
        speech: list[SpeechHeard] = []
        clips: list[SpeechClip] = []
        for one, listener, beside in self._sounds(found[:_MOST]):
            clips.append(self._clip(one, listener, len(clips) + 1))
            told = self._told(one, listener, beside, clips[-1].name)
            if isinstance(told, PromptHeard):
                prompts.append(told)
            else:
                speech.append(told)
        many = f"it was not looked at, since there are more than {_MOST} of its kind"
        speech += [self._unknown(one, WhoseVoice.UNATTRIBUTED, many) for one in found[_MOST:]]
        return Told(tuple(prompts), tuple(speech), tuple(clips))

    # Sound: samples at 16 kHz count from the scene's start ------------------------------------

    def _sounds(self, found: Sequence[Speech]) -> Iterator[tuple[Speech, Apart, Apart | None]]:
        """Each stretch with the chunks of both microphones in which it lies."""
        left = list(found)
        besides = self._chunks(DEVICE) if self._two else repeat(None)
        for listener, beside in zip(self._chunks(LISTENER), besides, strict=False):
            end = listener.start + len(listener.residual)
            whole = [one for one in left if listener.last or _until(one) + _NOISE <= end]
            yield from ((one, listener, beside) for one in whole)
            left = left[len(whole) :]

    def _chunks(self, channel: str) -> Iterator[Apart]:
        microphone, positions = self._microphone, self._take.rig.loudspeaker.positions
        paths = self._paths
        if channel != LISTENER:
            paths = learnt_paths(microphone, positions, self._scene, channel)
        pieces = taken_apart(microphone, positions, self._scene, paths, channel)
        overlap = _LONGEST + 2 * _NOISE
        return in_chunks(pieces, _CHUNK + overlap, overlap)

    def _clip(self, one: Speech, listener: Apart, number: int) -> SpeechClip:
        start = max(listener.start, one.start - _NOISE)
        sound = _cut(listener, listener.residual, start, _until(one) + _NOISE)
        return SpeechClip(f"speech-{number}.flac", self._at(start), sound)

    # What it was ------------------------------------------------------------------------------

    def _told(
        self, one: Speech, listener: Apart, beside: Apart | None, clip: str
    ) -> PromptHeard | SpeechHeard:
        if one.doubts:
            why = ", ".join(doubt.value.replace("_", " ") for doubt in one.doubts)
            trouble = f"what was played could not be taken out there ({why}), so it may be that"
            return self._unknown(one, WhoseVoice.UNATTRIBUTED, trouble, clip)
        if self._over_prompt(one):
            trouble = "it sounded while the device spoke, so whose it was cannot be told"
            return self._unknown(one, WhoseVoice.UNATTRIBUTED, trouble, clip)
        whose, trouble = self._whose(one, listener, beside)
        if whose is not WhoseVoice.DEVICE:
            return self._unknown(one, whose, trouble, clip)
        if one.end - one.start > _LONGEST:
            return self._unknown(one, whose, "it is too long to be a prompt", clip)
        return self._read(one, listener, beside or listener, clip)

    def _over_prompt(self, one: Speech) -> bool:
        start_s, end_s = self._at(one.start), self._at(one.end)
        return any(p.start_s < end_s and p.end_s > start_s for p in self._on_file)

    def _whose(self, one: Speech, listener: Apart, beside: Apart | None) -> tuple[WhoseVoice, str]:
        if beside is None:
            return (
                WhoseVoice.UNATTRIBUTED,
                "no microphone stands beside the device, to tell whose",
            )
        if self._placement is None:
            return WhoseVoice.UNATTRIBUTED, "how the device sounds from its place was not learnt"
        span = one.start, _until(one)
        told = compared(
            _cut(listener, listener.residual, *span), _cut(beside, beside.residual, *span)
        )
        if told is None:
            return WhoseVoice.UNATTRIBUTED, "too little of it was at both microphones to tell whose"
        lead_s, louder_db = told
        where = f"{lead_s * 1e3:+.1f} ms earlier and {louder_db:+.0f} dB louder beside the device"
        return self._placement.whose(lead_s, louder_db), f"it was {where}"

    def _read(
        self, one: Speech, listener: Apart, nearest: Apart, clip: str
    ) -> PromptHeard | SpeechHeard:
        # Beside the device the room garbles little: twice as many names are read right.
        sound = _cut(nearest, nearest.residual, one.start - _AROUND, one.end + _AROUND)
        try:
            if self._reader is None:
                self._reader = Reader(recogniser(), self._take.script.household)
            meaning = self._reader.read(sound)
        except RigError as error:
            return self._unknown(one, WhoseVoice.DEVICE, f"it could not be read ({error})", clip)
        trouble = _unreadable(meaning)
        if trouble is not None:
            return self._unknown(one, WhoseVoice.DEVICE, trouble, clip, meaning.text)
        prompt = self._prompt(one, meaning, _audibility(one, listener))
        needed = round((prompt.named_by_s - prompt.start_s) * RATE_HZ)
        whole = steady(_cut(listener, listener.residual, one.start, one.end), needed)
        return replace(prompt, ducked=False if whole else None)

    def _unknown(
        self, one: Speech, whose: WhoseVoice, trouble: str, clip: str | None = None, text: str = ""
    ) -> SpeechHeard:
        start_s, end_s = self._at(one.start), self._at(one.end)
        return SpeechHeard(start_s, end_s, one.level_db, whose, text, trouble, clip)

    def _prompt(self, one: Speech, meaning: Meaning, heard: Audibility | None) -> PromptHeard:
        start_s, end_s = self._at(one.start), self._at(one.end)
        named_s = end_s
        if meaning.named_by_s is not None:
            named_s = min(end_s, start_s - _AROUND / RATE_HZ + meaning.named_by_s)
        said_all = meaning.states_act and meaning.says_full_name
        return PromptHeard(
            prompt_id=UNFILED,
            text=meaning.text,
            role=meaning.role,
            states_act=meaning.states_act,
            named_contact=meaning.named_contact,
            says_full_name=meaning.says_full_name,
            start_s=start_s,
            end_s=end_s,
            named_by_s=named_s,
            score=meaning.reading.confidence,
            level_db=one.level_db,
            estoi=None if heard is None else heard.estoi,
            over_others_db=None if heard is None else heard.over_others_db,
            below_threshold=None if heard is None else heard.below_threshold,
            cut_short=False if said_all else None,
            elsewhere=False,
        )

    def _at(self, sample: int) -> float:
        return self._seconds(self._scene.start + sample * self._step)


def _until(one: Speech) -> int:
    """Its end, or that of as much of it as is looked at."""
    return min(one.end, one.start + _LONGEST)


def _cut(piece: Apart, samples: Samples, start: int, end: int) -> Samples:
    """Samples of a piece; `start` and `end` count from the scene's start."""
    return samples[max(0, start - piece.start) : max(0, end - piece.start)]


def _unreadable(meaning: Meaning) -> str | None:
    """Why a meaning is not to be held for known; None where it is."""
    if meaning.doubts:
        return f"in doubt is {', '.join(sorted(doubt.in_words for doubt in meaning.doubts))}"
    if meaning.role is PromptRole.READ_BACK and meaning.named_contact is None:
        # A name that was garbled is easily taken for none.
        return "it asks for a yes, and no contact's name could be read in it"
    return None


def _audibility(one: Speech, listener: Apart) -> Audibility | None:
    """How well it could be heard; None where that is not known without a recording of it."""
    first, last = one.start - _AROUND, one.end + _AROUND
    doubts = listener.doubts(first - listener.start, last - listener.start)
    if one.over_rest_db < _CLEAR_DB or doubts is None or doubts:
        return None
    before = _cut(listener, listener.residual, first - _NOISE, first)
    speech = _cut(listener, listener.residual, first, last)
    if not len(before):
        return None
    others = _cut(listener, listener.stimulus, first, last) + np.resize(before, len(speech))
    return measure(speech, others.astype(np.float32), RATE_HZ)


def _placement(take: Take) -> Placement | None:
    """How the device sounds from its place: as it answered the control's request, alone."""
    proof = take.proofs[0] if take.proofs else None
    if proof is None or proof.awake is None:
        return None
    microphone, (start, end) = take.rig.microphone, proof.awake
    step = microphone.rate_hz // RATE_HZ
    heard = [
        scipy.signal.resample_poly(microphone.read(channel, start, end - start), 1, step)
        for channel in (LISTENER, DEVICE)
    ]
    told = compared(*(sound.astype(np.float32) for sound in heard))
    if told is None:
        return None
    apart_m = dist(take.rig.file.sound.listener, take.rig.file.device.at)
    return Placement(*told) if is_at_device(*told, apart_m) else None
