"""What each kind of rig must say, and what makes no sense there."""

from collections import Counter
from typing import Any

from harness.bench.drivers.registry import find_driver, given
from harness.bench.rig_bench import BenchText, DriverText
from harness.bench.rig_schema import RigText
from harness.errors import SaysoError
from harness.forms.problems import Problems, did_you_mean
from harness.forms.strict import validated
from harness.forms.yaml_positions import Document, Place

_SLOTS = ("power", "panel", "inbox", "account")


def check_kind(rig: RigText, document: Document, problems: Problems) -> None:
    """Note every part that the rig's kind needs and lacks, or has and cannot use."""
    check = _KindChecks(rig, document, problems)
    check.simulated()
    check.proxy()
    check.messages()
    if rig.kind == "bench":
        check.real()
    else:
        check.programs()


class _KindChecks:
    def __init__(self, rig: RigText, document: Document, problems: Problems) -> None:
        self._rig, self._document, self._problems = rig, document, problems

    def _add(self, place: Place, what: str) -> None:
        self._problems.add(self._document.mark(place), what)

    def simulated(self) -> None:
        if (self._rig.kind == "simulated") != (self._rig.simulated is not None):
            self._add(
                ("kind",),
                "`kind: simulated` and the part `simulated` belong together: add `simulated: "
                "{stepped: ...}`, or take it out with `simulated: ~`",
            )

    def proxy(self) -> None:
        """A proxy is of a real or a virtual rig, and reads what an open device says."""
        told = self._rig.proxy
        if told is None:
            return
        if self._rig.kind == "simulated":
            self._add(
                ("proxy",),
                "a simulated device has no server that could be told another address; take "
                "`proxy` out with ~, or play on a rig of kind virtual or bench",
            )
        if not self._rig.device.open:
            self._add(
                ("proxy",), "a proxy reads what passes, which takes `device: open: true`; say so"
            )
        bench = self._rig.bench
        has_panel = self._rig.device.panel or (bench is not None and bench.panel is not None)
        if has_panel and told.options.get("events") is not None:
            self._add(
                ("proxy",),
                "`events` is the device's light, and it has a panel already; take one of them out",
            )
        self._named("proxy", told, ("proxy",), self._document.data)

    def programs(self) -> None:
        """A virtual or simulated rig: programs in a computed room."""
        rig = self._rig
        if rig.bench is not None:
            self._add(
                ("bench",), "`bench` is for `kind: bench`; change the kind, or take it out with ~"
            )
        if rig.room is None:
            self._add((), "`room` is missing")
        if rig.cloud is None:
            self._add((), "`cloud` is missing")
        if rig.device.command is None:
            self._add(("device",), "in `device`, `command` is missing")

    def messages(self) -> None:
        """Who sees inboxes need not take the device's word for it."""
        rig = self._rig
        inbox = rig.cloud is not None or (rig.bench is not None and rig.bench.inbox is not None)
        if inbox and not rig.device.sends_messages:
            self._add(
                ("device", "sends_messages"),
                "this rig has an inbox, by which it is seen whether messages arrive; take "
                "`sends_messages` out",
            )

    def real(self) -> None:
        """A bench: hardware in a real room."""
        rig = self._rig
        unused: dict[Place, bool] = {
            ("room",): rig.room is not None,
            ("cloud",): rig.cloud is not None,
            ("device", "command"): rig.device.command is not None,
            ("device", "env"): bool(rig.device.env),
            ("device", "microphone"): rig.device.microphone is not None,
        }
        for place in (place for place, there in unused.items() if there):
            self._add(
                place, f"`{place[-1]}` means nothing on a bench, which is real; take it out with ~"
            )
        if rig.device.panel:
            self._add(
                ("device", "panel"), "a bench names the driver of its panel: `bench: panel: ...`"
            )
        if rig.bench is None:
            self._add((), "`bench` is missing, which names the hardware (docs/bench.md)")
        else:
            self._outputs(rig.bench)
            self._inputs(rig.bench)
            self._tap(rig.bench)
            self._link(rig.bench)
            self._keys(rig.bench)
            for slot in _SLOTS:
                self._driver(slot, rig.bench)

    def _tap(self, bench: BenchText) -> None:
        """A tap on another machine sees canaries that are sent to the device, in one file."""
        if bench.tap is None or bench.tap.ssh is None:
            return
        told = self._rig.wire.tap
        if told.address is None:
            self._add(
                ("bench", "tap", "ssh"),
                "a tap on another machine needs the device's address, `wire: tap: address: ...`: "
                "canaries are sent to it, and only its packets are captured there",
            )
        if told.ring is not None:
            self._add(
                ("wire", "tap", "ring"),
                "a tap on another machine (`bench: tap: ssh`) writes one file; take `ring` out",
            )
        if bench.link is not None:
            self._add(
                ("bench", "link"),
                "a link of this machine is not seen by a tap on another (`bench: tap: ssh`); "
                "capture here, or take `link` out",
            )

    def _link(self, bench: BenchText) -> None:
        """The device's MAC address is said once; the tap is on the device's side of a link."""
        if self._rig.wire.tap.mac is not None:
            self._add(
                ("wire", "tap", "mac"),
                "a bench says the device's MAC address in `bench: tap: mac`, once; take this one "
                "out. With `wire: tap: address` only that device's packets are captured",
            )
        if bench.link is None or bench.tap is None or bench.tap.ssh is not None:
            return
        if bench.tap.interface != bench.link.device_side:
            self._add(
                ("bench", "tap", "interface"),
                f"is {bench.tap.interface}, and the link is cut at {bench.link.device_side}: "
                "capture there (`device_side`), or what is lost on the link is never seen",
            )

    def _outputs(self, bench: BenchText) -> None:
        outputs, known = bench.sound.outputs, self._rig.sound.loudspeakers
        place: Place = ("bench", "sound", "outputs")
        for name in outputs:
            if name not in known:
                hint = did_you_mean(name, known)
                self._add((*place, name), f"no loudspeaker stands at `{name}`{hint}")
        for name in known:
            if name not in outputs:
                self._add(place, f"`{name}` has no output; say which one its loudspeaker is on")
        loop = bench.sound.loopback
        self._once(place, "output", [*outputs.values(), *([] if loop is None else [loop.output])])

    def _inputs(self, bench: BenchText) -> None:
        inputs, loop = bench.sound.inputs, bench.sound.loopback
        used = [inputs.listener, inputs.device, None if loop is None else loop.input]
        there = [channel for channel in used if channel is not None]
        self._once(("bench", "sound", "inputs"), "input", there)

    def _keys(self, bench: BenchText) -> None:
        """An open device: its keys come from a proxy, and what it hears is recorded beside it."""
        key_log = None if bench.tap is None else bench.tap.key_log
        if self._rig.device.open and key_log is None and self._rig.proxy is None:
            self._add(
                ("device", "open"),
                "a real device cannot be handed SSLKEYLOGFILE; name the file that a proxy logs its "
                "keys to, `bench: tap: key_log: ...`, or where nothing is encrypted any file: it "
                "stays empty (docs/open-devices.md)",
            )
        if self._rig.device.open and bench.sound.inputs.device is None:
            self._add(
                ("bench", "sound", "inputs"),
                "what an open device sends is laid on what is heard where it stands; say which "
                "input that microphone is on, `device: ...`",
            )
        if key_log is not None and not self._rig.device.open:
            self._add(("bench", "tap", "key_log"), "`key_log` is read with `device: open: true`")

    def _once(self, place: Place, what: str, channels: list[int]) -> None:
        for channel, count in Counter(channels).items():
            if count > 1:
                self._add(place, f"{what} {channel} stands here {count} times; each is one thing")

    def _driver(self, slot: str, bench: BenchText) -> None:
        """The driver must be there, and its options must be what it asks for."""
        named = getattr(bench, slot)
        if named is not None:
            self._named(slot, named, ("bench", slot), self._document.data["bench"])

    def _named(self, slot: str, named: DriverText, place: Place, around: dict[str, Any]) -> None:
        """The same of any; `around`: what of the file `slot` stands in."""
        try:
            model = find_driver(slot, named.driver).options
        except SaysoError as error:
            self._add((*place, "driver"), str(error))
            return
        if "options" in around[slot]:
            part = self._document.part((*place, "options"))
            part.data = given(part.data)
        else:
            part = Document(self._document.path, {}, {}, {(): self._document.mark(place)})
        validated(model, part, self._problems)
