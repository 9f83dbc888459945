"""Plugs that are switched over HTTP: Shelly of both generations, and Tasmota.

Without a password: a bench's plugs belong into a network of their own.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, Self

from harness.bench.drivers.registry import Place
from harness.bench.drivers.switches.options import PlugOptions
from harness.bench.drivers.switches.switch import Switch
from harness.errors import RigError

_WITHIN_S = 3.0


class _Plug(Switch):
    """A plug at `host`, a name or an address, with `:port` where it is not 80."""

    clicks = True
    options = PlugOptions

    def __init__(self, host: str, channel: int = 0) -> None:
        self._host, self._channel = host, channel

    @classmethod
    def opened(cls, options: PlugOptions, _place: Place) -> Self:
        """For a rig file."""
        return cls(options.host, options.channel)

    def close(self) -> None:
        """Nothing is held."""

    @abstractmethod
    def read(self) -> bool:
        """Ask the plug."""

    def _get(self, path: str, **query: object) -> Mapping[str, Any]:
        address = f"http://{self._host}{path}"
        if query:
            address += "?" + urllib.parse.urlencode(query, quote_via=urllib.parse.quote)
        # A proxy of the machine's knows nothing of the bench's own network.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(address, timeout=_WITHIN_S) as answer:
                found = json.loads(answer.read(100_000))
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise RigError(
                f"the plug at {self._host} did not answer {path} ({error}): is it on the network, "
                "and is it the `driver` that the rig file says?"
            ) from error
        if not isinstance(found, dict):
            raise self._strange(found)
        return found

    def _flag(self, found: Mapping[str, Any], key: str) -> bool:
        if not isinstance(found.get(key), bool):
            raise self._strange(found)
        return bool(found[key])

    def _strange(self, found: object) -> RigError:
        return RigError(
            f"the plug at {self._host} answered {json.dumps(found)[:200]}: it is another `driver` "
            "than the rig file says"
        )


class ShellyGen1(_Plug):
    """Shelly of the first generation (Plug S, 1PM): `/relay/N?turn=on`."""

    def set(self, closed: bool) -> None:
        """Switch it; `RigError` when it says that it did not."""
        told = self._get(f"/relay/{self._channel}", turn="on" if closed else "off")
        if self._flag(told, "ison") is not closed:
            raise self._strange(dict(told))

    def read(self) -> bool:
        """Ask the plug."""
        return self._flag(self._get(f"/relay/{self._channel}"), "ison")

    def identify(self) -> str:
        """Type and firmware, from `/shelly`."""
        told = self._get("/shelly")
        return f"Shelly {told.get('type', '?')}, firmware {told.get('fw', '?')}"


class ShellyGen2(_Plug):
    """Shelly of the second generation and later (Plus, Pro, Gen3): `/rpc/Switch.Set`."""

    def set(self, closed: bool) -> None:
        """Switch it."""
        told = self._get("/rpc/Switch.Set", id=self._channel, on=str(closed).lower())
        self._flag(told, "was_on")

    def read(self) -> bool:
        """Ask the plug."""
        return self._flag(self._get("/rpc/Switch.GetStatus", id=self._channel), "output")

    def identify(self) -> str:
        """Application and firmware, from `/shelly`."""
        told = self._get("/shelly")
        return f"Shelly {told.get('app', '?')}, firmware {told.get('ver', '?')}"


class Tasmota(_Plug):
    """A plug with Tasmota's firmware: `/cm?cmnd=Power On`; channel 0 is its only one."""

    def set(self, closed: bool) -> None:
        """Switch it; `RigError` when it says that it did not."""
        if self._power("On" if closed else "Off") is not closed:
            raise RigError(f"the plug at {self._host} did not switch although it was told to")

    def read(self) -> bool:
        """Ask the plug."""
        return self._power("")

    def identify(self) -> str:
        """Version, from `Status 2`."""
        told = self._get("/cm", cmnd="Status 2").get("StatusFWR", {})
        version = told.get("Version", "?") if isinstance(told, dict) else "?"
        return f"Tasmota {version}"

    def _power(self, word: str) -> bool:
        name = f"Power{self._channel or ''}"
        told = self._get("/cm", cmnd=f"{name} {word}".strip())
        # A plug with one relay says POWER, one with several POWER1; asked for POWER1, either.
        states = [v for k, v in told.items() if k in ("POWER", name.upper(), "POWER1")]
        if len(states) != 1 or states[0] not in ("ON", "OFF"):
            raise self._strange(dict(told))
        return bool(states[0] == "ON")
