"""Power and panel: the two things a hand can do to a device."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from harness.model.timeline import LightState


class Power(ABC):
    """The device's plug."""

    @property
    def proves_itself(self) -> bool:
        """Whether it is known that the device loses its power when it is switched off."""
        return True

    @property
    def clicks(self) -> bool:
        """Whether switching it is heard by whoever is beside it, as of a relay."""
        return False

    @abstractmethod
    def on(self) -> None:
        """Give power; returns once given. Raises `DeviceError` when the device dies at once."""

    @abstractmethod
    def off(self) -> None:
        """Take power away, at once and without asking the device. Safe to call twice."""

    @abstractmethod
    def trouble(self) -> str | None:
        """Why the device does not run although it should; None while all is well or it is off."""

    def waited_s(self) -> float | None:
        """Seconds that the device has waited for a processor since it was switched on.

        Only where the device is a program on the harness's own machine, which it must share: a real
        device has a machine of its own, and this says None.
        """
        return None

    def cycle(self) -> None:
        """Off, then on."""
        self.off()
        self.on()


@dataclass(frozen=True, slots=True)
class PanelEvent:
    """The light changed at a Unix time (seconds, arrival at the panel)."""

    unix_s: float
    light: LightState


class Panel(ABC):
    """Buttons and light of the device."""

    @abstractmethod
    def present(self) -> bool:
        """Whether the device has a panel at all (it has connected, or the sensor answers)."""

    @abstractmethod
    def press_mute(self, on: bool) -> None:
        """Set the mute button."""

    @abstractmethod
    def events(self) -> tuple[PanelEvent, ...]:
        """All light changes seen so far, oldest first."""

    @abstractmethod
    def malformed(self) -> tuple[str, ...]:
        """What came from the device that is no panel message, each with the reason."""
