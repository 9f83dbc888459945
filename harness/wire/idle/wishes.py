"""What is asked of a profile: false alarms allowed for, and uploads that must be seen."""

from dataclasses import dataclass

from harness.wire.idle.profile import Shape, Template

_OPUS_16, _OPUS_32 = ("Opus 16 kbit/s", 2000.0), ("Opus 32 kbit/s", 4000.0)
_PCM = ("PCM 16 kHz, 16 bit", 32_000.0)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked of a profile.

    `false_per_day`: false alarms that are allowed for. `least_s`: the shortest speech that must be
    seen. `streams`: the device is known to send speech as it hears it, so that nothing stored and
    sent at once is looked for. `seed`: of what is drawn by chance.
    """

    false_per_day: float = 1.0
    least_s: float = 1.0
    streams: bool = False
    seed: int = 1

    def promised(self) -> tuple[Template, ...]:
        """Uploads that must be seen: the slowest speech of that length."""
        shapes = (Shape.STREAMED,) if self.streams else (Shape.STREAMED, Shape.AT_ONCE)
        return tuple(_template(_OPUS_16, self.least_s, shape) for shape in shapes)

    def looked_at(self) -> tuple[Template, ...]:
        """All that power is told of."""
        listed = [
            _template(codec, seconds, shape)
            for shape in Shape
            for codec, lengths in ((_OPUS_16, (0.5, 1.0, 2.0, 5.0)), (_OPUS_32, (1.0,)),
                                   (_PCM, (1.0,)))
            for seconds in lengths
        ]  # fmt: skip
        return tuple(dict.fromkeys((*listed, *self.promised())))


def _template(codec: tuple[str, float], seconds: float, shape: Shape) -> Template:
    return Template(codec=codec[0], bytes_per_s=codec[1], seconds=seconds, shape=shape)
