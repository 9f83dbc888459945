"""Holds a switch in a process of its own, and leaves it safe when the harness is gone.

A harness that is killed cannot tidy up. So it does not hold the switch itself: this process does,
and when its standard input ends, for whatever reason, it puts the contact as the rig file wants it
left. JSON lines: `{"set": true, "id": 1}`, `{"read": true, "id": 2}`,
`{"identify": true, "id": 3}` and `{"quit": true}`.
Usage: python -m harness.bench.drivers.switches.keeper DRIVER OPTIONS FOLDER LEAVE
with OPTIONS as JSON, and LEAVE `closed`, `open` or `as-it-is`.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.bench.drivers.registry import Place, open_driver
from harness.bench.drivers.switches.switch import Switch
from harness.bench.drivers.worker_process import WorkerProcess
from harness.clock import RealClock
from harness.errors import RigError, SaysoError

LEAVE = {"closed": True, "open": False, "as-it-is": None}


class KeptSwitch(Switch):
    """The harness's end: a switch that is left safe when the harness dies."""

    def __init__(self, driver: str, options: Mapping[str, Any], leave: str, folder: Path) -> None:
        """Start the keeper, with its log in `folder`; `RigError` when it cannot open the hardware.

        `driver`: a power driver by name; `options`: as the rig file has them.
        """
        self._worker = WorkerProcess(
            "power keeper",
            "harness.bench.drivers.switches.keeper",
            [driver, json.dumps(dict(options)), str(folder.absolute()), leave],
            {},
            folder / "power.log",
            outlives_us=True,
        )
        try:
            ready = self._worker.await_ready(10.0)
            self.reads_back, self.clicks = bool(ready["reads_back"]), bool(ready["clicks"])
        except BaseException:
            self._worker.stop()
            raise

    def set(self, closed: bool) -> None:
        """Have it switched."""
        self._ask(set=closed)

    def read(self) -> bool | None:
        """Have it asked."""
        closed: bool | None = self._ask(read=True)
        return closed

    def identify(self) -> str:
        """What the hardware says it is."""
        return str(self._ask(identify=True))

    def close(self) -> None:
        """End the keeper, which leaves the contact as it was told to at its start."""
        self._worker.stop()

    def _ask(self, **command: Any) -> Any:
        answer = self._worker.ask(20.0, **command)
        if "refused" in answer:
            raise RigError(answer["refused"])
        return answer["is"]


def _obey(switch: Switch) -> None:
    for line in sys.stdin:
        command = json.loads(line)
        if "quit" in command:
            return
        try:
            answer = {"is": _do(switch, command)}
        except SaysoError as error:
            answer = {"refused": str(error)}
        print(json.dumps({**answer, "id": command["id"]}), flush=True)


def _do(switch: Switch, command: dict[str, Any]) -> bool | str | None:
    if "set" in command:
        switch.set(bool(command["set"]))
        return bool(command["set"])
    return switch.read() if "read" in command else switch.identify()


def main() -> int:
    """Serve until standard input ends; then leave the contact safe."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # standard input says when it is over
    driver, options, folder, leave = sys.argv[1:]
    place = Place(RealClock(), Path(folder), os.environ)
    try:
        switch = open_driver("power", driver, json.loads(options), place)
    except SaysoError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return 1
    ready = {"ready": True, "reads_back": switch.reads_back, "clicks": switch.clicks}
    print(json.dumps(ready), flush=True)
    try:
        _obey(switch)
    finally:
        safe = LEAVE[leave]
        if safe is not None:
            switch.set(safe)
        switch.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
