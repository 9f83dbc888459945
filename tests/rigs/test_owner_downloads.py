"""An export whose download breaks off: continued over real TLS, or told to be not whole."""

import io
import random
import signal
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.drivers.cloud_account import CloudAccount
from harness.bench.drivers.https_carrier import HttpsCarrier
from harness.clock import RealClock
from harness.errors import RigError
from tests.rigs.cloud_program import TOKEN, Cloud, end, start
from tests.rigs.cutting_proxy import CuttingProxy, cutting

SPEECH = random.Random(3).randbytes(2 * 10 * 16_000)
CUT_AFTER = 24_000


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """The program, with an account that holds ten seconds of speech."""
    cloud = start(tmp_path_factory.mktemp("cloud"))
    cloud.operator("PUT", "/operator/account", {"token": TOKEN, "contacts": ["Thomas Reed"]})
    account_by(cloud, cloud.port).prepare("home-7", {})
    assert cloud.call("POST", "/v1/speech", SPEECH)[0] == 200
    yield cloud
    assert end(cloud, signal.SIGTERM) == 0


@pytest.fixture
def proxy(cloud: Cloud) -> Iterator[CuttingProxy]:
    """A way to the cloud that can break."""
    with cutting(cloud.port) as proxy:
        yield proxy


def carrier_by(cloud: Cloud, port: int) -> HttpsCarrier:
    return HttpsCarrier(
        operator_socket=cloud.folder / "operator.sock",
        authority=cloud.authority.certificate,
        cloud_command=list,
        host="cloud.reference.test",
        address="127.0.0.1",
        port=port,
    )


def account_by(cloud: Cloud, port: int) -> CloudAccount:
    return CloudAccount(carrier_by(cloud, port), TOKEN, RealClock())


def link_to(cloud: Cloud) -> str:
    """A link to an export that is ready."""
    path = f"/operator/mail?token={TOKEN}"
    before = len(cloud.operator("GET", path)[1]["links"])
    cloud.call("POST", "/v1/account/exports")
    cloud.operator("POST", "/operator/time", {"hours": 0.01})
    links = cloud.operator("GET", path)[1]["links"]
    assert len(links) == before + 1
    return str(links[-1])


@pytest.mark.parametrize("cuts", [0, 1, 2])
def test_a_download_that_breaks_off_is_continued(
    cloud: Cloud, proxy: CuttingProxy, cuts: int
) -> None:
    path = f"/v1/exports/{link_to(cloud)}"
    proxy.cuts, proxy.after_bytes = cuts, CUT_AFTER
    answer = carrier_by(cloud, proxy.port).owner("GET", path, TOKEN)
    assert proxy.cuts == 0
    assert answer.status == 200 and len(answer.body) > len(SPEECH)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as archive:
        assert archive.testzip() is None
    assert carrier_by(cloud, cloud.port).owner("GET", path, TOKEN).status == 410


def test_one_that_always_breaks_off_is_an_error(cloud: Cloud, proxy: CuttingProxy) -> None:
    proxy.cuts, proxy.after_bytes = 99, CUT_AFTER
    with pytest.raises(RigError, match="broke off"):
        carrier_by(cloud, proxy.port).owner("GET", f"/v1/exports/{link_to(cloud)}", TOKEN)


@pytest.mark.parametrize(("mark", "after_h"), [("0" * 64, 0.0), (None, 1.0)])
def test_the_rest_is_for_who_has_the_first_part_and_in_time(
    cloud: Cloud, mark: str | None, after_h: float
) -> None:
    path = f"/v1/exports/{link_to(cloud)}"
    connection = cloud.device()
    connection.request("GET", path, headers={"Authorization": f"Bearer {TOKEN}"})
    first = connection.getresponse()
    first.read()
    connection.close()
    cloud.operator("POST", "/operator/time", {"hours": after_h})
    headers = {"Range": "bytes=100-", "If-Range": mark or first.headers["ETag"]}
    assert cloud.call("GET", path, headers=headers)[0] == 410


def test_an_export_comes_whole_over_a_link_that_breaks(
    cloud: Cloud, proxy: CuttingProxy, tmp_path: Path
) -> None:
    account = account_by(cloud, proxy.port)
    account.request_export()
    account.let_pass(0.01)
    proxy.cuts, proxy.after_bytes = 1, CUT_AFTER
    export = account.export(tmp_path)
    assert export.whole and [len(file.audio or b"") for file in export.files] == [len(SPEECH) + 44]
    assert not any(came for _, came in export.tried)
