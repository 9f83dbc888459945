"""The files for a real bench's network: what can be checked of them without one."""

import shutil
import subprocess
from pathlib import Path

import pytest

TAP = Path(__file__).resolve().parents[2] / "rigs" / "tap"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    words = [shutil.which(command[0], path="/usr/sbin:/sbin:/usr/bin:/bin") or command[0]]
    return subprocess.run(
        [*words, *command[1:]], capture_output=True, text=True, timeout=20, check=False
    )


def test_dnsmasq_takes_its_file() -> None:
    done = run("dnsmasq", "--test", f"--conf-file={TAP / 'dnsmasq.conf'}")
    assert done.returncode == 0 and "syntax check OK" in done.stderr


def test_nftables_takes_its_file() -> None:
    if run("unshare", "--map-root-user", "--net", "true").returncode:
        pytest.skip("no network namespace can be made here")
    nft = shutil.which("nft", path="/usr/sbin:/sbin") or "nft"
    done = run("unshare", "--map-root-user", "--net", nft, "-c", "-f", str(TAP / "router.nft"))
    assert done.returncode == 0, done.stderr


def test_the_access_point_keeps_no_packet_to_itself_and_no_password() -> None:
    lines = (TAP / "hostapd.conf").read_text().splitlines()
    told = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert (told["ap_isolate"], told["bridge"]) == ("1", "br0") and "wpa_passphrase" not in told


def test_the_bridge_says_how_it_is_called() -> None:
    done = run(str(TAP / "bridge.sh"))
    assert done.returncode == 3 and "bridge.sh up DEVICE_PORT NETWORK_PORT" in done.stderr
