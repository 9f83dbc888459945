"""From real TLS on a capture to the span of the room in it; what cannot be read is unread."""

import gzip
import io
import ssl
from pathlib import Path

import pytest
import soundfile

from harness.errors import RigError
from harness.model.timeline import Upload
from harness.wire import UploadLimits, read_wire
from harness.wire.payload import Held, Room, held, read_connections
from tests.wire.payload.conversations import DEVICE, T0, Said, Wire, as_pcm, streamed, talk

RATE = 16_000
HEARD = talk(12.0, 3)
ROOM = Room(HEARD, RATE)


def pcm(from_s: float, until_s: float) -> bytes:
    return as_pcm(HEARD[round(from_s * RATE) : round(until_s * RATE)]).tobytes()


def post(body: bytes, at_s: float, head: bytes = b"") -> list[Said]:
    begin = b"POST /x HTTP/1.1\r\nHost: x\r\n" + head + b"Content-Length: %d\r\n\r\n" % len(body)
    return [(at_s, begin + body)]


def told(wire: Wire, path: Path, *, with_keys: bool = True) -> list[tuple[Upload, Held]]:
    """Each upload of a capture with what it holds; the room's recording begins at T0."""
    wire.capture(path, with_keys=with_keys)
    connections = read_connections(path, DEVICE)
    uploads = read_wire(path, DEVICE, (), UploadLimits()).uploads
    return [(u, held(u, connections, ROOM, T0, 6000)) for u in uploads]


def wire(folder: Path, *said: list[Said], **more: object) -> Wire:
    made = Wire(folder / "keys", **more)  # type: ignore[arg-type]
    for number, each in enumerate(said):
        made.converse(50_001 + number, each)
    return made


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2])
def test_a_stream_and_a_form_over_either_tls(tmp_path: Path, version: ssl.TLSVersion) -> None:
    form = b'--q\r\nContent-Disposition: form-data; name="audio"\r\n\r\n' + pcm(3.0, 5.0)
    two = wire(
        tmp_path,
        streamed(pcm(1.0, 3.5), T0 + 1.2),
        post(form + b"\r\n--q--\r\n", T0 + 6, b"Content-Type: multipart/form-data; boundary=q\r\n"),
        newest=version,
    )
    (_, stream), (_, message) = told(two, tmp_path / "c.pcapng")
    assert stream.span == pytest.approx((1.0, 3.5), abs=1e-3), stream.trouble
    assert message.span == pytest.approx((3.0, 5.0), abs=1e-3), message.trouble


def test_a_pause_in_a_stream_leaves_each_burst_its_own_span(tmp_path: Path) -> None:
    first, rest = streamed(pcm(0.5, 2.5), T0 + 0.7)[:-1], streamed(pcm(2.5, 4.5), T0 + 6.0)[1:]
    bursts = told(wire(tmp_path, first + rest), tmp_path / "c.pcapng")
    assert [b.span for _, b in bursts] == [
        pytest.approx((0.5, 2.5), abs=1e-3),
        pytest.approx((2.5, 4.5), abs=1e-3),
    ]


def test_a_file_that_leaves_in_two_bursts_is_all_in_either(tmp_path: Path) -> None:
    file = io.BytesIO()
    soundfile.write(file, HEARD[RATE : 3 * RATE], RATE, format="WAV")
    [(at_s, whole)] = post(file.getvalue(), T0 + 4)
    half = len(whole) // 2
    other = as_pcm(talk(0.5, 9)).tobytes()
    said = [(at_s, whole[:half]), (at_s + 3, whole[half:]), *post(other, at_s + 3.1)]
    (_, first), (_, second) = told(wire(tmp_path, said), tmp_path / "c.pcapng")
    assert first.span == pytest.approx((1.0, 3.0), abs=1e-3)
    assert second.span is None, "what else left with the second half is not hidden by the first"


def test_compressed_sound(tmp_path: Path) -> None:
    said = post(gzip.compress(pcm(2.0, 4.0)), T0 + 5, b"Content-Encoding: gzip\r\n")
    [(_, found)] = told(wire(tmp_path, said), tmp_path / "c.pcapng")
    assert found.span == pytest.approx((2.0, 4.0), abs=1e-3)


def test_what_left_before_it_was_heard_is_something_else(tmp_path: Path) -> None:
    [(_, found)] = told(wire(tmp_path, post(pcm(8.0, 10.0), T0 + 5)), tmp_path / "c.pcapng")
    assert found.span is None
    assert "nothing that the microphone heard" in found.trouble


def test_sound_beside_bytes_that_could_be_anything_is_unread(tmp_path: Path) -> None:
    both = post(pcm(1.0, 3.0), T0 + 4) + post(as_pcm(talk(0.3, 9)).tobytes(), T0 + 4.1)
    [(_, found)] = told(wire(tmp_path, both), tmp_path / "c.pcapng")
    assert found.span is None
    assert "bytes of it are no sound" in found.trouble


def test_bytes_behind_the_sound_of_a_file_are_not_excused_by_it(tmp_path: Path) -> None:
    file = io.BytesIO()
    soundfile.write(file, HEARD[RATE : 3 * RATE], RATE, format="WAV")
    said = post(file.getvalue() + as_pcm(talk(0.3, 9)).tobytes(), T0 + 4)
    [(_, found)] = told(wire(tmp_path, said), tmp_path / "c.pcapng")
    assert found.span is None and "bytes of it are no sound" in found.trouble


def test_without_keys_it_is_unread(tmp_path: Path) -> None:
    closed = wire(tmp_path, streamed(pcm(1.0, 3.0), T0 + 1.2))
    [(_, found)] = told(closed, tmp_path / "closed.pcapng", with_keys=False)
    assert found.span is None and "bytes of it are no sound" in found.trouble


@pytest.mark.parametrize("lose", [10, -1])
def test_with_a_segment_that_the_tap_missed_it_is_unread(tmp_path: Path, lose: int) -> None:
    holed = Wire(tmp_path / "keys")
    holed.converse(50_009, streamed(pcm(1.0, 3.0), T0 + 1.2), lose=lose)
    [(_, found)] = told(holed, tmp_path / "holed.pcapng")
    assert (found.span, found.trouble) == (None, "the capture misses packets of its connection")


def test_an_upload_of_which_there_is_no_packet_is_unread(tmp_path: Path) -> None:
    path = wire(tmp_path, streamed(pcm(1.0, 3.0), T0 + 1.2)).capture(tmp_path / "c.pcapng")
    other = Upload(T0 + 50, T0 + 51, 9000, "x")
    found = held(other, read_connections(path, DEVICE), ROOM, T0, 6000)
    assert found.trouble.startswith("no connection")


def test_what_is_no_capture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.pcapng"
    path.write_bytes(b"no capture")
    with pytest.raises(RigError, match="tshark could not read"):
        read_connections(path, DEVICE)
