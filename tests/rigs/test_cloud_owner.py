"""What the account's owner and the device ask of the reference cloud later, over real TLS."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from harness.bench.drivers.cloud_account import CloudAccount
from harness.bench.drivers.https_carrier import HttpsCarrier
from harness.bench.ports.account import AccountSettings
from harness.clock import RealClock
from harness.model.account import Stranger
from rigs.reference_cloud.services.exports import wav as wav_file
from rigs.reference_device.cloud import pcm_of
from rigs.reference_device.errors import NetworkError
from tests.rigs.cloud_program import ROOT, TOKEN, TWO_SECONDS, Cloud


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
    assert cloud.send({"contact_id": "c1", "transcript": "late"}, wav_file(TWO_SECONDS))[0] == 201
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
    cloud.send({"contact_id": "c1", "transcript": "late"}, wav_file(TWO_SECONDS))
    sent = np.arange(16_000, dtype=np.int16).tobytes()
    cloud.send({"contact_id": "c1", "transcript": "later"}, wav_file(sent))
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
