"""Whether loudspeakers and microphones on two interfaces stayed in step over a play."""

from harness.bench.ports.sound import MOST_APART_PPM, TwoClocks
from harness.model.timeline import Control
from harness.stage.controls import CLOSING, OPENING
from harness.stage.proofs import hear_played
from harness.stage.session import Take

NAME = "sound_clocks"
SLIP_MS = 0.5
"""What was heard may slip against what was played by so much over a play."""
_HEARD = 0.4


def sound_clocks(take: Take) -> list[Control]:
    """The control of a bench whose microphones have a clock of their own; none on another.

    Measured is how much later the chirps of the closing controls came than those of the opening
    ones (ms), the worst of all loudspeakers. What was corrected wrongly slips, and so does all that
    follows a block which one of the interfaces lost.
    """
    clocks = take.rig.microphone.two_clocks()
    if clocks is None:
        return []
    slip_ms = _slip_ms(take)
    held = slip_ms is not None and abs(slip_ms) <= SLIP_MS
    held = held and abs(clocks.drift_ppm) <= MOST_APART_PPM
    measured = None if slip_ms is None else round(slip_ms, 3)
    return [Control(CLOSING, NAME, held, measured, SLIP_MS, "ms", _in_words(clocks, slip_ms, held))]


def _in_words(clocks: TwoClocks, slip_ms: float | None, held: bool) -> str:
    told = (
        f"the loudspeakers' clock runs {clocks.drift_ppm:+.2f} ppm (known to "
        f"{clocks.known_to_ppm:.2f}) faster than the microphones', which is corrected; "
    )
    if slip_ms is None:
        return f"{told}whether that holds is not known: chirps were not heard at both ends"
    told += f"what was heard at the end had slipped by {slip_ms:+.2f} ms"
    if held:
        return told
    return (
        f"{told}: one of the interfaces lost sound, or its clock moved. Give both a minute to warm "
        "up, and a USB port each; or take one interface for both"
    )


def _slip_ms(take: Take) -> float | None:
    """The worst slip of all loudspeakers; None where one was not heard at both ends."""
    late_s: dict[str, dict[str, float]] = {OPENING: {}, CLOSING: {}}
    for proof in take.proofs:
        for chirp in proof.chirps:
            heard = hear_played(take.rig, chirp, take.delay(chirp.position))
            if heard.score >= _HEARD:
                late_s[proof.phase][chirp.position] = heard.late_s
    positions = take.rig.loudspeaker.positions
    if any(name not in late_s[phase] for phase in late_s for name in positions):
        return None
    slips = [late_s[CLOSING][name] - late_s[OPENING][name] for name in positions]
    return 1e3 * max(slips, key=abs)
