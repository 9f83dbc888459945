"""What is compiled: beforehand, once, kept where it can be; and imported only by who needs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.flows.compiled import first_writable
from tests.wire.flows.frames import CLOUD, DEVICE, T0, pcap_bytes

ROOT = Path(__file__).resolve().parents[3]
READ_AND_COUNT = """
import sys
from pathlib import Path
from harness.wire import read_wire
from harness.wire.flows import hellos, passes, segments, table
read_wire(Path(sys.argv[1]), "10.77.0.2")
read_wire(Path(sys.argv[2]), "10.77.0.2")
called = [hellos.client_hello, passes.pcap_pass, passes.pcapng_pass, passes.release,
          passes.end_slices, passes.next_block, segments.merge_all, table.index_again]
print(sum(sum(one.stats.cache_misses.values()) for one in called), len(called))
"""


def run(words: list[str], cache: Path) -> str:
    around = {**os.environ, "XDG_CACHE_HOME": str(cache)}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=around, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.exhaustive
@pytest.mark.slow
def test_what_was_compiled_beforehand_is_not_compiled_again(tmp_path: Path) -> None:
    frames = [
        (T0, tcp_frame(DEVICE, 4000, CLOUD, 443, 1, b"\x16\x03\x01" + bytes(400))),
        (T0 + 1, udp_frame(DEVICE, 4000, CLOUD, 53, b"question")),
    ]
    (tmp_path / "a.pcapng").write_bytes(pcapng_bytes(frames))
    (tmp_path / "b.pcap").write_bytes(pcap_bytes(frames))
    run(["-m", "harness.wire.flows"], tmp_path)
    kept = sorted(tmp_path.glob("sayso/compiled/*/*/*.nbc"))
    assert len(kept) == 8
    files = [str(tmp_path / "a.pcapng"), str(tmp_path / "b.pcap")]
    assert run(["-c", READ_AND_COUNT, *files], tmp_path) == "0 8\n"
    assert sorted(tmp_path.glob("sayso/compiled/*/*/*.nbc")) == kept


def test_the_compiler_is_imported_only_to_read_a_capture(tmp_path: Path) -> None:
    modules = "sys, harness.cli, harness.plugin, harness.stage.collect"
    said = run(["-c", f"import {modules}; print('numba' in sys.modules)"], tmp_path)
    assert said == "False\n"


def test_it_is_kept_in_the_first_place_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    barred, good = tmp_path / "file" / "below", tmp_path / "good" / "below"
    assert first_writable([barred, good, tmp_path]) == good and good.is_dir()
    assert first_writable([barred]) is None
