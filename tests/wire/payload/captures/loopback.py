"""What stacks say to each other on `lo`, captured by dumpcap."""

import json
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from sound import heard


@contextmanager
def captured(path, what):
    """Capture what passes the filter `what` into the file `path`, from before until after."""
    tap = subprocess.Popen(
        ["dumpcap", "-q", "-i", "lo", "-f", what, "-w", path], stderr=subprocess.PIPE
    )
    while b"File:" not in tap.stderr.readline():
        pass
    yield
    time.sleep(0.5)
    tap.terminate()
    tap.wait()


def record(target, name, port, converse):
    """Make `name`.pcapng and `name`.json in `target`, of what `converse` says over that TCP port.

    `converse` is given the sound, and returns the Unix time (s) at which its recording began.
    """
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.pcapng"
        with captured(bare, f"tcp port {port}"):
            begins = converse(heard())
        (target / f"{name}.pcapng").write_bytes(bare.read_bytes())
    (target / f"{name}.json").write_text(json.dumps({"begins_unix_s": begins}) + "\n")
