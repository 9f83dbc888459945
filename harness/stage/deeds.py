"""The hand at the device: does the deeds of a scene, and gives back at the end what they took."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.bench.ports import Panel
from harness.bench.rig import Rig
from harness.clock import Deadline
from harness.errors import DeviceError, RigError, SceneError
from harness.model.network import NetworkCondition
from harness.model.script import Deed, Doing, Line, Script
from harness.model.timeline import LightState
from harness.scene.deed_checks import RESTORED

SHOWN_WITHIN_S = 2.0
"""A device with a light shows within so many seconds that its mute button was pressed."""

_EARLY_S = 0.1  # it may answer before the press has returned
_SETTLE_S = 0.3
_APART_S = 0.01  # no two deeds at one time, so that their order can be told
_BACK = {
    # In this order: it starts with the network there, and the button is pressed when it runs.
    Deed.NETWORK_OFF: Deed.NETWORK_ON,
    Deed.NETWORK_POOR: Deed.NETWORK_ON,
    Deed.UNPLUG: Deed.PLUG_IN,
    Deed.MUTE: Deed.UNMUTE,
}
_BUTTON = (Deed.MUTE, Deed.UNMUTE)
_PLUG = (Deed.UNPLUG, Deed.PLUG_IN)
_CABLE = (Deed.NETWORK_OFF, Deed.NETWORK_POOR, Deed.NETWORK_ON)


@dataclass(frozen=True, slots=True)
class Done:
    """A deed that was done, and the Unix time (s) from which, or until which, it told.

    Between the time of what takes away and the time of what gives back, it was away for certain:
    the one is read after the deed, the other before. `network`: what the network was made, where
    the deed made it poor.
    """

    doing_id: str
    deed: Deed
    unix_s: float
    network: NetworkCondition | None = None


def check_deeds(rig: Rig, script: Script) -> None:
    """Raise `SceneError` unless the rig can do every deed of the scene."""
    _check_account(rig, script)
    for doing in script.doings:
        if doing.deed in _BUTTON and rig.panel is None:
            raise SceneError(
                f"{script.id}: `{doing.id}` presses the mute button, but the rig "
                f"{rig.file.name} has no panel. If the device has one, set `device: panel: true` "
                f"in {rig.file.path}; else play the scene on a rig that has"
            )
        if doing.deed in _PLUG and not rig.power.proves_itself:
            raise SceneError(
                f"{script.id}: `{doing.id}` takes the device's power or gives it back, but on the "
                f"rig {rig.file.name} nobody can tell whether that happens: it has no switch, or "
                "one that cannot be asked (docs/drivers.md). Play the scene on a rig that can"
            )
        if doing.deed in _CABLE and rig.link is None:
            raise SceneError(
                f"{script.id}: `{doing.id}` changes the network, but the rig "
                f"{rig.file.name} has no link that can be cut; play the scene on a rig that has"
            )


def _check_account(rig: Rig, script: Script) -> None:
    account = rig.account
    if account is None and script.afterwards:
        raise SceneError(
            f"{script.id}: what is kept is asked of the account (`afterwards`), but the rig "
            f"{rig.file.name} has none; name its driver under `bench: account:`, or play the "
            "scene on a rig that has one (docs/account.md)"
        )
    lacking = [a for a in script.afterwards if account and a.source not in account.sources]
    if lacking:
        raise SceneError(
            f"{script.id}: the account of the rig {rig.file.name} tells nothing of "
            f"{', '.join(lacking)}; take it out of `afterwards`, or use another driver"
        )
    days = any(doing.deed is Deed.WAIT_CLOUD_DAY for doing in script.doings)
    if account is not None and days and not account.steps_time:
        raise SceneError(
            f"{script.id}: `wait_cloud_day` moves the account's time on, which nobody can on the "
            f"rig {rig.file.name}; look again a day later by hand (docs/account.md)"
        )


def get_ready(rig: Rig, script: Script) -> None:
    """Before the play: whatever a deed takes that would hold up the scene."""
    if rig.link is not None and any(doing.deed is Deed.NETWORK_POOR for doing in script.doings):
        rig.link.prepare()


def in_order(script: Script) -> Iterator[Line | Doing]:
    """Lines and doings as they stand in the file."""
    following = {doing.after: doing for doing in script.doings}

    def deeds_after(entry_id: str | None) -> Iterator[Doing]:
        while (doing := following.get(entry_id)) is not None:
            yield doing
            entry_id = doing.id

    yield from deeds_after(None)
    for line in script.lines:
        yield line
        yield from deeds_after(line.id)


def await_listening(rig: Rig, tick: Callable[[], None]) -> None:
    """Wait (by `tick`) until the device has opened its microphone; `DeviceError` if it does not."""
    ready_s = rig.file.device.ready_s
    deadline = Deadline.after(rig.clock, ready_s)
    while not rig.listening():
        rig.raise_trouble()
        if deadline.passed():
            raise DeviceError(
                f"the device runs, but did not open its microphone within {ready_s:g} s; it must "
                "record from the default ALSA or PulseAudio source (see docs/device-contract.md)"
            )
        tick()
    rig.clock.wait_s(_SETTLE_S)


def leave_whole(rig: Rig, script: Script) -> None:
    """For the next play: the cable whole and the button up, whatever has cut this one short."""
    deeds = {doing.deed for doing in script.doings}
    if deeds & set(_CABLE) and rig.link is not None:
        rig.link.on()
        rig.link.release()
    if deeds & set(_BUTTON) and rig.panel is not None:
        rig.panel.press_mute(False)


def shown(panel: Panel, done: Done) -> bool:
    """Whether the light told in time that the mute button was pressed (or released)."""
    muted = done.deed is Deed.MUTE
    return any(
        (event.light is LightState.MUTED) is muted
        for event in panel.events()
        if -_EARLY_S <= event.unix_s - done.unix_s <= SHOWN_WITHIN_S
    )


class Hand:
    """Does deeds on a rig, once `check_deeds` has found nothing; `tick` waits and looks after it.

    `done` fills as it goes on, and `away` holds what was not undone yet. `share` measures only
    while the device has power.
    """

    def __init__(self, rig: Rig, tick: Callable[[], None], away: dict[Deed, None]) -> None:
        self._rig, self._tick, self._away = rig, tick, away
        self.done: list[Done] = []
        self.share = Share(rig)

    @property
    def holds(self) -> tuple[Deed, ...]:
        """The deeds that have not been undone yet."""
        return tuple(self._away)

    def can(self, deed: Deed) -> bool:
        """Whether there is anything to take away, or to give back."""
        if deed is Deed.NETWORK_POOR:
            return True
        taken = [take for take, give in _BACK.items() if give is deed]
        return any(take in self._away for take in taken) if taken else deed not in self._away

    def do(self, doing_id: str, deed: Deed, network: NetworkCondition | None = None) -> None:
        """Do it, and note when. Raises `RigError`, or `DeviceError` where the device dies of it.

        `network`: what the network is to be made, with the deed that makes it poor.
        """
        # What was dead before must not pass for switched off.
        self._rig.raise_trouble()
        before_s = self._rig.clock.now_s()
        if deed in _BACK:
            self._take(deed, network)
            self.done.append(Done(doing_id, deed, self._rig.clock.now_s(), network))
            if deed in _CABLE:
                self._forget_the_network()
            self._away[deed] = None
        else:
            self.done.append(Done(doing_id, deed, before_s))
            self._give(deed)
            for take in [taken for taken in self._away if _BACK[taken] is deed]:
                del self._away[take]
        self._rig.clock.wait_s(_APART_S)

    def give_back(self) -> bool:
        """Give back all that is still away, and wait until the device is as it was.

        Returns whether it could send little until now: it had no power, or no good network.
        """
        given = [give for give in dict.fromkeys(_BACK.values()) if self.can(give)]
        for give in given:
            self.do(f"{RESTORED}{give}", give)
            if give is Deed.UNMUTE:
                self._await_shown(self.done[-1])
        return bool({Deed.PLUG_IN, Deed.NETWORK_ON} & set(given))

    def _forget_the_network(self) -> None:
        """It is in one state at a time: good, poor or gone."""
        for deed in (Deed.NETWORK_OFF, Deed.NETWORK_POOR):
            self._away.pop(deed, None)

    def _take(self, deed: Deed, network: NetworkCondition | None) -> None:
        if deed is Deed.MUTE:
            self._press(True)
        elif deed is Deed.UNPLUG:
            self.share.pause()
            self._rig.power.off()
        elif self._rig.link is None:
            raise RigError("the network cannot be changed: the rig has no link that can be cut")
        elif network is not None:
            self._rig.link.shape(network)
        else:
            self._rig.link.off()

    def _give(self, deed: Deed) -> None:
        if deed is Deed.UNMUTE:
            self._press(False)
        elif deed is Deed.PLUG_IN:
            self._rig.power.on()
            await_listening(self._rig, self._tick)
            self.share.resume()
        elif self._rig.link is not None:
            self._rig.link.on()

    def _press(self, on: bool) -> None:
        panel = self._rig.panel
        if panel is None or not panel.present():
            raise RigError(
                "the mute button cannot be pressed: the device has not connected to its panel "
                "(DEVICE_PANEL, see docs/device-contract.md)"
            )
        panel.press_mute(on)

    def _await_shown(self, done: Done) -> None:
        panel = self._rig.panel
        deadline = Deadline.after(self._rig.clock, SHOWN_WITHIN_S)
        while panel is not None and not shown(panel, done) and not deadline.passed():
            self._tick()


class Share:
    """Which part of its time with power the device stood waiting for a processor."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._began: tuple[float, float | None] | None = None
        self._lasted_s = 0.0
        self._waited_s: float | None = 0.0

    def resume(self) -> None:
        """Measure from now on; the device has power."""
        self._began = self._now()

    def pause(self) -> None:
        """Measure no longer; nothing happens where it does not measure."""
        if self._began is None:
            return
        (from_s, before_s), (until_s, after_s) = self._began, self._now()
        self._began = None
        self._lasted_s += until_s - from_s
        if self._waited_s is None or before_s is None or after_s is None:
            self._waited_s = None
        else:
            self._waited_s += after_s - before_s

    def part(self) -> float | None:
        """1 is all of the time of one thread; None where the device has a machine of its own."""
        if self._waited_s is None or self._lasted_s <= 0:
            return None
        return self._waited_s / self._lasted_s

    def _now(self) -> tuple[float, float | None]:
        return self._rig.clock.monotonic_s(), self._rig.power.waited_s()
