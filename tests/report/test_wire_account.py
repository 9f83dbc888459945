"""`sayso wire`: in words, as JSON and as a picture, of a run and of a capture."""

import json
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks.wire_hellos import client_hello, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.bench.ports.canary import CanaryFlow
from harness.cli import main
from harness.errors import RigError
from harness.evidence.folder import EvidenceFolder
from harness.evidence.layout import NETWORK, WIRE
from harness.evidence.sample import sample_case, sample_pass, write_sample
from harness.evidence.wire_facts import WireFacts, read_wire_facts
from harness.model.timeline import Upload

DEVICE, CLOUD = "10.77.0.2", "10.77.0.1"
ZERO_S = 1_795_312_661.5
FACTS = WireFacts(DEVICE, (CanaryFlow(5000, ZERO_S - 3, ZERO_S - 2),), ("n1",), ZERO_S, 1.0001)


def capture() -> bytes:
    """A stream of speech to the maker, heartbeats to another, a canary of the harness."""
    frames = [(ZERO_S - 2.5, tcp_frame(DEVICE, 5000, CLOUD, 443, 9, b"", 2))]
    frames += [(ZERO_S + 6, tcp_frame(DEVICE, 4000, CLOUD, 443, 9, b"", 2))]
    hello, at = tls_record(client_hello("voice.maker.test")), 10
    for number, payload in enumerate([hello, *[b"s" * 1000] * 60]):
        frames.append(
            (ZERO_S + 6 + 0.05 * number, tcp_frame(DEVICE, 4000, CLOUD, 443, at, payload))
        )
        at += len(payload)
    frames += [
        (ZERO_S + 5.0 * n, udp_frame(DEVICE, 7, "198.51.100.7", 123, b"h" * 90)) for n in range(9)
    ]
    return pcapng_bytes(sorted(frames))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    folder = write_sample(tmp_path, 1000.0)
    (folder.folder / NETWORK).write_bytes(capture())
    folder.write_json(WIRE, FACTS.content())
    folder.seal()
    return folder.folder


def _seal_again(run: Path) -> None:
    (run / "manifest.json").unlink()
    EvidenceFolder(run).seal()


def test_facts_of_the_wire_as_written(run: Path) -> None:
    assert read_wire_facts(run) == FACTS
    assert FACTS.at_s(ZERO_S + 10) == pytest.approx(10.001)
    (run / WIRE).write_text('{"device": "x"}')
    with pytest.raises(RigError, match="not as Sayso writes it"):
        read_wire_facts(run)
    (run / WIRE).unlink()
    assert read_wire_facts(run) is None


def test_a_run_in_words(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wire", str(run)]) == 0
    said = capsys.readouterr().out
    assert said.startswith("The device 10.77.0.2 sent 61 kB to 2 destinations")
    lines = {line.split()[0]: line for line in said.splitlines() if line and line[0] != " "}
    assert "0:06.0 to 0:09.0" in lines["voice.maker.test:443"]
    assert "0:00.0 to 0:40.0" in lines["198.51.100.7:123"]
    assert "the harness's own" in said
    uploads = [event for event in sample_case().events if isinstance(event, Upload)]
    assert uploads and all(f"to {upload.destination}" in said for upload in uploads)


def test_a_run_as_json(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["wire", str(run), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [peer["host"] for peer in told["peers"]] == ["voice.maker.test", "198.51.100.7", CLOUD]
    for peer in told["peers"]:
        spans = peer["over_time"]["spans"]
        assert sum(sent for _, sent, _ in spans) == peer["sent"]["payload_bytes"]
    assert len(told["uploads"]) == sum(isinstance(e, Upload) for e in sample_case().events)
    assert all(upload["why"] for upload in told["uploads"])


def test_a_picture_of_a_run_and_of_a_capture(run: Path, tmp_path: Path) -> None:
    """Lanes of who spoke, then of each destination; the harness's own is not drawn."""
    out = tmp_path / "wire.svg"
    assert main(["wire", str(run), "--picture", str(out)]) == 0
    texts = [
        text.text or "" for text in ElementTree.parse(out).iter("{http://www.w3.org/2000/svg}text")
    ]
    cast = [member.name for member in sample_case().script.cast]
    order = [texts.index(name) for name in (*cast, "The device says", "198.51.100.7:123")]
    assert order == sorted(order) and "test:443" in texts
    assert main(["wire", str(run / NETWORK), "--device", DEVICE, "--picture", str(out)]) == 0
    drawn = out.read_text()
    assert "198.51.100.7:123" in drawn and cast[0] not in drawn and "0:06.0 61 kB" not in drawn
    assert main(["wire", str(run), "--picture", str(tmp_path / "no" / "x.svg")]) == 3


def test_a_capture_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "c.pcapng"
    path.write_bytes(capture())
    assert main(["wire", str(path)]) == 0
    said = capsys.readouterr().out
    assert "10.77.0.2 opened most connections" in said and "Times count from the first" in said
    assert "1 upload (at least 6.0 kB" in said
    assert "0:08.5 to 0:11.5  60 kB in 3 s to voice.maker.test:443" in said
    assert main(["wire", str(path), "--device", "02:53:41:59:00:02"]) == 0
    assert "60 kB in 3 s to voice.maker.test:443" in capsys.readouterr().out
    assert main(["wire", str(path), "--device", "10.9.9.9"]) == 0
    assert "none from or to 10.9.9.9: is that the device" in capsys.readouterr().out
    assert main(["wire", str(path), "--device", "speaker.local"]) == 3
    assert "neither an IP address nor a MAC address" in capsys.readouterr().err


def test_a_run_that_is_not_what_was_sealed_is_told_by_words_and_code(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A capture that was put in the place of another reads well, and proves nothing."""
    (run / NETWORK).write_bytes(pcapng_bytes([]))
    assert main(["wire", str(run)]) == 2
    said = capsys.readouterr().out
    assert "not to be trusted" in said and "network.pcapng has" in said
    (run / "manifest.json").unlink()
    assert main(["wire", str(run)]) == 2
    assert "there is no manifest" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x1f\x8b" + bytes(99), "begins neither like pcapng nor like pcap. Unpack it"),
        (pcapng_bytes([]), "holds no packets"),
        (
            pcapng_bytes([(ZERO_S, udp_frame(DEVICE, 7, CLOUD, 9, b"x" * 9000))]).replace(
                b"\x20\0\0\0\x01\0", b"\x20\0\0\0\x7f\0", 1
            ),
            "a link that is not read",
        ),
        (
            pcapng_bytes([(ZERO_S, tcp_frame(DEVICE, 4000, CLOUD, 443, 9, b"x" * 9000))]),
            "every connection began before the capture",
        ),
        (
            pcapng_bytes([], dropped=None)
            + struct.pack("<IIII", 3, 20, 4, 0)
            + struct.pack("<I", 20),
            "1 packets without a time",
        ),
        (
            pcapng_bytes([(ZERO_S, bytes(12) + b"\x88\x64" + bytes(9000))]),
            "no packet is of IP;",
        ),
    ],
    ids=["packed", "empty", "radio", "middle", "untimed", "pppoe"],
)
def test_why_nobody_can_be_taken_for_the_device(
    content: bytes, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.pcapng"
    path.write_bytes(content)
    assert main(["wire", str(path)]) == 2
    assert told in capsys.readouterr().err
    # Whoever is named: what cannot be read is never idle.
    assert main(["wire", str(path), "--device", DEVICE]) == (0 if told in READ_WITH_A_NAME else 2)
    assert ("Nothing counts as an upload" in capsys.readouterr().out) == (
        told == "holds no packets"
    )


READ_WITH_A_NAME = (
    "holds no packets",
    "every connection began before the capture",
    "no packet is of IP;",
)


def test_where_nobody_could_look_for_uploads_none_is_denied(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One interface of two is of a link that is not read."""
    head = pcapng_bytes([])[:28]
    other = struct.pack("<IIHHII", 1, 20, 127, 0, 0, 20)
    body = capture()[28:]
    (at,) = struct.unpack_from("<I", body, 4)
    packet = struct.pack("<IIIIIII", 6, 36, 1, 0, 1, 4, 4) + b"\0\0\0\0" + struct.pack("<I", 36)
    path = tmp_path / "c.pcapng"
    path.write_bytes(head + body[:at] + other + packet + body[at:])
    assert main(["wire", str(path)]) == 2
    said = capsys.readouterr().out
    assert "What of this is an upload is not known." in said and "Nothing counts" not in said
    assert main(["wire", str(path), "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["uploads"] is None


def test_a_run_whose_capture_is_a_ring(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every file is read; one that was overwritten is told by words and code."""
    names = [run / f"network_{n:05d}_20261122182200.pcapng" for n in (1, 2)]
    (run / NETWORK).rename(names[0])
    names[1].write_bytes(capture())
    _seal_again(run)
    assert main(["wire", str(run)]) == 0
    assert "144 packets captured" in capsys.readouterr().out
    names[0].unlink()
    _seal_again(run)
    assert main(["wire", str(run)]) == 2
    assert "1 files of the ring were overwritten" in capsys.readouterr().out


def test_what_was_lost_is_told_by_words_and_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "c.pcapng"
    path.write_bytes(capture()[:-40])
    assert main(["wire", str(path)]) == 2
    assert "files end within a block" in capsys.readouterr().out
    assert main(["wire", str(tmp_path / "none.pcapng")]) == 2
    assert "there is no capture" in capsys.readouterr().err


def test_a_run_that_sent_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_sample(tmp_path, 1000.0, sample_pass())
    (folder.folder / NETWORK).write_bytes(pcapng_bytes([]))
    folder.write_json(WIRE, FACTS.content())
    folder.seal()
    assert main(["wire", str(folder.folder)]) == 0
    said = capsys.readouterr().out
    assert "Nothing was captured." in said and "Nothing counts as an upload" in said
