"""What was found of a rig before and after a session: on the disk as soon as it is known.

A session that dies leaves the half of it, and who reads that is told so.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.evidence.disk import write_private
from harness.model.timeline import Control
from harness.report.check_words import check_line
from harness.series.health import Look, clock_agreement

FOLDER = "rig-health"
_STAMP = "%Y-%m-%dT%H-%M-%S"
_FELL, _NEAR = 2.0, 3.0
_MORE_IS_BETTER = ("disk_space", "disk_speed")


@dataclass
class SessionHealth:
    """The looks at a rig of one session. `plays`: names of the evidence folders, first play first.

    `root`: the folder that evidence goes to; the record lies in its folder `rig-health`.
    """

    rig: str
    root: Path
    before: Look
    after: Look | None = None
    plays: list[str] = field(default_factory=list)
    _controls: list[tuple[Control, ...]] = field(default_factory=list)

    @property
    def path(self) -> Path:
        """The record as JSON; beside it lies the same in words, as `.txt`."""
        stamp = datetime.fromtimestamp(self.before.unix_s, UTC).strftime(_STAMP)
        return self.root / FOLDER / f"{stamp}-{self.rig}-{os.getpid()}.json"

    def played(self, evidence: str, controls: tuple[Control, ...]) -> None:
        """A play has ended, with these controls."""
        self.plays.append(evidence)
        self._controls.append(controls)

    def end(self, look: Look) -> None:
        """The look after the session, to which is added what the plays measured of the clocks."""
        clocks = clock_agreement(self._controls)
        checks = look.checks if clocks is None else (*look.checks, clocks)
        self.after = Look(look.unix_s, checks, look.took_s)

    @property
    def well(self) -> bool:
        """Whether all that must hold did, before and after."""
        return not self.before.broken and self.after is not None and not self._worse()

    def _worse(self) -> tuple[Control, ...]:
        """What does not hold after the session, or could not be looked at any more."""
        assert self.after is not None
        there = {check.name for check in self.after.checks}
        gone = tuple(check for check in self.before.checks if check.name not in there)
        return (*self.after.broken, *gone)

    @property
    def answer(self) -> str:
        """Whether the rig is well, and whether it got worse, in a sentence."""
        if self.after is None:
            return "not looked at after the session, which was cut short" + _and(self.before)
        if self.well:
            fell = "".join(f"; {told}" for told in self._fell())
            return f"well before and after the session ({len(self.after.checks)} checks{fell})"
        known = {check.name for check in self.before.checks}
        sick = {check.name for check in self.before.broken}
        new = [check for check in self._worse() if check.name not in sick]
        if new:
            told = "; ".join(f"{check.name}: {check.detail}" for check in new)
            worse = any(check.name in known for check in new)
            how = "got worse between start and end" if worse else "not well at the end"
            return f"{how} of the session: {told}" + _and(self.before)
        return f"not well{_and(self.before, ' before the session')}"

    def _fell(self) -> Iterator[str]:
        """What is much less than it was, and enough for hardly longer."""
        assert self.after is not None
        was = {check.name: check.measured for check in self.before.checks}
        for check in self.after.checks:
            before, now = was.get(check.name), check.measured
            if check.name not in _MORE_IS_BETTER or before is None or now is None:
                continue
            if now * _FELL < before and now < _NEAR * (check.limit or 0.0):
                yield f"{check.name} fell from {before:g} to {now:g} {check.unit}"

    def content(self) -> Mapping[str, Any]:
        """The record as it is written."""
        return {
            "rig": self.rig,
            "well": self.well,
            "answer": self.answer,
            "plays": self.plays,
            "before": asdict(self.before),
            "after": None if self.after is None else asdict(self.after),
        }

    def as_json(self) -> str:
        """The record as JSON."""
        return json.dumps(self.content(), indent=1, ensure_ascii=False) + "\n"

    def as_text(self) -> str:
        """The record in words."""
        looks = [("Before the first play", self.before)]
        looks += [("After the last play", self.after)] if self.after is not None else []
        lines = [f"{self.rig}: {self.answer}."]
        for when, look in looks:
            at = datetime.fromtimestamp(look.unix_s, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
            lines += ["", f"{when}, {at}, in {look.took_s:.1f} s:", *map(check_line, look.checks)]
        return "\n".join(lines) + "\n"

    def write(self) -> None:
        """Write it as far as it is known. Raises `OSError` where it cannot be written."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(self.path, self.as_json().encode())
        write_private(self.path.with_suffix(".txt"), self.as_text().encode())


def _and(look: Look, when: str = "; not well before it") -> str:
    return f"{when}: {look.trouble}" if look.trouble else ""


def trouble_told(content: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Of a record as it was written: the trouble before and after; None for well.

    One that has no look after the session says so there. Raises `KeyError` or `TypeError` for what
    is no such record.
    """
    before, after = content["before"], content["after"]
    if after is None:
        return _broken(before), "the session was cut short, and the rig not looked at after it"
    found = _broken(after)
    return _broken(before), found or (None if content["well"] else str(content["answer"]))


def _broken(look: Mapping[str, Any]) -> str | None:
    checks = tuple(Control(**check) for check in look["checks"])
    return Look(look["unix_s"], checks, look["took_s"]).trouble
