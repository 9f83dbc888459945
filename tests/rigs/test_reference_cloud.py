"""The reference cloud, run as the program it is, over real TLS on loopback."""

import hashlib
import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from rigs.reference_cloud.services.exports import wav as wav_file
from tests.rigs.cloud_program import (
    ROOT,
    TOKEN,
    TWO_SECONDS,
    Cloud,
    answer_of,
    end,
    form,
    start,
)


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
    wav, before_s = wav_file(TWO_SECONDS), time.time()
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
    assert answer_of(connection)[0] == 201
    assert cloud.inbox()[0]["received_unix_s"] >= last_byte_s


@pytest.mark.parametrize("polite", [True, False])
def test_message_cut_short_is_not_delivered(cloud: Cloud, polite: bool) -> None:
    body, content_type = form({"contact_id": "c1"}, wav_file(TWO_SECONDS))
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
    status, answer = answer_of(connection)
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
    assert answer_of(connection)[0] == 200
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
    cloud.send({"contact_id": "c1", "transcript": "kept"}, wav_file(TWO_SECONDS))
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
