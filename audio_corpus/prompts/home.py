"""Everything in a recording but the device: loudspeakers through the room, and noise."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from audio_corpus.prompts.air import Air, Drift, Queue, distorted
from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.recordings import Recording
from audio_corpus.prompts.rooms import LOUDSPEAKERS
from audio_corpus.prompts.sources import (
    TALKERS,
    Source,
    dishes,
    fridge,
    talker,
    television,
)
from harness.bench.ports.sound import Samples
from harness.scene.clips import ACTIVE_LEVEL_DBFS

# What a clip's samples may reach; the same for all, so that a loudspeaker bends alike for all.
_PEAK = 0.5
_TELEVISION_DB, _DISHES_DB = -4.0, -8.0
_DRAWN_DB = 2.0


@dataclass(frozen=True, slots=True)
class Around:
    """A block of what is there without the device. `references`: what each loudspeaker played,
    dry; `stimulus`, `noise`: a row for each microphone.
    """

    references: dict[str, Samples]
    stimulus: Samples
    noise: Samples


class Home:
    """Loudspeakers, room and noise of one recording. `responses`: as `rooms.responses` gives."""

    def __init__(
        self, recording: Recording, store: Store, rate_hz: int, responses: Samples, block: int
    ) -> None:
        self._recording, self._store, self._rate = recording, store, rate_hz
        self._responses, self._block = responses, block
        # Where the device is to be far over everything else, everything else is softer.
        self._level_db = -9.0 - 0.75 * (recording.conditions.snr_db - 5.0)

    def blocks(self) -> Iterator[Around]:
        """Blocks without end, each as long as the home was told."""
        sources, conditions = self._sources(), self._recording.conditions
        microphones = self._responses.shape[1]
        late = np.zeros((microphones, round(conditions.delay_s * self._rate)), dtype=np.float32)
        drift = Drift(microphones, conditions.drift_ppm, self._rate)
        played, stimulus = Queue(len(sources)), Queue(microphones)
        stimulus.put(drift.push(late))
        air, noise = self._air(sources), self._noise()
        while True:
            while len(stimulus) < self._block or len(played) < self._block:
                dry = np.stack([source.take(self._block) for source in sources.values()])
                bent = [distorted(one, conditions.distortion, _PEAK) for one in dry]
                played.put(dry)
                stimulus.put(drift.push(air.push(np.stack(bent))))
            references = dict(zip(sources, played.take(self._block), strict=True))
            yield Around(references, stimulus.take(self._block), next(noise))

    def _air(self, places: Mapping[str, object]) -> Air:
        return Air(self._responses[[LOUDSPEAKERS.index(place) for place in places]], self._block)

    def _sources(self) -> dict[str, Source]:
        """What each loudspeaker plays."""
        split, conditions = self._recording.split, self._recording.conditions
        made: dict[str, Source] = {}
        for place, voice in list(zip(LOUDSPEAKERS, TALKERS, strict=False))[: conditions.talkers]:
            draw = self._recording.draw(place)
            level_db = self._level_db + draw.uniform(-_DRAWN_DB, _DRAWN_DB)
            made[place] = talker(voice, split, self._store, self._rate, draw).at(level_db)
        if conditions.television:
            draw = self._recording.draw("television")
            source = television(split, self._store, self._rate, draw)
            made["television"] = source.at(self._level_db + _TELEVISION_DB)
        if conditions.dishes == "played":
            made["sink"] = self._dishes()
        return made

    def _dishes(self) -> Source:
        source = dishes(self._rate, self._recording.draw("dishes"))
        return source.at(self._level_db + _DISHES_DB)

    def _noise(self) -> Iterator[Samples]:
        """The microphones' own noise, the kitchen's, and the dishes that nobody plays."""
        conditions = self._recording.conditions
        hiss, level = self._recording.draw("noise"), 10 ** (conditions.noise_db / 20)
        hum_db = conditions.hum_db - ACTIVE_LEVEL_DBFS
        kitchen = fridge(self._rate, self._recording.draw("kitchen")).at(hum_db)
        clatter, air = self._dishes(), self._air({"sink": None})
        while True:
            shape = (self._responses.shape[1], self._block)
            noise = hiss.standard_normal(shape, dtype=np.float32) * np.float32(level)
            noise += kitchen.take(self._block)
            if conditions.dishes == "room":
                noise += air.push(clatter.take(self._block)[None, :])
            yield noise
