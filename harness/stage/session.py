"""One play from power-on to power-off: controls, scene, watch, controls, and what was seen."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.account.owner import Owner
from harness.bench.ports import InboxMessage, PassReport, TapReport
from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.ears.listener import PromptListener
from harness.ears.overhearing import Overhearer
from harness.ears.prompts import PromptBook
from harness.ears.reading import Doubt, Reader, recogniser
from harness.errors import DeviceError, RigError, SaysoError
from harness.model.script import PromptRole, Script
from harness.stage.clips import Cast, voices_of
from harness.stage.controls import CLOSING, OPENING, Proof, Prover
from harness.stage.deeds import await_listening, get_ready, leave_whole
from harness.stage.live import LiveReport
from harness.stage.performance import Performance, Performed, Progress
from harness.stage.proofs import find_delays
from harness.stage.schedule import Schedule
from harness.stage.shared_events import SharedEvents, SharedMark
from harness.wire.payload.secrets import key_lines, write_secrets

RECORDING = "air.f32"
CAPTURE = "network.pcapng"
PASSED = "proxy.pcapng"
_POLL_S = 0.05


@dataclass(slots=True)
class Take:
    """All that a play left behind, before anything is made of it.

    `stopped_by`: what cut it short (an error, Ctrl-C), None for a whole play. `troubles`: what
    could not be brought home afterwards, in words. `device_waited`: which part of the scene's time
    the device stood waiting for a processor, None where it has one of its own. `owner`: what the
    account told, None where the scene asks it nothing. `switched`: when the device was given its
    power and when it was taken away, each from before until after (Unix s). `passed`: what went
    through the rig's proxy, None where there is none, or it did not tell.
    """

    rig: Rig
    script: Script
    cast: Cast
    book: PromptBook
    schedule: Schedule
    proofs: list[Proof] = field(default_factory=list)
    shared: list[SharedMark] = field(default_factory=list)
    delays: dict[str, int] = field(default_factory=dict)
    performed: Performed | None = None
    device_waited: float | None = None
    tap_report: TapReport | None = None
    messages: tuple[InboxMessage, ...] = ()
    stopped_by: BaseException | None = None
    troubles: list[str] = field(default_factory=list)
    owner: Owner | None = None
    switched: list[tuple[float, float]] = field(default_factory=list)
    passed: PassReport | None = None

    def switch(self, put: Callable[[], None]) -> None:
        """Do what switches the device, and note when."""
        began_s = self.rig.clock.now_s()
        put()
        self.switched.append((began_s, self.rig.clock.now_s()))

    def delay(self, position: str) -> int:
        """Samples from the loudspeaker at `position` to the listener, as measured at the start."""
        return self.delays.get(position, 0)

    def nonces(self) -> frozenset[bytes]:
        """Of every canary that was sent on the link."""
        of_rounds = [nonce for proof in self.proofs for nonce in proof.nonces]
        of_scene = () if self.performed is None else self.performed.canaries
        of_tap = () if self.tap_report is None else self.tap_report.own_nonces
        of_events = [mark.nonce for mark in self.shared]
        return frozenset((*of_rounds, *of_scene, *of_tap, *of_events))


def play(rig: Rig, script: Script, cast: Cast, folder: Path, progress: Progress) -> Take:
    """Play a scene on an open rig, recording into `folder`.

    Errors of the bench, interrupts and a test's time limit end the play early and are kept in the
    take, with all that was seen until then: whoever asked for the play rules first and raises them
    afterwards. A mistake in the harness itself is raised at once.
    """
    no_prompts = PromptBook((), rig.microphone.rate_hz)
    take = Take(rig, script, cast, no_prompts, Schedule(rig.loudspeaker))
    live = LiveReport(rig)
    live.begin(script, cast, folder / CAPTURE)

    def told(what: str) -> None:
        progress(what)
        live.phase(what)

    try:
        _perform(take, folder, told, live)
    except (SaysoError, OSError) as error:
        take.stopped_by = _cause(rig, error)
    except Exception:
        raise
    except BaseException as interrupt:  # from outside: a signal, or pytest's own time limit
        take.stopped_by = interrupt
    finally:
        try:
            told("collecting what was seen")
        except KeyboardInterrupt as interrupt:
            take.stopped_by = interrupt
        _bring_home(take, folder)
    return take


def _cause(rig: Rig, error: BaseException) -> BaseException:
    """What lies behind an error: a part that has died, where one has."""
    if not isinstance(error, RigError):
        return error
    try:
        rig.raise_trouble()
    except RigError as cause:
        cause.__cause__ = None if str(cause) == str(error) else error
        return cause
    return error


def _perform(take: Take, folder: Path, progress: Progress, live: LiveReport) -> None:
    rig, script = take.rig, take.script
    progress("preparing the account and the device's prompts")
    rig.inbox.prepare(script.household.contacts)
    if script.afterwards and rig.account is not None:
        take.owner = Owner(rig.account, script, rig.file.limits)
        take.owner.begin(voices_of(script, take.cast, rig.microphone.rate_hz))
    take.book = _prompt_book(rig, script)
    get_ready(rig, script)
    if rig.proxy is not None and rig.proxy is not rig.tap:
        rig.proxy.start(folder / PASSED)  # before the tap: it misses nothing that the tap sees
    rig.tap.start(folder / CAPTURE)
    rig.microphone.record(folder / RECORDING)
    progress("switching the device on")
    rig.reset()
    take.switch(rig.power.on)
    await_listening(rig, lambda: rig.clock.wait_s(_POLL_S))
    rig.settle()
    listener = PromptListener(rig.microphone, "listener", take.book, _overhearer(rig, script))
    live.hear_by(listener)
    prover = Prover(rig, take.schedule, listener, take.cast.request, live.go_on)
    events = SharedEvents(rig)
    take.shared = events.made

    def prove(phase: str) -> None:
        progress(f"{phase} controls")
        proof = Proof(phase)
        take.proofs.append(proof)
        prover.prove(proof)
        live.proven(proof)
        events.make(phase)

    prove(OPENING)
    take.delays = find_delays(rig, take.proofs[0].chirps)
    if take.proofs[0].awake is None:
        raise DeviceError(
            "the device does not answer: it was asked "
            f"{take.proofs[0].tries} times and nothing known was heard from it; see device.log"
        )
    how = script, take.schedule, listener, take.cast, take.delay
    performance = Performance(rig, *how, progress, events, live, take.owner)
    take.performed = performance.done
    performance.run()
    take.device_waited = performance.hand.share.part()
    prove(CLOSING)


def _prompt_book(rig: Rig, script: Script) -> PromptBook:
    folder = rig.prompts(script.household.contacts)
    rate_hz = rig.microphone.rate_hz
    if folder is None:
        return PromptBook((), rate_hz)
    path: Samples | None = rig.path("device", "listener")
    return PromptBook.load(folder, rate_hz, path)


def _overhearer(rig: Rig, script: Script) -> Overhearer | None:
    """What hears and reads words that are on no file, where the rig file asks for it."""
    if not rig.file.device.reading:
        return None
    reader = Reader(recogniser(), script.household)

    def role(sound: Samples) -> PromptRole | None:
        meaning = reader.glance(sound)
        return None if meaning.doubts & {Doubt.WORDS, Doubt.ROLE} else meaning.role

    return Overhearer(rig.microphone, rig.loudspeaker.positions, role)


def _bring_home(take: Take, folder: Path) -> None:
    """Stop everything and fetch what was seen; what fails is noted, and the rest still done."""
    rig = take.rig

    def read_inbox() -> None:
        take.messages = rig.inbox.messages()

    def ask_account() -> None:
        if take.owner is not None and take.stopped_by is None:
            take.owner.look(folder)

    def stop_tap() -> None:
        take.tap_report = rig.tap.stop()

    def stop_proxy() -> None:
        if rig.proxy is None:
            return
        if rig.proxy is not rig.tap:
            rig.proxy.stop()  # after the tap, for the same reason
        take.passed = rig.proxy.report()

    def keep_keys() -> None:
        if rig.file.device.open and take.tap_report is not None:
            write_secrets(folder / CAPTURE, key_lines(rig.keys()))

    def read_panel() -> None:
        strange = rig.panel.malformed() if rig.panel is not None else ()
        if strange:
            raise RigError(f"the panel sent {len(strange)} lines that make no sense: {strange[0]}")

    steps: tuple[Callable[[], None], ...] = (
        read_inbox,
        ask_account,
        read_panel,
        lambda: take.switch(rig.power.off),
        lambda: leave_whole(rig, take.script),
        stop_tap,
        stop_proxy,
        keep_keys,
        rig.microphone.stop_recording,
    )
    for step in steps:
        try:
            step()
        except (RigError, OSError) as error:
            take.troubles.append(str(error))
        except KeyboardInterrupt as interrupt:  # the other steps are still to be done
            take.stopped_by = interrupt
