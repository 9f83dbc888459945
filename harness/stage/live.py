"""Tells whoever watches how a play gets on, from what the stage knows anyway.

It reads the recording for levels and takes over what the listener has found; it searches for
nothing itself, and asks no part of the bench that might be slow. So a play that is watched is the
same play. Whatever goes wrong here is told to the watcher, and to nobody else.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec

import numpy as np

from harness.bench.ports.canary import CANARY_PORT
from harness.bench.rig import Rig
from harness.ears.listener import PromptListener
from harness.model.live import (
    ControlTold,
    DeedTold,
    Levels,
    LightShown,
    LineHandedOver,
    LineLeftOut,
    LiveLine,
    LivePrompt,
    OwnFlow,
    PhaseBegan,
    PlayBegan,
    PromptsFound,
    SceneBegan,
    TimeLeft,
    Untold,
)
from harness.model.script import Addressee, Script
from harness.stage.clips import Cast
from harness.stage.controls import Proof
from harness.stage.rehearsal import length_s, rehearse
from harness.stage.schedule import Played

_EVERY_S = 0.25
_LONGEST_S = 1.0
_SILENCE_DB = -120.0
# What was said before these was told before, and changes no more.
_NEWEST_PROMPTS = 20
_MOST_AT_ONCE = 60
_P = ParamSpec("_P")


def _quietly(
    tell: "Callable[Concatenate[LiveReport, _P], None]",
) -> "Callable[Concatenate[LiveReport, _P], None]":
    """Nothing that is done for a watcher may cost the play; interrupts pass."""

    def told(self: "LiveReport", /, *args: _P.args, **kwargs: _P.kwargs) -> None:
        if not self.is_on:
            return
        try:
            tell(self, *args, **kwargs)
        except Exception as error:
            self.untold(f"{tell.__name__.strip('_').replace('_', ' ')}: {error}")

    told.__doc__ = tell.__doc__
    return told


class LiveReport:
    """What is told of one play on a rig; to be made when the play begins."""

    def __init__(self, rig: Rig) -> None:
        """`rig.live` is told."""
        self._rig, self._feed = rig, rig.live
        self._rate = rig.microphone.rate_hz
        self.is_on = rig.live.is_followed
        self._began_s = rig.clock.now_s()
        self._due_s = rig.clock.monotonic_s()
        self._zero_s: float | None = None
        self._in_scene = False
        self._read_until: int | None = None
        self._listener: PromptListener | None = None
        self._prompts = self._lights = 0
        self._told_untold: set[str] = set()

    # What is going on -------------------------------------------------------------------------

    @_quietly
    def begin(self, script: Script, cast: Cast, capture: Path) -> None:
        """The play begins."""
        file = self._rig.file
        lengths_s = {key: len(sound) / self._rate for key, sound in cast.lines.items()}
        self._feed.tell(
            PlayBegan(
                unix_s=self._began_s,
                scene=script.id,
                title=script.title,
                rig=file.name,
                device=file.device.called,
                firmware=file.device.firmware,
                device_address=self._rig.device_address,
                canary_port=CANARY_PORT,
                capture="" if "N" in self._rig.untried else str(capture.absolute()),
                scene_s=length_s(rehearse(script, lengths_s)),
                watch_s=max(script.watch_s or 0.0, file.limits.watch_s),
                lines=tuple(
                    LiveLine(
                        line.id,
                        line.who,
                        line.says,
                        line.to is Addressee.DEVICE,
                        tuple(act.value for act in line.acts),
                    )
                    for line in script.lines
                ),
            )
        )

    @_quietly
    def phase(self, what: str) -> None:
        """What is going on now."""
        self._feed.tell(PhaseBegan(self._now_s(), what))

    @_quietly
    def hear_by(self, listener: PromptListener) -> None:
        """Take what the device says from this listener."""
        self._listener = listener

    @_quietly
    def scene_begins(self, index: int) -> None:
        """The scene begins at this index of the recording."""
        self._in_scene = True
        self._feed.tell(SceneBegan(self._at_s(index)))

    @_quietly
    def line(self, played: Played, delay: int) -> None:
        """A line was handed to the loudspeaker, `delay` samples from the listener."""
        start = played.at_index + delay
        end = start + len(played.samples)
        self._feed.tell(LineHandedOver(played.label, self._at_s(start), self._at_s(end)))

    @_quietly
    def left_out(self, line_id: str, why: str) -> None:
        """A line is left unsaid."""
        self._feed.tell(LineLeftOut(self._now_s(), line_id, why))

    @_quietly
    def deed(self, what: str) -> None:
        """Something was done to the device."""
        self._feed.tell(DeedTold(self._now_s(), what))

    @_quietly
    def time_left(self, left_s: float) -> None:
        """So long will be watched yet."""
        self._feed.tell(TimeLeft(self._now_s(), left_s))

    @_quietly
    def proven(self, proof: Proof) -> None:
        """What a round of controls has shown by itself; most of it is read only afterwards."""
        for name, held, detail in _controls(proof, self._rig.untried):
            self._feed.tell(ControlTold(proof.phase, name, held, detail))
        for flow in self._rig.canary_flows():
            own = OwnFlow(flow.source_port, flow.from_unix_s, flow.until_unix_s)
            self._feed.tell(own)

    # What is measured -------------------------------------------------------------------------

    def go_on(self) -> None:
        """Tell what is new, where it is time to; to be called at every moment that is waited."""
        if not self.is_on:
            return
        now_s = self._rig.clock.monotonic_s()
        if now_s < self._due_s:
            return
        self._due_s = now_s + _EVERY_S
        self._levels()
        self._prompts_found()
        self._light()

    @_quietly
    def _levels(self) -> None:
        microphone = self._rig.microphone
        until, now_s = microphone.heard_until(), self._now_s()
        if not self._in_scene:
            # Hearing lags, now more and now less: the least lag is nearest to the truth.
            zero_s = now_s - until / self._rate
            self._zero_s = zero_s if self._zero_s is None else min(self._zero_s, zero_s)
        since = until if self._read_until is None else self._read_until
        since = max(since, until - int(_LONGEST_S * self._rate))
        self._read_until = until
        if until > since:
            names, count = _told(microphone.channels), until - since
            heard = {name: _dbfs(microphone.read(name, since, count)) for name in names}
            self._feed.tell(Levels(round(now_s, 2), heard))

    @_quietly
    def _prompts_found(self) -> None:
        if self._listener is None:
            return
        found = self._listener.found()
        known = hash(tuple((each.start, each.end) for each, _ in found))
        if known == self._prompts:
            return
        self._prompts = known
        told = [
            LivePrompt(self._at_s(said.start), self._at_s(said.end), said.role or "", text)
            for said, text in found[-_NEWEST_PROMPTS:]
        ]
        self._feed.tell(PromptsFound(tuple(told)))

    @_quietly
    def _light(self) -> None:
        panel = self._rig.panel
        events = () if panel is None else panel.events()
        fresh, self._lights = events[self._lights :], len(events)
        for event in fresh[-_MOST_AT_ONCE:]:
            self._feed.tell(LightShown(event.unix_s - self._began_s, event.light))

    def untold(self, why: str) -> None:
        """Something could not be told; each kind is named once."""
        if why not in self._told_untold and len(self._told_untold) < _MOST_AT_ONCE:
            self._told_untold.add(why)
            try:
                self._feed.tell(Untold(0, why))
            except Exception:
                self.is_on = False

    def _now_s(self) -> float:
        return self._rig.clock.now_s() - self._began_s

    def _at_s(self, index: int) -> float:
        """When the sound at an index is heard; by its lag, not by the fitted clock."""
        if self._zero_s is None:
            self._zero_s = self._now_s() - self._rig.microphone.heard_until() / self._rate
        return round(self._zero_s + index / self._rate, 3)


def _told(channels: tuple[str, ...]) -> tuple[str, ...]:
    """The microphones first; what is played beside them."""
    first = [name for name in ("listener", "device") if name in channels]
    return (*first, *(name for name in channels if name not in first))


def _dbfs(samples: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> float:
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return max(_SILENCE_DB, round(10 * float(np.log10(max(power, 1e-12))), 1))


def _controls(proof: Proof, absent: frozenset[str]) -> list[tuple[str, bool | None, str]]:
    """Name, whether it held as far as is known, and a few words."""
    places = ", ".join(chirp.position for chirp in proof.chirps)
    asked = f"asked {proof.tries} time" + ("s" if proof.tries != 1 else "")
    rows: list[tuple[str, bool | None, str]] = [
        ("loudspeakers", None, f"chirps from {places}"),
        ("device answers", proof.awake is not None, asked),
    ]
    if "N" not in absent:
        rows.append(("canary on the link", None, "sent; looked for in the capture afterwards"))
        rows.append(("one clock", None, f"{len(proof.clicks)} clicks with datagrams"))
    if "I" not in absent:
        why = proof.inbox_error
        rows.append(("canary to the inbox", None if why is None else False, why or "sent"))
    return rows
