"""Which right is missing when namespaces cannot be made, and the command that gives it."""

import os
from pathlib import Path

_SWITCHES = (
    ("kernel/unprivileged_userns_clone", "0", "kernel.unprivileged_userns_clone=1"),
    (
        "kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "kernel.apparmor_restrict_unprivileged_userns=0",
    ),
    ("user/max_user_namespaces", "0", "user.max_user_namespaces=10000"),
    ("user/max_net_namespaces", "0", "user.max_net_namespaces=10000"),
)


def missing_right(sysctls: Path = Path("/proc/sys"), user_id: int | None = None) -> str:
    """A sentence for the person at the keyboard, by the kernel's switches under `sysctls`."""
    is_root = (os.geteuid() if user_id is None else user_id) == 0
    for name, forbidding, remedy in _SWITCHES:
        path = sysctls / name
        if path.exists() and path.read_text().strip() == forbidding:
            switch = name.replace("/", ".")
            return (
                f"The missing right: {switch} is {forbidding}, which forbids it. "
                f"Give it with: sudo sysctl -w {remedy}"
            )
    if is_root:
        return (
            "The missing right: CAP_SYS_ADMIN and CAP_NET_ADMIN, though this is root: likely a "
            "container. Start it with them, for instance: docker run --privileged"
        )
    return (
        "The missing right: root, or unprivileged user namespaces. "
        "Run as root (sudo), or see which policy forbids `unshare --user --map-root-user --net`"
    )
