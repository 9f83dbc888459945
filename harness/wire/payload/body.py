"""What a request carried, as it was sent: the form that readers of HTTP hand on."""

from dataclasses import dataclass

from harness.wire.payload.timed import Timed

LONGEST_HEAD = 65_536


@dataclass(frozen=True, slots=True)
class Body:
    """A body, or what could not be told to be one.

    `kind`: its media type as the sender claims, with parameters, empty where it claims none.
    `encoding`: its content encoding, in small letters. `whole`: it came to the end that it claims.
    `packed`: to how many bytes its messages were packed on their way, 0 where they were not.
    """

    content: Timed
    kind: str = ""
    encoding: str = ""
    whole: bool = True
    packed: int = 0

    @property
    def wire(self) -> int:
        """How many bytes of the traffic brought it."""
        return self.packed or len(self.content)


def parameter(kind: str, name: str) -> str:
    """A parameter of a media type, such as `rate` of "audio/L16; rate=16000"; empty for none."""
    for word in kind.split(";")[1:]:
        key, _, value = word.strip().partition("=")
        if key.strip().lower() == name:
            return value.strip().strip('"')
    return ""
