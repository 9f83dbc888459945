"""What passes on port 53: how much of each question is new, and which answers came.

A name that was asked before, and the name below which it stands, tell nobody anything; the labels
that were never seen before do. So a question weighs as many bytes as it has new labels, and all
that a question need not hold. What cannot be read weighs as much as it is long. Memory is bounded:
of names beyond the bound each counts as new again.
"""

import struct
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from harness.wire.flows import room as r
from harness.wire.flows.messages import dns_addresses, dns_questions
from harness.wire.flows.record import address
from harness.wire.flows.room import Bytes
from harness.wire.traffic import FROM_DEVICE, TO_DEVICE, toward

_PORT = 53
_MOST_NAMES, _MOST_ADDRESSES, _MOST_NAMES_EACH = 65_536, 32_768, 8
_OPT_BYTES = 11
_WRONG = (struct.error, IndexError, UnicodeDecodeError)
_COLUMNS = 5  # ns, flow, from B, new bytes, domain


@dataclass(frozen=True, slots=True)
class Answered:
    """Names by address, as answers to one end of the link gave them."""

    by_address: dict[str, tuple[str, ...]]
    names: frozenset[str]

    def of(self, host: str) -> tuple[str, ...]:
        """The names that were answered with this address."""
        return self.by_address.get(host, ())

    def gave(self, name: str) -> bool:
        """Whether any answer held an address for `name`."""
        return name in self.names


class NamesAsked:
    """Keeps a line for each packet to port 53, and the addresses that came from there."""

    def __init__(self, known: Iterable[str] = (), device: str = "") -> None:
        """`known`: names that tell nothing from the first time on.

        `device`: its address; where that is a MAC address, what it tells itself is no answer, and
        what comes to it no question.
        """
        self._device = device
        self._seen: set[object] = set()
        self._lines: list[tuple[int, int, int, int, int]] = []
        self._domains: dict[str, int] = {}
        self._answers: OrderedDict[tuple[int, int, bytes], dict[str, None]] = OrderedDict()
        for name in known:
            self._new_labels(name.lower().strip("."))

    def take(self, data: Bytes, rows: r.Table) -> None:
        """Packets as a `FlowReader` hands them out."""
        ports = rows[:, r.ROW_PORTS]
        proto = (ports >> 24) & 0xFF
        talk = ((proto == r.UDP) | (proto == r.TCP)) & (rows[:, r.ROW_PAYLOAD] > 0)
        way = toward(rows, self._device)
        asks = talk & ((ports >> 32) & 0xFFFF == _PORT)
        tells = talk & ~asks & (ports >> 48 & 0xFFFF == _PORT) & (way != FROM_DEVICE)
        asks &= way != TO_DEVICE
        for line in np.flatnonzero(asks | tells):
            row = rows[line].tolist()
            content = data[row[r.ROW_AT] : row[r.ROW_AT] + row[r.ROW_KEPT]].tobytes()
            is_tcp = row[r.ROW_PORTS] >> 24 & 0xFF == r.TCP
            if asks[line]:
                self._ask(row, content, is_tcp)
            else:
                self._tell(row, content, is_tcp)

    def questions(self) -> r.Table:
        """A line each: Unix time (ns), flow, 1 if from B, bytes that are new, domain."""
        return np.array(self._lines, np.int64).reshape(-1, _COLUMNS)

    def sides(self) -> r.Table:
        """Flow, and 1 if from B, of everything that answered."""
        found = sorted({(flow, from_b) for flow, from_b, _ in self._answers})
        return np.array(found, np.int64).reshape(-1, 2)

    def domain(self, number: int) -> str:
        """The domain that a question was about; empty where it could not be read."""
        return next((name for name, each in self._domains.items() if each == number), "")

    def answered(self, inward: set[tuple[int, int]]) -> Answered:
        """What was answered by packets of these sides of flows (flow, 1 if from B)."""
        found: dict[str, dict[str, None]] = {}
        for (flow, from_b, raw), names in self._answers.items():
            if (flow, from_b) in inward:
                found.setdefault(_text(raw), {}).update(names)
        known = frozenset(name for names in found.values() for name in names)
        return Answered({host: tuple(names) for host, names in found.items()}, known)

    def _ask(self, row: list[int], content: bytes, is_tcp: bool) -> None:
        new, domain = row[r.ROW_PAYLOAD], ""
        if row[r.ROW_KEPT] == row[r.ROW_PAYLOAD]:
            try:
                weighed = [self._weigh(message) for message in _messages(content, is_tcp)]
                new, domain = sum(n for n, _ in weighed), weighed[-1][1] if weighed else ""
            except _WRONG:
                domain = ""
        at = row[r.ROW_NS], row[r.ROW_FLOW], row[r.ROW_FROM_B]
        self._lines.append((*at, new, self._number(domain)))

    def _weigh(self, message: bytes) -> tuple[int, str]:
        questions, at = dns_questions(message)
        new, domain = 0, ""
        for name, kind, group in questions:
            new += self._new_labels(name) + (0 if self._known((kind, group)) else 4)
            domain = registered(name)
        return new + self._new_beyond(message[at:]), domain

    def _new_beyond(self, rest: bytes) -> int:
        """What follows the questions: nothing, or the EDNS record, whose options may be new."""
        if not rest or self._known(rest):
            return 0
        # ".", OPT, size of datagrams, flags and version, size of the options
        if len(rest) < _OPT_BYTES or rest[:3] != b"\0\0\x29" or rest[5:9] != bytes(4):
            return len(rest)
        return len(rest) - _OPT_BYTES

    def _new_labels(self, name: str) -> int:
        new, labels = 0, name.split(".") if name else []
        for start in range(len(labels) - 1, -1, -1):
            if not self._known(".".join(labels[start:])):
                new += len(labels[start]) + 1
        return new

    def _known(self, thing: object) -> bool:
        """Whether it was seen before; from now on it has been, as long as there is room."""
        if thing in self._seen:
            return True
        if len(self._seen) < _MOST_NAMES:
            self._seen.add(thing)
        return False

    def _number(self, domain: str) -> int:
        if domain not in self._domains and len(self._domains) >= _MOST_NAMES:
            domain = ""
        return self._domains.setdefault(domain, len(self._domains))

    def _tell(self, row: list[int], content: bytes, is_tcp: bool) -> None:
        try:
            for message in _messages(content, is_tcp):
                for raw, name in dns_addresses(message, is_asked=True):
                    self._learn((row[r.ROW_FLOW], row[r.ROW_FROM_B], raw), name)
        except _WRONG:  # counted by the reader of flows
            return

    def _learn(self, key: tuple[int, int, bytes], name: str) -> None:
        names = self._answers.setdefault(key, {})
        if len(names) < _MOST_NAMES_EACH:
            names[name] = None
        if len(self._answers) > _MOST_ADDRESSES:
            self._answers.popitem(last=False)


def registered(name: str) -> str:
    """The part of a name that somebody registered, roughly: two labels, three below `co.uk`."""
    labels = name.split(".")
    short = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if short else labels[-2:])


def _messages(content: bytes, is_tcp: bool) -> Iterator[bytes]:
    """The messages that a datagram or a segment holds whole; `IndexError` where it is cut."""
    if not is_tcp:
        yield content
        return
    at = 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 2], "big")
        if size == 0 or at + 2 + size > len(content):
            raise IndexError
        yield content[at + 2 : at + 2 + size]
        at += 2 + size


def _text(raw: bytes) -> str:
    whole = raw if len(raw) == 16 else bytes(10) + b"\xff\xff" + raw
    high, low = struct.unpack("!qq", whole)
    return address(high, low)
