"""Opens the link that a bench's rig file names: looks before anything is changed."""

import json
from typing import Any

from harness.bench.drivers.bridge_link import BridgeLink, Run, runner
from harness.bench.rig_bench import LinkText
from harness.clock import Clock
from harness.errors import RigError


def open_bridge_link(told: LinkText, clock: Clock) -> BridgeLink:
    """The link, good: what a killed run has left poor is taken back.

    Raises `RigError` where the bridge is not as the rig file says, where a third port would be a
    way around it, and where the rights to change it are missing.
    """
    run = runner(told.via)
    _check_ports(told, run)
    link = BridgeLink(told.device_side, told.cloud_side, run, clock)
    link.on()
    return link


def _check_ports(told: LinkText, run: Run) -> None:
    ports: list[dict[str, Any]] = json.loads(
        run(["ip", "-json", "link", "show", "master", told.bridge], "") or "[]"
    )
    names = {port["ifname"] for port in ports if "ifname" in port}
    wanted = {told.device_side, told.cloud_side}
    if missing := wanted - names:
        there = ", ".join(sorted(names)) or "none"
        raise RigError(
            f"link: {' and '.join(sorted(missing))} is no port of the bridge {told.bridge}; its "
            f"ports: {there}. Set it up with rigs/tap/bridge.sh, or correct `bench: link`"
        )
    if others := names - wanted:
        raise RigError(
            f"link: the bridge {told.bridge} has another port, {', '.join(sorted(others))}: what "
            "the device sends there could not be held up; take it out of the bridge"
        )
