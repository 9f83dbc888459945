"""What is compiled: beforehand, once, kept where it can be; and imported only by who needs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.flows.code import first_writable
from tests.wire.flows.frames import CLOUD, DEVICE, T0, pcap_bytes

ROOT = Path(__file__).resolve().parents[3]
READ = """
import sys
from pathlib import Path
from harness.wire import read_wire
for path in sys.argv[1:]:
    read_wire(Path(path), "10.77.0.2")
print("numba" in sys.modules)
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
    kept = list(tmp_path.glob("sayso/compiled/*/*.code"))
    assert len(kept) == 1
    files = [str(tmp_path / "a.pcapng"), str(tmp_path / "b.pcap")]
    assert run(["-c", READ, *files], tmp_path) == "False\n"
    assert list(tmp_path.glob("sayso/compiled/*/*")) == kept
    code = kept[0].read_bytes()
    kept[0].write_bytes(code[:-1])  # as a power cut may leave it
    assert run(["-c", READ, *files], tmp_path) == "True\n"
    assert kept[0].stat().st_size == len(code)


def test_the_compiler_is_imported_only_to_compile(tmp_path: Path) -> None:
    modules = "import sys, harness.cli, harness.plugin, harness.stage.collect"
    told = "print({'numba', 'llvmlite'} & set(sys.modules))"
    said = run(["-c", f"{modules}; harness.cli.build_parser(); {told}"], tmp_path)
    assert said == "set()\n"


def test_what_is_slow_to_import_is_not_imported_at_the_start(tmp_path: Path) -> None:
    modules = "import sys, harness.cli, harness.plugin; harness.cli.build_parser()"
    said = run(["-c", f"{modules}; print('scipy.signal' in sys.modules)"], tmp_path)
    assert said == "False\n"


def test_it_is_kept_in_the_first_place_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    barred, good = tmp_path / "file" / "below", tmp_path / "good" / "below"
    assert first_writable([barred, good, tmp_path]) == good and good.is_dir()
    assert first_writable([barred]) is None
