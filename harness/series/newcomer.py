"""Brings a program onto the virtual bench, and says what of it is missing and what to do next."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.bench.device_writer import Measured, NewDevice, first_rig_text
from harness.bench.open import open_rig
from harness.bench.rigfile import load_rig
from harness.bench.trial import Trial
from harness.clock import Clock
from harness.scene.corpus import Corpus
from harness.stage.clips import control_request
from harness.stage.newcomer import Newcomer, meet
from harness.wire import UploadLimits

_RATE_HZ = 48_000
_NO_PANEL = (
    "none (nothing connected to DEVICE_PANEL); classes that need a light are not observable then"
)


def introduce(device: NewDevice, clock: Clock, tell: Callable[[str], None]) -> Newcomer:
    """Open the virtual bench, start the program on it, ask it something, and take it all down.

    `tell`: a line for each thing as it is seen. Raises `UserError` for a command or a request that
    cannot be, `RigError` for a bench that does not come up.
    """
    with tempfile.TemporaryDirectory(prefix="sayso-new-") as scratch:
        path = Path(scratch) / "rig.yaml"
        path.write_text(first_rig_text(device), encoding="utf-8")
        file = load_rig(path)
        request = control_request(file, Corpus.load(), _RATE_HZ)  # told before the bench is opened
        tell("Opening the virtual bench: a sound server, a network and a cloud of its own.")
        with open_rig(file, clock) as rig:
            newcomer = meet(rig, request, Path(scratch), tell)
    tell("The bench is taken down, and the program with all that it started.")
    return newcomer


def measured(newcomer: Newcomer) -> Measured:
    """What of a first meeting goes into the rig file.

    A device that asks its cloud in a few words, or only shows that it is there, sends no upload; a
    control that waits for one would never hold.
    """
    uploads = newcomer.sent_when_asked and any(
        each.payload_bytes >= UploadLimits().min_bytes for each in newcomer.sent
    )
    return Measured(newcomer.ready_s, newcomer.answered_s, not uploads, newcomer.panel)


def trial_of(newcomer: Newcomer) -> Trial:
    """Whether a device can be tested so, and in words what was seen and what to do next."""
    works = newcomer.ended is None and newcomer.answered_s is not None and not newcomer.endless
    return Trial(works and not newcomer.unasked_s, tuple(_told(newcomer)))


def _told(newcomer: Newcomer) -> Iterator[str]:
    yield _hears(newcomer)
    if newcomer.ready_s is not None:
        yield _speaks(newcomer)
    yield _sends(newcomer)
    if newcomer.ready_s is not None and newcomer.ended is None and newcomer.answered_s is None:
        yield f"the last lines that it printed:\n{newcomer.printed}"
    panel = "it connected to the panel" if newcomer.panel else _NO_PANEL
    yield f"buttons and light: {panel}"
    if newcomer.keys:
        yield (
            "TLS keys: it logs them. `device: open: true` lets what it sends be read, where its "
            "form is known (docs/open-devices.md)"
        )


def _hears(newcomer: Newcomer) -> str:
    if newcomer.ready_s is not None and newcomer.ended is None:
        return f"hears: yes, its microphone was open after {newcomer.ready_s:.1f} s"
    if newcomer.ready_s is not None:
        return f"hears: it did, and then did not last. {newcomer.ended}"
    return (
        f"hears: NO. {newcomer.ended}. A program that names a sound card must be told to use the "
        "default one; one that asks PulseAudio, to follow PULSE_SERVER; one that waits for a key "
        "or a login, to go on without"
    )


def _speaks(newcomer: Newcomer) -> str:
    if newcomer.unasked_s:
        return (
            f"speaks: without being asked ({newcomer.unasked_s:.1f} s of 2 s). Let it finish its "
            "greeting before it opens its microphone, or turn the greeting off: what it says "
            "unasked spoils the controls of every scene"
        )
    if newcomer.answered_s is None:
        return (
            f"speaks: NO. Nothing came from its loudspeaker in {newcomer.tries} tries. Is it woken "
            "by these words (--wake, --says; `sayso corpus` renders others), does it play to the "
            "default sink, is its volume up? What it printed is below"
        )
    if newcomer.endless:
        return (
            "speaks: without end. It must fall silent after an answer, or nobody can tell what it "
            "answers: look for a stream that is never stopped"
        )
    return (
        f"speaks: yes, {newcomer.answered_s:.1f} s after the question, for {newcomer.said_s:.1f} s"
        f" ({newcomer.level_db:.0f} dB re full scale)"
    )


def _sends(newcomer: Newcomer) -> str:
    if not newcomer.sent:
        return (
            "sends: nothing. A device that does all by itself needs no more; else it must use "
            "names (each resolves to the rig's cloud), not addresses, and trust SSL_CERT_FILE"
        )
    told = ", ".join(
        f"{each.destination} ({each.protocol}, {each.packets} packet"
        f"{'' if each.packets == 1 else 's'}, {each.payload_bytes} bytes)"
        for each in newcomer.sent[:4]
    )
    more = f" and {len(newcomer.sent) - 4} others" if len(newcomer.sent) > 4 else ""
    when = "when asked" if newcomer.sent_when_asked else "not when asked"
    return f"sends: yes, {when}: {told}{more}"
