"""What of a run's capture is the harness's own, and where its clock stands: `wire.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.bench.ports.canary import CanaryFlow
from harness.errors import RigError
from harness.evidence import layout


@dataclass(frozen=True, slots=True)
class WireFacts:
    """What must be known to read the capture as the play did.

    `device`: its address. `own_flows`, `nonces`: connections and canaries of the harness. `zero_s`:
    Unix time (s) of the run's time 0; `pace`: seconds of the run's clock in one of Unix time.
    """

    device: str
    own_flows: tuple[CanaryFlow, ...]
    nonces: tuple[str, ...]
    zero_s: float
    pace: float

    def at_s(self, unix_s: float) -> float:
        """A Unix time on the run's clock."""
        return (unix_s - self.zero_s) * self.pace

    def content(self) -> Mapping[str, Any]:
        """As it is written."""
        flows = [[f.source_port, f.from_unix_s, f.until_unix_s] for f in self.own_flows]
        return {
            "device": self.device,
            "zero_unix_s": self.zero_s,
            "pace": self.pace,
            "own_flows": flows,
            "nonces": list(self.nonces),
        }


def read_wire_facts(folder: Path) -> WireFacts | None:
    """Those of a run; None where it did not write them. `RigError` where they make no sense."""
    path = folder / layout.WIRE
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        flows = tuple(
            CanaryFlow(int(port), float(from_s), float(until_s))
            for port, from_s, until_s in content["own_flows"]
        )
        nonces = tuple(str(nonce) for nonce in content["nonces"])
        return WireFacts(
            str(content["device"]),
            flows,
            nonces,
            float(content["zero_unix_s"]),
            float(content["pace"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RigError(
            f"{path}: not as Sayso writes it ({type(error).__name__}: {error}). Restore the file "
            "from a copy, or read network.pcapng by itself."
        ) from error
