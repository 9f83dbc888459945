"""The controls before and after a scene: what must be proven before absence means anything.

`Prover` does what has to be done in the room and on the link and notes what it did; what came of
it is read from the recording and the capture afterwards (`proofs`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import scipy

from harness.bench.ports.canary import CANARY_MARK
from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.ears.listener import PromptListener
from harness.errors import RigError
from harness.stage.microphone_watch import MicrophoneWatch
from harness.stage.schedule import Played, Schedule, at_level

OPENING, CLOSING = "opening", "closing"
_CHIRP_S = 0.15
_CHIRP_LEVEL_DB = -20.0
_APART_S = 0.2
_CLICKS = 5
_CLICK_APART_S = 0.07
_TRIES = 2
# A server's idea of its playing latency was seen 4 ms off, and back within 15 s.
_CLOCK_TRIES = 16
_CLOCK_PAUSE_S = 0.4
# What belongs to the opening control request must be over before the scene begins.
_QUIET_S = 0.8
# So much is searched at a time: the answer is found before `_QUIET_S` after its end is over.
_UNHURRIED_S = 0.4


@dataclass(slots=True)
class Proof:
    """What was done in one round of controls; times are indices or Unix seconds.

    `awake`: the prompt that answered, as (start, end) indices, None when none came; `tries` how
    often it was asked, from index `asked_at` on. `unasked`: it began to say an answer in this round
    before it was asked. `nonces`: of all canaries sent on the link.
    `from_unix_s` to `until_unix_s`: the round, canaries and request included. `deaf_at_unix_s`:
    when the device was found with its microphone closed.
    """

    phase: str
    chirps: list[Played] = field(default_factory=list)
    clicks: list[tuple[int, bytes, float]] = field(default_factory=list)
    tap_nonce: bytes = b""
    nonces: list[bytes] = field(default_factory=list)
    inbox_nonce: str = ""
    inbox_error: str | None = None
    awake: tuple[int, int] | None = None
    tries: int = 0
    asked_at: int | None = None
    unasked: bool = False
    from_unix_s: float = 0.0
    until_unix_s: float = 0.0
    deaf_at_unix_s: list[float] = field(default_factory=list)


class Prover:
    """Does one round of controls on a rig."""

    def __init__(
        self,
        rig: Rig,
        schedule: Schedule,
        listener: PromptListener,
        request: tuple[Samples, Samples],
        meanwhile: Callable[[], None] = lambda: None,
    ) -> None:
        """`meanwhile`: called at every moment that is waited."""
        self._meanwhile = meanwhile
        self._rig, self._schedule, self._listener = rig, schedule, listener
        self._wake, self._question = request
        self._rate = rig.microphone.rate_hz
        self._microphone_watch = MicrophoneWatch(rig, (), [])

    def prove(self, proof: Proof) -> None:
        """One round: chirps, clicks with datagrams, canaries, and a request to the device.

        Notes what it does in `proof` as it goes, so that an interrupted round leaves its part.
        """
        proof.from_unix_s = self._rig.clock.now_s()
        began = self._rig.microphone.heard_until()
        self._microphone_watch = MicrophoneWatch(self._rig, (), proof.deaf_at_unix_s)
        self._chirp(proof)
        self._canaries(proof)
        self._ask(proof)
        proof.unasked = self._spoke_unasked(began, proof.asked_at)
        self._clicks(proof)
        if proof.phase == OPENING:
            self._await_end(proof)
        proof.until_unix_s = self._rig.clock.now_s()
        self._rig.raise_trouble()

    def _chirp(self, proof: Proof) -> None:
        at = 0
        for position in self._rig.loudspeaker.positions:
            played = self._schedule.play(f"chirp-{position}", position, chirp(self._rate), at)
            proof.chirps.append(played)
            at = played.at_index + int(1.2 * _CHIRP_S * self._rate)

    def _canaries(self, proof: Proof) -> None:
        proof.tap_nonce = self._rig.new_mark(8).encode()
        proof.nonces.append(proof.tap_nonce)
        self._rig.tap.send_canary(proof.tap_nonce)
        proof.inbox_nonce = self._rig.new_mark(8)
        try:
            self._rig.inbox.send_canary(proof.inbox_nonce)
        except RigError as error:
            proof.inbox_error = str(error)

    def _clicks(self, proof: Proof) -> None:
        """Clicks with datagrams; again, for some 15 s, where the clocks have not settled yet.

        A device that opens its loudspeaker disturbs the server's idea of latency for seconds.
        """
        if "N" in self._rig.untried:
            return
        for tried in range(_CLOCK_TRIES):
            if tried:
                self._rig.clock.wait_s(_CLOCK_PAUSE_S)
            proof.clicks = self._click_round(proof)
            apart = [self._rig.microphone.unix_s(i) - sent_s for i, _, sent_s in proof.clicks]
            if apart and abs(float(np.median(apart))) * 1e3 < self._rig.file.limits.clock_ms / 2:
                return

    def _click_round(self, proof: Proof) -> list[tuple[int, bytes, float]]:
        nonces = [b"clock " + self._rig.new_mark(6).encode() for _ in range(_CLICKS)]
        proof.nonces += nonces
        at = self._rig.loudspeaker.earliest_index() + int(0.03 * self._rate)
        apart = int(_CLICK_APART_S * self._rate)
        sent_s = self._rig.shared_event.mark(at, apart, [CANARY_MARK + n for n in nonces])
        rows = zip(nonces, sent_s or [], strict=False)
        return [(at + apart * i, nonce, s) for i, (nonce, s) in enumerate(rows)]

    def _ask(self, proof: Proof) -> None:
        last = max((p.at_index + len(p.samples) for p in proof.chirps), default=0)
        first = last + int(_APART_S * self._rate)
        control = self._rig.file.device.control
        after = self._rig.microphone.heard_until()
        while proof.awake is None and proof.tries < _TRIES:
            proof.tries += 1
            wake = self._schedule.play("control-wake", control.at, self._wake, first)
            if proof.asked_at is None:
                proof.asked_at = wake.at_index
            pause = wake.at_index + len(self._wake) + int(control.pause_s * self._rate)
            question = self._schedule.play("control-request", control.at, self._question, pause)
            asked = question.at_index + len(self._question)
            until = asked + int(control.answer_within_s * self._rate)
            # What it still says to the first request is no answer to the second, which would
            # otherwise go on into the scene.
            since = after if proof.tries == 1 else question.at_index
            proof.awake = self._await_answer(since, asked, until)

    def _spoke_unasked(self, began: int, asked_at: int | None) -> bool:
        """Whether it began an answer after index `began` that nobody had asked for by `asked_at`.

        A device that says its answer all the time would say it after the request as well.
        """
        role = self._rig.file.device.control.answered_by
        until = began if asked_at is None else asked_at
        return any(
            words and said.role is role and began <= said.start < until
            for said, words in self._listener.found()
        )

    def _await_end(self, proof: Proof) -> None:
        if proof.awake is not None:
            over = proof.awake[1] + int(_QUIET_S * self._rate)
            while self._rig.microphone.heard_until() < over:
                self._rig.raise_trouble()
                self._microphone_watch.go_on()
                self._meanwhile()
                self._rig.clock.wait_s(0.05)

    def _await_answer(self, since: int, asked: int, until: int) -> tuple[int, int] | None:
        """The answer that began at index `since` or later; None when `until` is heard without.

        A device that only chirps may do so before all was `asked`; the request is said to its end.
        """
        role, over = self._rig.file.device.control.answered_by, False
        while not over:
            now = self._rig.microphone.heard_until()
            over = now >= until
            at_least_s = 0.0 if over else _UNHURRIED_S
            heard = self._listener.answered(role, since, at_least_s)
            if heard is not None and heard[0] >= since and now >= asked:
                return heard
            self._rig.raise_trouble()
            self._microphone_watch.go_on()
            self._meanwhile()
            self._rig.clock.wait_s(0.1)
        return None


def chirp(rate_hz: int) -> Samples:
    """A soft-edged sweep through the speech band, to be recognised anywhere."""
    t = np.arange(int(_CHIRP_S * rate_hz)) / rate_hz
    sweep = scipy.signal.chirp(t, 300.0, _CHIRP_S, 6000.0) * np.hanning(len(t))
    level = 10 * np.log10(np.mean(sweep**2))
    return at_level(sweep.astype(np.float32), _CHIRP_LEVEL_DB - float(level), "the control chirp")
