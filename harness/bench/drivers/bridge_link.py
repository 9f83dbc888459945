"""The link of a bench whose machine stands between device and network, as a bridge or a router.

By commands on two interfaces: `device_side`, behind which there is the device alone and on which
the tap captures, and `cloud_side`, by which its packets go on. nftables drops what comes in from
the device after the tap has seen it, and what goes to it before; tc holds up what goes out on
either side. The tap's canaries, which leave by `device_side` too, pass by all of this: they prove
the tap, not the network. See docs/network.md for what the machine needs.
"""

import json
import subprocess
from collections.abc import Callable, Sequence

from harness.bench.ports.canary import CANARY_PORT
from harness.bench.ports.link import Link
from harness.clock import Clock, Deadline
from harness.errors import RigError
from harness.model.network import GOOD, QUEUE_BYTES, NetworkCondition

Run = Callable[[Sequence[str], str], str]
"""Runs a command with a text on its standard input and returns what it says; `RigError` if not."""

_TABLE = "sayso_link"
_HANDLE = "5a:"  # by which it knows its own queues from the machine's
_CANARIES, _ALL_ELSE, _INNER = "5a:1", "5a:2", "5b:"
_UNHELD = "10gbit"
_LIMIT_S, _POLL_S = 10.0, 0.05
_OF = 100_000
_PACKET_BYTES = 1500
_BURST_BYTES = 3000


class BridgeLink(Link):
    """Cut by taking `device_side` down, made poor on both. Needs the rights of root."""

    def __init__(self, device_side: str, cloud_side: str, run: Run, clock: Clock) -> None:
        """The link is left as it is; the first `on` takes back what an earlier run left poor."""
        self._device_side, self._sides = device_side, (device_side, cloud_side)
        self._run, self._clock = run, clock

    def off(self) -> None:
        """Take the device's interface down; on an access point that ends its radio."""
        self._clear()
        self._set("down")

    def on(self) -> None:
        """Up again, with no rule and no queue of ours left."""
        self._clear()
        self._mend()

    def shape(self, condition: NetworkCondition) -> None:
        """Rules and queues as the condition says, before it is up where it was down."""
        self._clear()
        for words in queues_for(condition, *self._sides):
            self._tc(words)
        rules = rules_for(condition, self._device_side)
        if rules:
            self._run(["nft", "-f", "-"], rules)
        self._mend()

    def _mend(self) -> None:
        """Up, and as far as the kernel is concerned packets pass; a radio may take longer."""
        self._set("up")
        deadline = Deadline.after(self._clock, _LIMIT_S)
        while not self._is_up():
            if deadline.passed():
                raise RigError(
                    f"link: {self._device_side} is not up {_LIMIT_S:.0f} s after it was told to "
                    "be. Is the device on, and its cable in?"
                )
            self._clock.wait_s(_POLL_S)

    def _is_up(self) -> bool:
        told = self._run(["ip", "-json", "link", "show", "dev", self._device_side], "")
        return any(side["operstate"] in ("UP", "UNKNOWN") for side in json.loads(told))

    def _set(self, state: str) -> None:
        self._run(["ip", "link", "set", "dev", self._device_side, state], "")

    def _clear(self) -> None:
        # To add it first makes sure that there is one to delete.
        self._run(["nft", "-f", "-"], f"add table netdev {_TABLE}\ndelete table netdev {_TABLE}\n")
        for side in self._sides:
            queues = json.loads(self._tc(["-json", "qdisc", "show", "dev", side]) or "[]")
            if any(queue.get("handle") == _HANDLE for queue in queues):
                self._tc(["qdisc", "del", "dev", side, "root"])

    def _tc(self, words: Sequence[str]) -> str:
        try:
            return self._run(["tc", *words], "")
        except RigError as error:
            if "kind is unknown" in str(error):
                raise RigError(
                    f"link: this kernel cannot do `tc {' '.join(words)}`. Load what is missing: "
                    "sudo modprobe -a sch_htb sch_netem sch_tbf (docs/network.md)"
                ) from error
            raise


def queue_for(condition: NetworkCondition) -> list[str]:
    """What tc is told to put at an interface; nothing where no packet is to be held up."""
    if not condition.delay_ms and condition.kbit_s is None:
        return []
    rate = [] if condition.kbit_s is None else ["rate", f"{condition.kbit_s * 1000:.0f}bit"]
    if condition.delay_ms:
        packets = QUEUE_BYTES // _PACKET_BYTES if rate else 100_000
        return ["netem", "limit", str(packets), "delay", f"{condition.delay_ms:g}ms", *rate]
    return ["tbf", *rate, "burst", str(_BURST_BYTES), "limit", str(QUEUE_BYTES)]


def queues_for(condition: NetworkCondition, device_side: str, cloud_side: str) -> list[list[str]]:
    """What tc is told, one command after the other, for both sides."""
    queue = queue_for(condition)
    if not queue:
        return []

    def classed(name: str) -> list[str]:
        of = ["class", "replace", "dev", device_side, "parent", _HANDLE, "classid", name]
        return [*of, "htb", "rate", _UNHELD]

    root = ["qdisc", "replace", "dev", device_side, "root", "handle", _HANDLE]
    inner = ["qdisc", "replace", "dev", device_side, "parent", _ALL_ELSE, "handle", _INNER]
    beyond = ["qdisc", "replace", "dev", cloud_side, "root", "handle", _HANDLE, *queue]
    everything = [*root, "htb", "default", _ALL_ELSE.partition(":")[2]]
    return [everything, classed(_CANARIES), classed(_ALL_ELSE), [*inner, *queue], beyond]


def rules_for(condition: NetworkCondition, device_side: str) -> str:
    """What nftables is told to drop, and to let by; nothing where nothing is poor."""
    if condition == GOOD:
        return ""
    up, down = list[str](), [f"udp dport {CANARY_PORT} meta priority set {_CANARIES} accept"]
    if condition.drop_percent:
        share = round(condition.drop_percent / 100 * _OF)
        drawn = f"numgen random mod {_OF} < {share} drop" if share < _OF else "drop"
        up.append(drawn)
        down.append(drawn)
    if condition.no_udp_443:
        up.append("udp dport 443 drop")
        down.append("udp sport 443 drop")
    rows = [f"table netdev {_TABLE} {{"]
    for name, hook, rules in (("up", "ingress", up), ("down", "egress", down)):
        rows += [
            f"chain {name} {{",
            f'type filter hook {hook} device "{device_side}" priority 0; policy accept;',
            *rules,
            "}",
        ]
    return "\n".join([*rows, "}", ""])


def runner(before: Sequence[str] = ()) -> Run:
    """Runs commands here, or, with `before`, elsewhere: `["sudo"]`, `["ssh", "root@router"]`."""

    def run(command: Sequence[str], text: str) -> str:
        whole = [*before, *command]
        try:
            done = subprocess.run(
                whole, input=text, capture_output=True, text=True, timeout=_LIMIT_S
            )
        except FileNotFoundError as error:
            raise RigError(f"link: {whole[0]} is not installed") from error
        except subprocess.TimeoutExpired as error:
            told = f"`{' '.join(whole)}` did not end within {_LIMIT_S:.0f} s"
            raise RigError(f"link: {told}. Is the machine overloaded, or not reached?") from error
        if done.returncode != 0:
            raise RigError(
                f"link: `{' '.join(whole)}` failed: {done.stderr.strip()}. It needs the rights of "
                "root (docs/network.md)"
            )
        return done.stdout

    return run
