"""`sayso wire`: who the device talked to, how much, when, and why each upload counts as one."""

import argparse
import re
from collections.abc import Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from harness.errors import RigError, UserError
from harness.evidence import layout
from harness.evidence.read import read_case
from harness.evidence.verify import ProblemKind, verify
from harness.evidence.wire_facts import read_wire_facts
from harness.model.case import Case
from harness.model.timeline import Upload
from harness.report.phrases import size
from harness.report.wire_picture import wire_picture
from harness.report.wire_words import Account, wire_json, wire_text
from harness.wire.peers import Talk
from harness.wire.report import UploadLimits, read_wire

_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")
_DESCRIPTION = """\
Reads the capture of a run (a folder in evidence/) or a capture file (pcapng or pcap, or the name
that a ring of files was begun as), and prints every destination with bytes each way, times, and
what is remarkable of it; then what counts as an upload, and why. Exit code 0, or 2 where part of
the capture could not be read or was lost, or where the run is not as it was sealed."""


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "wire",
        help="say who the device talked to, how much, when, and why uploads count as such",
        description=_DESCRIPTION,
    )
    parser.add_argument("run_or_capture", type=Path, metavar="RUN", help="a run, or a capture file")
    parser.add_argument(
        "--device",
        metavar="ADDRESS",
        help="the device's address or MAC address; without it, what the run says, or whoever "
        "opened most connections",
    )
    parser.add_argument(
        "--json", action="store_true", help="print it as JSON, with bytes over time"
    )
    parser.add_argument(
        "--picture", type=Path, metavar="OUT.svg", help="also draw bytes over time by destination"
    )
    parser.set_defaults(run=_wire)


def _wire(arguments: argparse.Namespace) -> int:
    given: Path = arguments.run_or_capture
    device = None if arguments.device is None else _address(arguments.device)
    if given.is_dir():
        account, case = _of_run(given, device)
    else:
        account, case = _of_capture(given, device), None
    if arguments.picture is not None:
        _draw(arguments.picture, wire_picture(account, case))
    print(wire_json(account) if arguments.json else wire_text(account))
    return 2 if account.talk.unread or account.talk.dropped else 0


def _address(text: str) -> str:
    """An IP or MAC address as captures are asked for it."""
    if _MAC.fullmatch(text.lower()):
        return text.lower()
    try:
        return str(ip_address(text))
    except ValueError as error:
        raise UserError(
            f"--device {text} is neither an IP address nor a MAC address such as 02:53:41:59:00:02"
        ) from error


def _of_run(folder: Path, device: str | None) -> tuple[Account, Case]:
    # The compiler takes two seconds to import: only those who read a capture wait for it.
    from harness.wire.talk import read_talk

    case = read_case(folder, torn_end=True)
    facts = read_wire_facts(folder)
    known = device or (None if facts is None else facts.device)
    talk = read_talk(folder / layout.NETWORK, known, () if facts is None else facts.own_flows)
    spoilt = tuple(
        f"{one.name} {one.detail}" for one in verify(folder) if one.kind is not ProblemKind.EXTRA
    )
    talk = replace(talk, unread=(*talk.unread, *spoilt))
    notes = [] if known else [_guessed(talk)]
    if facts is None:
        notes.append("The run does not say when its scene began: times count from the first packet")
    uploads = [event for event in case.events if isinstance(event, Upload)]
    account = Account(
        talk,
        sorted(uploads, key=lambda upload: upload.start_s),
        _since_first(talk) if facts is None else facts.at_s,
        "more than the rig file lets pass as idle traffic",
        " ".join(f"{note}." for note in notes),
    )
    return account, case


def _of_capture(path: Path, device: str | None) -> Account:
    from harness.wire.talk import read_talk

    talk = read_talk(path, device)
    at_s, limits = _since_first(talk), UploadLimits()
    notes = [*([] if device else [_guessed(talk)]), "Times count from the first packet"]
    by = (
        f"at least {size(limits.min_bytes)} of payload without a pause of {limits.gap_s:g} s, "
        "which is what counts where nothing is known of the device"
    )
    try:
        uploads = read_wire(path, talk.device).uploads
    except RigError as error:
        notes.append(f"Uploads were not looked for: {error}")
        return Account(talk, None, at_s, by, " ".join(f"{note}." for note in notes))
    timed = [
        replace(upload, start_s=at_s(upload.start_s), end_s=at_s(upload.end_s))
        for upload in uploads
    ]
    return Account(talk, timed, at_s, by, " ".join(f"{note}." for note in notes))


def _guessed(talk: Talk) -> str:
    return f"{talk.device} opened most connections and is taken for the device (else say --device)"


def _since_first(talk: Talk) -> Callable[[float], float]:
    first_s = min((peer.first_s for peer in talk.peers), default=0.0)
    return lambda unix_s: unix_s - first_s


def _draw(path: Path, picture: str) -> None:
    try:
        path.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror}; name another file") from error
