"""Whether an account or a tap keeps its promise: the part of `conformance` that takes longer.

An account is asked everything that a scene may ask, and loses all of its recordings. A tap captures
its own canaries, in a folder that is given.
"""

from collections.abc import Iterator
from pathlib import Path

from harness.bench.drivers.capture_blocks import PACKET, read_blocks
from harness.bench.ports import Account, Tap
from harness.bench.ports.account import AccountSettings, HistoryItem
from harness.bench.ports.canary import CANARY_MARK
from harness.clock import Clock
from harness.errors import RigError, SaysoError

_DAY_S = 86_400.0
_CANARIES, _NEAR_S = 5, 0.1


def account_faults(account: Account, clock: Clock, name: str, folder: Path) -> list[str]:
    """What is wrong with an open account, of which this deletes every recording and closes it.

    `name`: whom it begins as. `folder`: private, for an export.
    """
    faults = list[str]()
    try:
        account.prepare(name, {})
        for part in (_account_says, _account_changes, _account_forgets, _account_time):
            faults += part(account, clock)
        faults += _account_exports(account, folder)
    except SaysoError as error:
        faults.append(f"it failed although it should work: {error}")
    return faults


def _account_says(account: Account, clock: Clock) -> Iterator[str]:
    if not account.sources or account.sources - frozenset("CQX"):
        yield f"its `sources` are {sorted(account.sources)}; they are letters of C, Q and X"
    items = account.history().items
    if len({item.id for item in items}) != len(items):
        yield "two entries of its history have one id"
    times = [item.at_unix_s for item in items]
    if times != sorted(times):
        yield "its history is not told oldest first"
    for item in items:
        yield from _entry_faults(account, item)
    if "Q" not in account.sources and account.review_queue() is not None:
        yield "it tells a review queue, and has no source Q"


def _entry_faults(account: Account, item: HistoryItem) -> Iterator[str]:
    if item.at_uncertainty_s < 0:
        yield f"the uncertainty of `{item.id}` is below zero"
    if abs(account.unix_s() - item.at_unix_s) > _DAY_S + item.at_uncertainty_s:
        yield f"`{item.id}` is not of this day, although it was to begin with an empty history"
    sound = account.audio(item.id)
    if item.has_audio and sound is None:
        yield f"`{item.id}` has sound, and gives none"
    if not item.has_audio and sound is not None:
        yield f"`{item.id}` has no sound, and gives some"
    if account.gives_sound and sound == b"":
        yield f"`{item.id}` gives an empty sound"


def _account_changes(account: Account, clock: Clock) -> Iterator[str]:
    """A setting is as it was set, or not told; the other stays."""
    before = account.settings()
    for wanted in (False, True):
        account.change(AccountSettings(human_review=wanted))
        now = account.settings()
        if now.human_review not in (wanted, None):
            yield f"told to set `human_review` to {wanted}, it says {now.human_review}"
        if now.communications != before.communications:
            yield "`communications` changed when `human_review` was set"
    if before.human_review is not None:
        account.change(AccountSettings(human_review=before.human_review))


def _account_forgets(account: Account, clock: Clock) -> Iterator[str]:
    account.delete(())
    left = [item.id for item in account.history().items if item.has_audio]
    if left:
        yield f"all was deleted, and there is sound of: {', '.join(left)}"


def _account_time(account: Account, clock: Clock) -> Iterator[str]:
    before_s = account.unix_s()
    if not account.steps_time and abs(before_s - clock.now_s()) > _DAY_S:
        yield "its time is not Unix time"
    try:
        account.let_pass(2.0)
    except RigError:
        if account.steps_time:
            yield "`steps_time` is True, and no time can be let pass"
        return
    if account.unix_s() - before_s < 2 * 3600.0:
        yield "two hours were let pass, and it is not that much later"


def _account_exports(account: Account, folder: Path) -> Iterator[str]:
    try:
        account.request_export()
        export = account.export(folder)
    except RigError as error:
        if "X" in account.sources:
            yield f"it is a source X, and gives no export: {error}"
        return
    if "X" not in account.sources:
        yield "it gives an export, and is no source X"
    if not export.whole and not export.trouble:
        yield "its export is not whole, and nothing says why"


def tap_faults(tap: Tap, clock: Clock, folder: Path) -> list[str]:
    """What is wrong with a tap, which this starts twice; whoever made it closes it.

    `folder`: for its captures. A few seconds.
    """
    faults = list[str]()
    try:
        if tap.trouble() is not None:
            faults.append(f"it tells trouble before it was started: {tap.trouble()}")
        for number in (1, 2):
            faults += _captured(tap, clock, folder / f"{number}.pcapng")
    except SaysoError as error:
        faults.append(f"it failed although it should work: {error}")
    try:
        tap.stop()
        faults.append("it stops although it was not started")
    except RigError:
        pass
    return faults


def _captured(tap: Tap, clock: Clock, path: Path) -> Iterator[str]:
    tap.start(path)
    sent_s = {}
    for number in range(_CANARIES):
        nonce = b"conformance %d" % number
        sent_s[nonce] = tap.send_canary(nonce)
    if (why := tap.trouble()) is not None:
        yield f"it tells trouble while it captures: {why}"
    report = tap.stop()
    known_to_s = _NEAR_S if report.clock is None else report.clock.uncertainty_ms / 1e3 + _NEAR_S
    for nonce, at_s in sent_s.items():
        seen_s = [
            block.unix_s
            for file in report.files or (report.path,)
            for block in read_blocks(file)
            if block.kind == PACKET and CANARY_MARK + nonce in block.data
        ]
        if not seen_s:
            yield f"canary {nonce.decode()} is not in its capture"
        elif min(abs(s - at_s) for s in seen_s) > known_to_s:
            yield f"canary {nonce.decode()} is {min(seen_s) - at_s:+.3f} s off in its capture"
    if report.dropped:
        yield f"it dropped {report.dropped} packets of a link that was quiet"
    if report.packets < _CANARIES:
        yield f"it counts {report.packets} packets, and {_CANARIES} canaries were sent"
