"""The reference cloud, run as the program it is, over real TLS on loopback."""

import hashlib
import http.client
import io
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.bench.drivers.authority import Authority, open_authority
from harness.bench.drivers.cloud_account import CloudAccount
from harness.bench.drivers.https_carrier import HttpsCarrier
from harness.bench.ports.account import AccountSettings
from harness.clock import RealClock
from harness.model.account import Stranger
from rigs.reference_device.cloud import pcm_of
from rigs.reference_device.errors import NetworkError

ROOT = Path(__file__).parents[2]
TOKEN = "reference-device"
TWO_SECONDS = b"\0\0" * 32_000


@dataclass
class Cloud:
    """The running program and how to reach it."""

    folder: Path
    authority: Authority
    process: subprocess.Popen[str]
    port: int

    def device(self, host: str = "cloud.reference.test") -> "TlsTo":
        """A connection such as the device makes: any name, trusted by the rig's authority."""
        return TlsTo(self.port, host, str(self.authority.certificate))

    def call(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        token: str | None = TOKEN,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, Any]:
        """One device call: status and parsed answer."""
        connection = self.device()
        headers = dict(headers or {})
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        connection.request(method, path, body, headers)
        return _answer(connection)

    def send(
        self, fields: dict[str, str], wav: bytes | None = None, **headers: str
    ) -> tuple[int, Any]:
        """POST /v1/messages."""
        body, content_type = form(fields, wav)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call(
            "POST", "/v1/messages", body, headers={"Content-Type": content_type} | named
        )

    def operator(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """One operator call over the Unix socket."""
        connection = UnixTo(self.folder / "operator.sock")
        connection.request(method, path, None if body is None else json.dumps(body))
        return _answer(connection)

    def inbox(self) -> list[dict[str, Any]]:
        """The account's messages."""
        messages: list[dict[str, Any]] = self.operator("GET", f"/operator/inbox?token={TOKEN}")[1][
            "messages"
        ]
        return messages

    def uploads(self) -> list[dict[str, Any]]:
        """The account's uploads."""
        uploads: list[dict[str, Any]] = self.operator("GET", f"/operator/uploads?token={TOKEN}")[1][
            "uploads"
        ]
        return uploads


class TlsTo(http.client.HTTPSConnection):
    """HTTPS to loopback under any host name (the device's DNS does this on a rig)."""

    def __init__(self, port: int, host: str, ca_file: str) -> None:
        self._trust = ssl.create_default_context(cafile=ca_file)
        super().__init__(host, port, timeout=10, context=self._trust)

    def connect(self) -> None:
        """Connect to loopback, ask for the host name."""
        plain = socket.create_connection(("127.0.0.1", self.port), 10)
        self.sock = self._trust.wrap_socket(plain, server_hostname=self.host)


class UnixTo(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("operator", timeout=10)
        self._path = str(path)

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self._path)


def _answer(connection: http.client.HTTPConnection) -> tuple[int, Any]:
    response = connection.getresponse()
    content = response.read()
    is_json = response.headers.get_content_type() == "application/json"
    connection.close()
    return response.status, json.loads(content) if is_json else content


def form(fields: dict[str, str], wav: bytes | None) -> tuple[bytes, str]:
    """A multipart form and its content type."""
    parts = [
        f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if wav is not None:
        head = (
            '--edge\r\nContent-Disposition: form-data; name="audio"; filename="message.wav"\r\n'
            "Content-Type: audio/wav\r\n\r\n"
        )
        parts.append(head.encode() + wav + b"\r\n")
    return b"".join(parts) + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def wav_of(pcm: bytes) -> bytes:
    """A WAV file, 16 bit mono at 16 kHz."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(16_000)
        writer.writeframes(pcm)
    return file.getvalue()


def start(folder: Path) -> Cloud:
    """Start the program on a free port; returns once it says that it is ready."""
    authority = open_authority(folder / "authority")
    arguments = [
        *("--listen", "127.0.0.1:0", "--address", "127.0.0.1"),
        *("--operator-socket", str(folder / "operator.sock"), "--state", str(folder / "state")),
        *("--ca-cert", str(authority.certificate), "--ca-key", str(authority.key)),
        *("--ready-file", str(folder / "ready.json")),
    ]
    with (folder / "cloud.log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "rigs.reference_cloud", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said.startswith("ready "), (folder / "cloud.log").read_text()
    return Cloud(folder, authority, process, int(said.rpartition(":")[2]))


def end(cloud: Cloud, number: signal.Signals = signal.SIGKILL) -> int:
    """Send a signal, wait, and return how the program ended."""
    cloud.process.send_signal(number)
    code = cloud.process.wait(timeout=10)
    assert cloud.process.stdout is not None
    cloud.process.stdout.close()
    return code


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One program for the tests that only talk to it."""
    cloud = start(tmp_path_factory.mktemp("cloud"))
    yield cloud
    assert end(cloud, signal.SIGTERM) == 0


@pytest.fixture
def cloud(running: Cloud) -> Cloud:
    """The program with a fresh account."""
    contacts = ["Thomas Reed", "Zoë Åberg"]
    status, _ = running.operator("PUT", "/operator/account", {"token": TOKEN, "contacts": contacts})
    assert status == 200
    return running


def test_health_and_ready_file(cloud: Cloud) -> None:
    assert cloud.operator("GET", "/operator/health")[1] == {"ok": True, "version": "1.0"}
    assert json.loads((cloud.folder / "ready.json").read_text())["port"] == cloud.port


def test_operator_socket_state_and_keys_are_private(cloud: Cloud) -> None:
    for path in ("operator.sock", "state", "state/certificates/leaf.key"):
        assert (cloud.folder / path).stat().st_mode & 0o077 == 0, path


@pytest.mark.parametrize("host", ["cloud.reference.test", "api.some-maker.example", "127.0.0.1"])
def test_certificate_fits_whatever_name_is_asked_for(cloud: Cloud, host: str) -> None:
    connection = cloud.device(host)
    connection.connect()  # raises when the certificate does not fit
    connection.close()


def test_nonsense_on_the_tls_port_harms_nobody(cloud: Cloud) -> None:
    with socket.create_connection(("127.0.0.1", cloud.port), 5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(range(256)) * 8)
    with pytest.raises(ssl.SSLError):
        cloud.device("no!host!name").connect()
    assert cloud.call("GET", "/v1/contacts")[0] == 200


@pytest.mark.parametrize("token", [None, "", "somebody-else"])
def test_unknown_token_is_refused(cloud: Cloud, token: str | None) -> None:
    assert cloud.call("GET", "/v1/contacts", token=token)[0] == 401
    assert cloud.call("POST", "/v1/speech", TWO_SECONDS, token=token)[0] == 401
    assert cloud.uploads() == []


def test_contacts_are_those_of_the_account_without_the_canary(cloud: Cloud) -> None:
    assert cloud.call("GET", "/v1/contacts")[1]["contacts"] == [
        {"id": "c1", "name": "Thomas Reed"},
        {"id": "c2", "name": "Zoë Åberg"},
    ]


def test_message_is_delivered_with_its_sound_and_time(cloud: Cloud) -> None:
    wav, before_s = wav_of(TWO_SECONDS), time.time()
    status, answer = cloud.send({"contact_id": "c2", "transcript": "hi Zoë"}, wav)
    after_s = time.time()
    [message] = cloud.inbox()
    assert (status, message["id"]) == (201, answer["id"])
    assert before_s <= message.pop("received_unix_s") <= after_s
    assert message == {
        "id": answer["id"],
        "recipient": "Zoë Åberg",
        "seconds": 2.0,
        "transcript": "hi Zoë",
        "sha256": hashlib.sha256(wav).hexdigest(),
        "canary": None,
    }
    assert cloud.operator("GET", f"/operator/inbox/{answer['id']}/audio") == (200, wav)


def test_received_is_when_the_last_byte_has_come(cloud: Cloud) -> None:
    body, content_type = form({"contact_id": "c1", "transcript": "slow"}, None)
    connection = cloud.device()
    connection.putrequest("POST", "/v1/messages")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Type", content_type)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:-20])
    assert cloud.inbox() == []  # a round trip by which the first part has certainly arrived
    last_byte_s = time.time()
    connection.send(body[-20:])
    assert _answer(connection)[0] == 201
    assert cloud.inbox()[0]["received_unix_s"] >= last_byte_s


@pytest.mark.parametrize("polite", [True, False])
def test_message_cut_short_is_not_delivered(cloud: Cloud, polite: bool) -> None:
    body, content_type = form({"contact_id": "c1"}, wav_of(TWO_SECONDS))
    connection = cloud.device()
    connection.putrequest("POST", "/v1/messages")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Content-Type", content_type)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body[:-50])
    if polite:
        connection.sock.shutdown(socket.SHUT_RDWR)
    connection.close()
    assert cloud.send({"contact_id": "c1", "transcript": "whole"})[0] == 201
    assert [message["transcript"] for message in cloud.inbox()] == ["whole"]


def test_each_post_is_a_delivery_unless_a_key_says_that_it_is_the_same(cloud: Cloud) -> None:
    fields = {"contact_id": "c1", "transcript": "again"}
    assert cloud.send(fields)[1] != cloud.send(fields)[1]
    assert len(cloud.inbox()) == 2
    first = cloud.send(fields, Idempotency_Key="k1")
    assert first == cloud.send(fields, Idempotency_Key="k1")
    assert len(cloud.inbox()) == 3


def test_canary_is_delivered_with_its_nonce(cloud: Cloud) -> None:
    fields = {"contact_id": "sayso-canary", "transcript": "canary"}
    assert cloud.send(fields, X_Sayso_Canary="n-1")[0] == 201
    [message] = cloud.inbox()
    assert (message["recipient"], message["canary"]) == ("Sayso Canary", "n-1")


def test_message_that_is_not_right_is_refused_with_a_reason(cloud: Cloud) -> None:
    assert cloud.send({"contact_id": "c9", "transcript": "x"})[0] == 404
    assert cloud.send({"transcript": "x"})[0] == 404
    status, answer = cloud.send({"contact_id": "c1"})
    assert status == 400 and "transcript" in answer["error"]
    assert cloud.call("POST", "/v1/messages", b"{}")[0] == 400
    broken = {"Content-Type": "multipart/form-data; boundary=edge"}
    assert cloud.call("POST", "/v1/messages", b"no form", headers=broken)[0] == 400
    assert cloud.inbox() == []


def test_sound_that_is_no_wav_is_kept_all_the_same(cloud: Cloud) -> None:
    answer = cloud.send({"contact_id": "c1"}, b"not a wav")[1]
    assert cloud.inbox()[0]["seconds"] is None
    assert cloud.operator("GET", f"/operator/inbox/{answer['id']}/audio")[1] == b"not a wav"


def test_streamed_speech_is_kept_with_first_and_last_time(cloud: Cloud) -> None:
    before_s, first_seen_s = time.time(), 0.0

    def pieces() -> Iterator[bytes]:
        nonlocal first_seen_s
        yield TWO_SECONDS[:32_000]
        while not cloud.uploads() or not cloud.uploads()[0]["bytes"]:
            time.sleep(0.01)  # the cloud shows what has come while the rest is still to come
        first_seen_s = time.time()
        assert cloud.uploads()[0]["complete"] is False
        yield TWO_SECONDS[32_000:]

    connection = cloud.device()
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "audio/L16; rate=16000"}
    connection.request("POST", "/v1/speech", pieces(), headers, encode_chunked=True)
    status, answer = _answer(connection)
    [upload] = cloud.uploads()
    assert status == 200 and answer == {"id": upload["id"], "seconds": 2.0}
    assert (
        before_s <= upload["first_unix_s"] <= first_seen_s <= upload["last_unix_s"] <= time.time()
    )
    assert (upload["bytes"], upload["seconds"], upload["complete"]) == (64_000, 2.0, True)


def test_speech_cut_short_keeps_what_came(cloud: Cloud) -> None:
    connection = cloud.device()
    connection.putrequest("POST", "/v1/speech")
    connection.putheader("Authorization", f"Bearer {TOKEN}")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(b"7d00\r\n" + TWO_SECONDS[:32_000] + b"\r\n")
    while not cloud.uploads() or cloud.uploads()[0]["bytes"] < 32_000:
        time.sleep(0.01)
    connection.close()
    assert cloud.call("GET", "/v1/contacts")[0] == 200
    [upload] = cloud.uploads()
    assert (upload["seconds"], upload["complete"]) == (1.0, False)


def test_speech_that_goes_on_after_the_account_was_emptied_is_shown(cloud: Cloud) -> None:
    def pieces() -> Iterator[bytes]:
        yield TWO_SECONDS[:32_000]
        while sum(upload["bytes"] for upload in cloud.uploads()) < 32_000:
            time.sleep(0.01)
        cloud.operator("PUT", "/operator/account", {"token": TOKEN, "contacts": []})
        assert cloud.uploads() == []
        yield TWO_SECONDS[32_000:]

    connection = cloud.device()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    connection.request("POST", "/v1/speech", pieces(), headers, encode_chunked=True)
    assert _answer(connection)[0] == 200
    [upload] = cloud.uploads()
    assert upload["bytes"] == 32_000


@pytest.mark.parametrize("path", ["/v1/heartbeat", "/v1/telemetry"])
def test_heartbeat_and_telemetry_take_json(cloud: Cloud, path: str) -> None:
    assert cloud.call("POST", path, b'{"uptime_s": 4}')[0] == 204
    assert cloud.call("POST", path, b"\xff{")[0] == 400


def test_replacing_an_account_empties_it_and_keeps_ids_apart(cloud: Cloud) -> None:
    old = cloud.send({"contact_id": "c1", "transcript": "old"})[1]["id"]
    cloud.operator("PUT", "/operator/account", {"token": TOKEN, "contacts": ["Ann Lee"]})
    assert (cloud.inbox(), cloud.uploads()) == ([], [])
    assert cloud.call("GET", "/v1/contacts")[1]["contacts"] == [{"id": "c1", "name": "Ann Lee"}]
    assert cloud.send({"contact_id": "c1", "transcript": "new"})[1]["id"] != old
    assert cloud.operator("GET", f"/operator/inbox/{old}/audio")[0] == 404


@pytest.mark.parametrize(
    "body", [None, [], {"token": ""}, {"token": 4, "contacts": []}, {"token": "t", "contacts": [1]}]
)
def test_operator_is_told_what_is_wrong_with_an_account(cloud: Cloud, body: object) -> None:
    status, answer = cloud.operator("PUT", "/operator/account", body)
    assert status == 400 and answer["error"]


def test_operator_asking_for_an_account_that_is_not_there_gets_404(cloud: Cloud) -> None:
    assert cloud.operator("GET", "/operator/inbox?token=nobody")[0] == 404
    assert cloud.operator("GET", "/operator/uploads?token=nobody")[0] == 404


def test_what_was_accepted_survives_a_kill(tmp_path: Path) -> None:
    cloud = start(tmp_path)
    cloud.operator("PUT", "/operator/account", {"token": TOKEN, "contacts": ["Thomas Reed"]})
    cloud.send({"contact_id": "c1", "transcript": "kept"}, wav_of(TWO_SECONDS))
    cloud.call("POST", "/v1/speech", TWO_SECONDS)
    before = cloud.inbox(), cloud.uploads()
    end(cloud, signal.SIGKILL)
    cloud = start(tmp_path)
    assert (cloud.inbox(), cloud.uploads()) == before
    assert cloud.call("GET", "/v1/contacts")[1]["contacts"] == [{"id": "c1", "name": "Thomas Reed"}]
    assert end(cloud, signal.SIGTERM) == 0
    assert not (tmp_path / "operator.sock").exists()


def test_a_cut_connection_is_logged_in_one_line(cloud: Cloud) -> None:
    test_speech_cut_short_keeps_what_came(cloud)
    log = (cloud.folder / "cloud.log").read_text()
    assert "cut by the device: POST /v1/speech" in log
    assert "Traceback" not in log


def test_a_start_that_cannot_work_says_why(tmp_path: Path) -> None:
    arguments = ["--operator-socket", "op.sock", "--state", "state", "--ca-cert", "none.crt"]
    command = [sys.executable, "-m", "rigs.reference_cloud", *arguments, "--ca-key", "none.key"]
    result = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert result.returncode == 1
    assert "reference cloud: cannot start" in result.stderr and "none.crt" in result.stderr


def account_of(cloud: Cloud) -> CloudAccount:
    """The account, asked as its owner does: over real TLS, by a program of its own."""
    carrier = HttpsCarrier(
        operator_socket=cloud.folder / "operator.sock",
        authority=cloud.authority.certificate,
        cloud_command=list,
        host="cloud.reference.test",
        address="127.0.0.1",
        port=cloud.port,
    )
    account = CloudAccount(carrier, TOKEN, RealClock())
    account.prepare("home-7", {})
    return account


def test_an_owner_hears_deletes_and_exports_over_https(cloud: Cloud, tmp_path: Path) -> None:
    account = account_of(cloud)
    assert cloud.call("POST", "/v1/speech", TWO_SECONDS)[0] == 200
    assert cloud.send({"contact_id": "c1", "transcript": "late"}, wav_of(TWO_SECONDS))[0] == 201
    speech, message = account.history().items
    assert (speech.kind, message.kind, message.recipient) == (
        "interaction",
        "message",
        "Thomas Reed",
    )
    assert speech.audio_sha256 in account.witnessed()
    sound = account.audio(speech.id)
    assert sound is not None and sound.endswith(TWO_SECONDS)
    account.request_export()
    export = account.export(tmp_path)
    assert export.whole and {file.entry_id for file in export.files} == {speech.id, message.id}
    assert len(export.tried) == len(Stranger)
    assert not any(came for _, came in export.tried)
    account.delete([speech.id])
    assert [item.id for item in account.history().items] == [message.id]


def fetched_by_device(cloud: Cloud) -> bytes:
    """What the device fetches to play; in a program of its own, as trust is by environment."""
    code = (
        "import sys; from rigs.reference_device.cloud import Cloud\n"
        "pcm = Cloud(sys.argv[1], sys.argv[2]).last_message()\n"
        "sys.stdout.buffer.write(b'nothing' if pcm is None else pcm.tobytes())"
    )
    trusts = {**os.environ, "SSL_CERT_FILE": str(cloud.authority.certificate)}
    command = [sys.executable, "-c", code, f"https://localhost:{cloud.port}", TOKEN]
    done = subprocess.run(command, env=trusts, cwd=ROOT, capture_output=True, check=True)
    return done.stdout


def test_the_last_message_is_had_over_https_until_it_is_deleted(cloud: Cloud) -> None:
    account, last = account_of(cloud), "/v1/messages/last/audio"
    assert cloud.call("GET", last)[0] == 404
    cloud.send({"contact_id": "c1", "transcript": "late"}, wav_of(TWO_SECONDS))
    sent = np.arange(16_000, dtype=np.int16).tobytes()
    cloud.send({"contact_id": "c1", "transcript": "later"}, wav_of(sent))
    assert fetched_by_device(cloud) == sent
    account.delete([account.history().items[-1].id])
    status, wav = cloud.call("GET", last)
    assert status == 200 and pcm_of(wav).tobytes() == TWO_SECONDS
    account.delete(())
    assert fetched_by_device(cloud) == b"nothing"


def test_what_is_no_recording_is_not_played() -> None:
    with pytest.raises(NetworkError, match="no WAV"):
        pcm_of(b"nothing of the kind")


def test_settings_hold_over_https(cloud: Cloud) -> None:
    account = account_of(cloud)
    account.change(AccountSettings(communications=False))
    status, answer = cloud.send({"contact_id": "c1", "transcript": "late"})
    assert status == 403 and "communications are off" in answer["error"]
    canary = cloud.send({"contact_id": "sayso-canary", "transcript": "c"}, X_Sayso_Canary="n")
    assert canary[0] == 201  # else nobody could prove that the inbox works
    assert account.settings() == AccountSettings(False, False, ())


@pytest.mark.parametrize(
    ("method", "path", "token", "status"),
    [
        ("GET", "/v1/account/history", None, 401),
        ("GET", "/v1/account/history", "nobody", 401),
        ("GET", "/v1/exports/anything", None, 401),
        ("GET", "/v1/exports/anything", TOKEN, 404),
        ("GET", "/v1/account/history/..%2f..%2fowners/audio", TOKEN, 404),
        ("DELETE", "/v1/account/history?from=yesterday&until=now", TOKEN, 400),
        ("DELETE", "/v1/account/history?from=1", TOKEN, 400),
        ("PUT", "/v1/account/voices/mark", TOKEN, 400),
    ],
)
def test_what_an_owner_cannot_have_is_refused(
    cloud: Cloud, method: str, path: str, token: str | None, status: int
) -> None:
    account_of(cloud)
    assert cloud.call(method, path, token=token)[0] == status


@pytest.mark.parametrize("body", [b"", b"[]", b'{"communications": "off"}', b'{"admin": true}'])
def test_settings_that_make_no_sense_are_refused(cloud: Cloud, body: bytes) -> None:
    account = account_of(cloud)
    assert cloud.call("PUT", "/v1/account/settings", body)[0] == 400
    assert account.settings().communications is True
