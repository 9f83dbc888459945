"""Keys in the capture: what is written there, and that another program decrypts with it."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.drivers.simulated_capture import pcapng_bytes, udp_frame
from harness.errors import RigError
from harness.wire import read_wire
from harness.wire.payload import key_lines, write_secrets
from tests.wire.payload.conversations import CLOUD, DEVICE, T0, Wire

GOOD = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48 + b"\n"


def test_only_lines_that_are_keys_are_kept_and_each_once() -> None:
    log = b"# a comment\n" + GOOD + b"rm -rf /\nCLIENT_RANDOM zz yy\n" + GOOD + b"\xff\x00\n"
    assert key_lines(log) == GOOD


@given(st.binary(max_size=300))
def test_whatever_a_device_logs_is_no_reason_to_fail(log: bytes) -> None:
    assert key_lines(log + b"\n" + GOOD).endswith(GOOD)


def test_another_program_decrypts_without_a_key_file(tmp_path: Path) -> None:
    wire = Wire(tmp_path / "keys")
    wire.converse(50_001, [(T0, b"GET /secret HTTP/1.1\r\nHost: x\r\n\r\n")])
    closed = wire.capture(tmp_path / "closed.pcapng", with_keys=False)
    opened = wire.capture(tmp_path / "open.pcapng")
    wire.keys.unlink()
    seen = [
        subprocess.run(
            [
                "tshark",
                "-n",
                "-r",
                str(path),
                "-Y",
                "http",
                "-T",
                "fields",
                "-e",
                "http.request.uri",
            ],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for path in (closed, opened)
    ]
    assert seen == [[], ["/secret"]]
    assert opened.stat().st_mode & 0o777 == 0o600
    assert read_wire(opened, DEVICE).traffic == read_wire(closed, DEVICE).traffic


@pytest.mark.parametrize("order", ["<", ">"])
def test_either_byte_order(tmp_path: Path, order: str) -> None:
    frames = [(T0, udp_frame(DEVICE, 4000, CLOUD, 53, b"hello"))]
    path = tmp_path / "c.pcapng"
    path.write_bytes(pcapng_bytes(frames, byte_order=order))
    write_secrets(path, GOOD)
    assert len(read_wire(path, DEVICE).traffic.sent) == 1
    said = subprocess.run(
        ["capinfos", "-c", str(path)], capture_output=True, text=True, check=True
    ).stdout
    assert said.split()[-1] == "1"


@pytest.mark.parametrize(
    "content", [b"", b"\xd4\xc3\xb2\xa1" + bytes(20), b"\x0a\x0d\x0d\x0a" + b"\xff" * 40]
)
def test_what_is_no_pcapng_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.pcapng"
    path.write_bytes(content)
    with pytest.raises(RigError, match="no pcapng file"):
        write_secrets(path, GOOD)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_without_keys_nothing_is_written(tmp_path: Path) -> None:
    write_secrets(tmp_path / "there-is-none.pcapng", b"")
