"""The sentence that tells which right is missing."""

from pathlib import Path

import pytest

from harness.bench.drivers.namespace_rights import missing_right


@pytest.mark.parametrize(
    ("switch", "value", "remedy"),
    [
        ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
        (
            "kernel/apparmor_restrict_unprivileged_userns",
            "1",
            "kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
    ],
)
def test_the_switch_that_forbids_it_is_named(
    tmp_path: Path, switch: str, value: str, remedy: str
) -> None:
    (tmp_path / switch).parent.mkdir()
    (tmp_path / switch).write_text(value + "\n")
    assert f"sudo sysctl -w {remedy}" in missing_right(tmp_path, user_id=1000)


def test_with_all_switches_on_it_is_the_user(tmp_path: Path) -> None:
    assert "Run as root (sudo)" in missing_right(tmp_path, user_id=1000)
    assert "docker run --privileged" in missing_right(tmp_path, user_id=0)
