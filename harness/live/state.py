"""What a watcher knows: facts and packets folded into sections that page and terminal show.

Pure and bounded: however long a play is, no more is kept than can be shown.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from harness.live.chain import LiveChain
from harness.live.frames import Frame
from harness.live.plain import plain
from harness.live.wire import OWN, LiveWire
from harness.model.live import (
    ControlTold,
    DeedTold,
    Fact,
    Levels,
    LightShown,
    LineHandedOver,
    LineLeftOut,
    LinkRuled,
    LivePrompt,
    OwnFlow,
    PhaseBegan,
    PlaceInSeries,
    PlayBegan,
    PlayRuled,
    PromptsFound,
    SceneBegan,
    TimeLeft,
    Untold,
)

Section = dict[str, Any]
_LEVELS, _SAID, _TOLD, _DESTINATIONS = 240, 40, 60, 8
_LAG_S = 1.0


@dataclass(frozen=True, slots=True)
class _Line:
    start_s: float
    end_s: float
    why: str = ""


class Watched:
    """One play as it is known by now. Times inside are since the play began."""

    def __init__(self, began: PlayBegan) -> None:
        self.began = began
        self._script = {line.id: line for line in began.lines}
        self.wire = LiveWire(began.device_address, began.canary_port, began.unix_s)
        self.capture_trouble = ""
        self._now_s = 0.0
        self._phase = "the play begins"
        self._scene_s: float | None = None
        self._levels: dict[str, deque[float]] = {}
        self._lines: dict[str, _Line] = {}
        self._prompts: tuple[LivePrompt, ...] = ()
        self._told: deque[tuple[float, str]] = deque(maxlen=_TOLD)
        self._light = ""
        self._controls: dict[tuple[str, str], ControlTold] = {}
        self._left: TimeLeft | None = None
        self._watched_whole = False
        self._place: PlaceInSeries | None = None
        self._chain = LiveChain()
        self._ruled: PlayRuled | None = None
        self._untold = 0
        self._why_untold = ""

    # Taking facts in ----------------------------------------------------------------------------

    def take(self, fact: Fact) -> None:
        """Something more is known."""
        at_s = getattr(fact, "at_s", None)
        if isinstance(at_s, float) and not isinstance(fact, LinkRuled):
            self._now_s = max(self._now_s, at_s)
        match fact:
            case Levels():
                self._take_levels(fact)
            case PromptsFound():
                self._take_prompts(fact.prompts)
            case LineHandedOver() | LineLeftOut():
                self._take_line(fact)
            case PhaseBegan():
                self._phase = plain(fact.what)
                self._watched_whole = self._left is not None and "watching" not in fact.what
            case SceneBegan():
                self._scene_s = fact.at_s
            case LightShown():
                self._light = plain(fact.light, 40)
                self._told.append((fact.at_s, f"light: {self._light}"))
            case DeedTold():
                self._told.append((fact.at_s, plain(fact.what)))
            case ControlTold():
                self._controls[fact.phase, fact.name] = fact
            case OwnFlow():
                self.wire.owns(fact)
            case TimeLeft():
                self._left, self._watched_whole = fact, False
            case PlaceInSeries():
                self._place = fact
            case LinkRuled():
                self._chain.ruled(fact)
            case PlayRuled():
                self._ruled = fact
            case Untold():
                self._untold, self._why_untold = self._untold + fact.count, plain(fact.why)
            case _:
                pass

    def packet(self, frame: Frame) -> None:
        """A packet passed."""
        self.wire.take(frame)

    def _take_levels(self, fact: Levels) -> None:
        for name, level_db in fact.dbfs.items():
            kept = self._levels.setdefault(plain(name, 40), deque(maxlen=_LEVELS))
            kept.append(level_db)

    def _take_prompts(self, newest: tuple[LivePrompt, ...]) -> None:
        since_s = newest[0].start_s if newest else 0.0
        before = tuple(each for each in self._prompts if each.start_s < since_s)
        self._prompts = (*before, *newest)[-_SAID:]
        self._chain.prompts(self._prompts)

    def _take_line(self, fact: LineHandedOver | LineLeftOut) -> None:
        if isinstance(fact, LineLeftOut):
            self._lines[fact.id] = _Line(fact.at_s, fact.at_s, plain(fact.why))
            return
        self._lines[fact.id] = _Line(fact.start_s, fact.end_s)
        line = self._script.get(fact.id)
        if line is not None:
            self._chain.line(line, fact.start_s)

    # Giving sections out ------------------------------------------------------------------------

    def sections(self) -> dict[str, Section]:
        """What is shown, each by its name; all of it can be written as JSON."""
        return {
            "head": self._head(),
            "levels": self._shown_levels(),
            "said": self._said(),
            "chain": self._shown_chain(),
            "wire": self._shown_wire(),
            "controls": self._shown_controls(),
            "ruling": self._ruling(),
        }

    def _head(self) -> Section:
        place, began = self._place, self.began
        night = None
        if place is not None:
            most = f" of {place.most}" if place.most is not None else ""
            night = f"play {place.number}{most}"
        return {
            "scene": plain(began.scene),
            "title": plain(began.title),
            "rig": plain(began.rig),
            "device": f"{plain(began.device)}, firmware {plain(began.firmware, 80)}",
            "phase": "ruled" if self._ruled is not None else self._phase,
            "at_s": round(self._scene_time(self._now_s)),
            "in_scene": self._scene_s is not None,
            "left": self._left_in_words(),
            "light": self._light,
            "place": night,
            "until_unix_s": None if place is None else place.until_unix_s,
            "untold": self._untold,
            "why_untold": self._why_untold,
        }

    def _left_in_words(self) -> tuple[str, int] | None:
        """What the time that is left is of, and about how long it is (s)."""
        if self._ruled is not None or self._watched_whole:
            return None
        if self._left is not None:
            return "watching", max(0, round(self._left.left_s - (self._now_s - self._left.at_s)))
        if self._scene_s is None:
            return "scene, once the controls hold", round(self.began.scene_s + self.began.watch_s)
        left_s = self.began.scene_s - (self._now_s - self._scene_s)
        return "scene and watch, about", max(0, round(max(left_s, 0.0) + self.began.watch_s))

    def _shown_levels(self) -> Section:
        """The newest level of each channel, its peak of the last minute, and that minute."""
        return {
            "channels": [
                {"name": name, "now": kept[-1], "most": max(kept), "last": list(kept)[-120:]}
                for name, kept in self._levels.items()
            ]
        }

    def _said(self) -> Section:
        """The conversation by now, newest last, and what is being said."""
        rows = [*self._said_lines(), *self._said_prompts()]
        rows += [self._row(at_s, "bench", text, "bench") for at_s, text in self._told]
        rows.sort(key=lambda row: float(row["at_s"]))
        done = len(self._lines)
        return {"rows": rows[-_SAID:], "lines": len(self.began.lines), "done": done}

    def _said_lines(self) -> Iterator[Section]:
        for line_id, at in list(self._lines.items())[-_SAID:]:
            line = self._script.get(line_id)
            if line is None:
                continue
            kind = "left out" if at.why else "to the device" if line.to_device else "said"
            now = at.start_s <= self._now_s + _LAG_S and self._now_s <= at.end_s
            who, text = plain(line.who, 60), plain(line.says)
            yield self._row(at.start_s, who, text, kind, at.why, now=now and not at.why)

    def _said_prompts(self) -> Iterator[Section]:
        for prompt in self._prompts:
            text = plain(prompt.text) or "(words that are on no file)"
            role = plain(prompt.role, 40).replace("_", " ")
            yield self._row(prompt.start_s, "device", text, "device", role)

    def _row(
        self, at_s: float, who: str, text: str, kind: str, why: str = "", *, now: bool = False
    ) -> Section:
        at_s = round(self._scene_time(at_s), 1)
        return {"at_s": at_s, "who": who, "text": text, "kind": kind, "why": why, "now": now}

    def _shown_chain(self) -> Section:
        return {
            "chains": [
                {
                    "title": title,
                    "links": [
                        {
                            "name": link.name,
                            "state": link.state,
                            "at_s": self._link_time(link.at_s),
                            "said": link.said,
                        }
                        for link in links
                    ],
                }
                for title, links in self._chain.links()[:5]
            ]
        }

    def _link_time(self, at_s: float | None) -> float | None:
        """In scene time; what was ruled is in it already."""
        if at_s is None:
            return None
        return round(at_s if self._ruled is not None else self._scene_time(at_s), 1)

    def _shown_wire(self) -> Section:
        """Destinations by what was sent to them, each over the time of the play."""
        found = sorted(self.wire.destinations.items(), key=lambda kv: (kv[0] == OWN, -kv[1].sent))
        last = max((max(d.spans) for _, d in found if d.spans), default=0)
        return {
            "span_s": self.wire.span_s,
            "has_tap": bool(self.began.capture),
            "trouble": self.capture_trouble,
            "more": max(0, len(found) - _DESTINATIONS),
            "rows": [
                {
                    "name": name,
                    "own": name == OWN,
                    "sent": each.sent,
                    "received": each.received,
                    "over": [each.spans.get(i, [0, 0])[0] for i in range(last + 1)],
                }
                for name, each in found[:_DESTINATIONS]
            ],
        }

    def _shown_controls(self) -> Section:
        return {
            "rows": [
                {
                    "phase": plain(each.phase, 40),
                    "name": plain(each.name, 80).replace("_", " "),
                    "held": each.held,
                    "detail": plain(each.detail),
                }
                for each in self._controls.values()
            ]
        }

    def _ruling(self) -> Section:
        ruled = self._ruled
        if ruled is None:
            return {"outcome": None}
        return {
            "outcome": plain(ruled.outcome, 40),
            "messages": plain(ruled.messages, 40),
            "uploads": plain(ruled.uploads, 40),
            "headline": plain(ruled.headline),
            "violations": [plain(one) for one in ruled.violations[:20]],
            "folder": plain(ruled.folder, 200),
        }

    def _scene_time(self, at_s: float) -> float:
        return at_s - (self._scene_s or 0.0)
