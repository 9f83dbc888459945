"""Every message delivered so far, to be asked whether one is another over again."""

from harness.model.timeline import MessageReceived


class Deliveries:
    """The first message of each id and of each sound.

    It grows with the messages, which the ruling names one by one as well.
    """

    __slots__ = ("_by_id", "_by_sound")

    def __init__(self) -> None:
        self._by_id: dict[str, MessageReceived] = {}
        self._by_sound: dict[str, MessageReceived] = {}

    def add(self, message: MessageReceived) -> None:
        """Take in the next message in order of arrival."""
        self._by_id.setdefault(message.message_id, message)
        if message.sha256 is not None:
            self._by_sound.setdefault(message.sha256, message)

    def before(self, message: MessageReceived) -> MessageReceived | None:
        """The first earlier message of the same id or the same sound; None where there is none."""
        found = [self._by_id[message.message_id]]
        if message.sha256 is not None:
            found.append(self._by_sound[message.sha256])
        earlier = (other for other in found if other is not message)
        return min(earlier, key=lambda other: (other.at_s, repr(other)), default=None)
