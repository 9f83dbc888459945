"""A capture of very many hosts is held against the budgets in a time that does not explode."""

import time

import numpy as np

from harness.model.timeline import Channel
from harness.wire.covert.allowances import Allowances
from harness.wire.covert.leaks import Outward, leaks
from harness.wire.covert.names_asked import NamesAsked
from harness.wire.covert.ways import Kind, Way
from harness.wire.declared import Declared


def test_fifty_thousand_hosts_take_no_minute() -> None:
    hosts, each = 50_000, 6
    ways = [Way(Kind.HOST, f"h{n}:443", Channel.UNKNOWN) for n in range(hosts)]
    ns = np.arange(hosts * each, dtype=np.int64) * 1_000_000
    way = np.tile(np.arange(hosts, dtype=np.int64), each)
    sent = Outward(ns, np.full(len(ns), 100, np.int64), way, np.ones(len(ns), np.bool_), ways)
    asked, begun_s = NamesAsked(), time.process_time()
    [upload] = leaks(sent, asked, asked.questions(), Allowances(Declared(("cloud.test",))))
    assert time.process_time() - begun_s < 5.0
    assert upload.bytes_out == hosts * each * 100, "no host was sent much, all together were"
