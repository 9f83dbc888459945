"""Firmware verified: guarded, and a second wake-word engine must agree before anything happens.

The second engine hears the buffered last two seconds. Until it agrees, nothing is sent, the light
stays as it was and nothing is said; a sound-alike that fools one engine ends there.
"""

from rigs.reference_device.firmware.guarded import GuardedFirmware


class VerifiedFirmware(GuardedFirmware):
    """Guarded, with a second opinion on the wake word."""

    name = "verified"
    second_opinion = True
