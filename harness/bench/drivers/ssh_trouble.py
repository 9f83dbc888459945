"""What went wrong with a capture on another machine, from what `ssh` and that machine said."""

import re

_ADVICE = (
    (
        r"REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed|"
        r"No .* host key is known",
        "its host key is not the one that is known here: another machine may answer in its place. "
        "Look at the key there (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then put it "
        "into the known_hosts that is used",
    ),
    (
        r"Permission denied \(|Too many authentication failures",
        "it refuses the key or asks for a password, and nobody is there to type one: put a key "
        "without a passphrase there (ssh-copy-id) and name it in `ssh: identity`",
    ),
    (
        r"Could not resolve hostname",
        "there is no machine of that name: look at `ssh: host`",
    ),
    (
        r"Connection refused|No route to host|Network is unreachable|Connection timed out|"
        r"Operation timed out|timed out during banner exchange",
        "it cannot be reached: is it on, is its ssh server running, and is `ssh: port` right?",
    ),
    (
        r"(?m)^sayso: missing|: not found$|command not found",
        "dumpcap is not there: install it on that machine (sudo apt-get install wireshark-common), "
        "or name it in `ssh: program`",
    ),
    (
        r"permission to capture|Operation not permitted|You don't have permission",
        "its user may not capture: sudo dpkg-reconfigure wireshark-common, then sudo usermod -aG "
        "wireshark USER, both on that machine",
    ),
    (
        r"No such device|There is no device named|no interface",
        "it has no interface of that name: look at `tap: interface` (ip link, on that machine)",
    ),
    (
        r"sayso: clock \d+ ",
        "its `date` tells no nanoseconds, so its clock cannot be compared: install GNU coreutils "
        "there",
    ),
    (
        r"Timeout, server .* not responding|Broken pipe|Connection reset|closed by remote host|"
        r"Connection closed",
        "the connection was lost: look at the network between both machines",
    ),
)


def ssh_trouble(host: str, said: str) -> str:
    """In a sentence, what is the matter with `host`, by what was `said`; that, where nobody knows.

    The first that fits is told: causes stand before what follows from them.
    """
    for pattern, advice in _ADVICE:
        if re.search(pattern, said):
            return f"{host}: {advice} (said: {_short(said)})"
    return f"{host}: {_short(said)}"


def _short(said: str) -> str:
    """The lines that say something, joined."""
    lines = [line.strip() for line in said.splitlines() if line.strip(" @\r")]
    return " | ".join(lines[-4:]) or "nothing was said"
