"""The device's own errors: DeviceError over SetupError (at start), SoundError, NetworkError."""


class DeviceError(Exception):
    """Anything the device gives up over; its message says what, where and what to do next."""


class SetupError(DeviceError):
    """A part that was selected cannot be made: a package, program or file is missing."""


class SoundError(DeviceError):
    """The microphone or loudspeaker cannot be opened, or has stopped giving blocks."""


class NetworkError(DeviceError):
    """The cloud cannot be reached, or answers what it must not."""
